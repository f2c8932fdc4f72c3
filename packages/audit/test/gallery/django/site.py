"""Notes on Django with its own sign-in, sessions and protection of forms. What is wrong with it is named by the first argument."""

import os
import secrets
import sys
import time
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings

flaw = sys.argv[1]
user, password, folder = sys.argv[2:5]

SIGN_IN = '<form method="post">{% csrf_token %}{{ form.as_p }}<button>Sign in</button></form>'
NOTES = (
    "<h1>Notes of {{ user.username }}</h1><p>Notes: {{ count }}</p>"
    '<form method="post" action="/logout/">{% csrf_token %}<button>Sign out</button></form>'
)

settings.configure(
    SECRET_KEY=secrets.token_hex(32),
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    ("django.template.loaders.locmem.Loader", {"sign-in.html": SIGN_IN, "notes.html": NOTES})
                ],
                "context_processors": ["django.contrib.auth.context_processors.auth"],
            },
        }
    ],
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(folder, "db"), "OPTIONS": {"timeout": 20}}
    },
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    # Tables as the models say: nothing older is there to be brought up to date.
    MIGRATION_MODULES={"auth": None, "contenttypes": None, "sessions": None},
    # Signing in is slow on purpose, and the auditor signs in often.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    SESSION_ENGINE="django.contrib.sessions.backends." + ("signed_cookies" if flaw == "session in the cookie" else "db"),
    SESSION_COOKIE_SECURE=flaw != "cookie by default",
    SESSION_COOKIE_NAME="sessionid" if flaw == "cookie by default" else "__Host-sessionid",
    SESSION_COOKIE_AGE=86400,
    CSRF_COOKIE_SECURE=True,
    LOGIN_URL="/login/",
    LOGIN_REDIRECT_URL="/notes/",
    LOGOUT_REDIRECT_URL="/",
)
django.setup()

from django.contrib.auth import logout  # noqa: E402
from django.contrib.auth.decorators import login_required  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.auth.views import LoginView, LogoutView  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse, HttpResponseRedirect  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.cache import never_cache  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402
from django.views.decorators.http import require_POST  # noqa: E402

# What a request adds, where it is kept apart from the session.
added: dict[str, list[None]] = {}


def index(request):
    return HttpResponse('<a href="/login/">Sign in</a>')


@login_required
def notes(request):
    count = request.session.get("count", 0) if flaw == "count in the session" else len(added.get(request.session.session_key, []))
    return render(request, "notes.html", {"count": count})


@csrf_exempt
@require_POST
@login_required
def note(request):
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return HttpResponse(status=403)
    if flaw == "count in the session":
        count = request.session.get("count", 0)
        # As if it asked another service.
        time.sleep(0.05)
        request.session["count"] = count + 1
    else:
        added.setdefault(request.session.session_key, []).append(None)
    return HttpResponseRedirect("/notes/")


class Renewing(LoginView):
    """login() keeps the key where the same user signs in once more."""

    def form_valid(self, form):
        response = super().form_valid(form)
        self.request.session.cycle_key()
        return response


@require_POST
def sign_out(request):
    logout(request)
    return HttpResponseRedirect("/")


urlpatterns = [
    path("", index),
    path("login/", (LoginView if flaw == "LoginView" else Renewing).as_view(template_name="sign-in.html")),
    path("logout/", LogoutView.as_view() if flaw == "LogoutView" else sign_out),
    path("notes/", notes if flaw == "without never_cache" else never_cache(notes)),
    path("note/", note),
]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


call_command("migrate", run_syncdb=True, verbosity=0)
User.objects.create_user(user, password=password)
# Another one, where there are to be two.
for name, secret in zip(sys.argv[5::2], sys.argv[6::2]):
    User.objects.create_user(name, password=secret)
server = make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet)
print(f"port {server.server_port}.", flush=True)
server.serve_forever()
