import type { Stack } from './stack.ts';

const flask: Stack = {
  id: 'flask',
  name: 'Flask',
  session: 'The whole session, readable in the cookie and signed. Nothing is on the server.',
  signs: [
    { proofValue: /^\.?[\w-]{2,}\.[\w-]{6}\.[\w-]{27}$/, weighs: 3 },
    { proofName: /^session$/, weighs: 1 },
    { header: 'server', like: /^Werkzeug\//, weighs: 2 },
  ],
  fixes: {
    'cookie-secure': '`SESSION_COOKIE_SECURE = True`.',
    'cookie-httponly': 'Leave `SESSION_COOKIE_HTTPONLY` at True.',
    'cookie-samesite': '`SESSION_COOKIE_SAMESITE = "Lax"`.',
    'cookie-prefix': '`SESSION_COOKIE_NAME = "__Host-session"` with `SESSION_COOKIE_SECURE = True`.',
    'cookie-scope': 'Leave out `SESSION_COOKIE_DOMAIN`.',
    'cookie-lifetime': 'Make `PERMANENT_SESSION_LIFETIME` shorter; it is 31 days by default.',
    'page-caching': 'Set `Cache-Control: no-store` in a function of `after_request`.',
    'session-fixation':
      '`session.clear()` at the sign-in before anything is written; with Flask-Session also `session.regenerate()` of its interface.',
    'token-renewal':
      "Flask keeps nothing on the server, so an older cookie stays good: keep an identifier of each session there and compare it, or take Flask-Session. With Flask-Login, `session_protection = 'strong'` ties it to a browser, and does not end it.",
    'sign-out-replay':
      '`session.clear()` deletes the cookie of the own browser and nothing else. Keep an identifier of each session on the server and forget it at the sign-out, or take Flask-Session, which keeps sessions there.',
    'session-rollback': 'Keep on the server what must not go back, and only its identifier in `session`.',
    'lost-updates':
      'Two answers at the same time each set a cookie, and the browser keeps one: keep on the server what must not be lost.',
    'sign-out-get': '`@app.post("/logout")`.',
    'error-page': 'Never `debug=True` where others can reach it.',
    'password-change':
      'Keep a number with the user that rises with each change of the password, write it into the session, and compare it at each request.',
  },
};

const django: Stack = {
  id: 'django',
  name: 'Django',
  session: 'An identifier. The session is on the server.',
  signs: [
    { proofName: /^sessionid$/, weighs: 2 },
    { proofValue: /^[a-z\d]{32}$/, weighs: 1 },
    { cookieName: /^csrftoken$/, weighs: 1 },
    { field: /^csrfmiddlewaretoken$/, weighs: 2 },
  ],
  fixes: {
    'cookie-secure': '`SESSION_COOKIE_SECURE = True`, and `CSRF_COOKIE_SECURE = True`.',
    'cookie-httponly': 'Leave `SESSION_COOKIE_HTTPONLY` at True.',
    'cookie-samesite': "Leave `SESSION_COOKIE_SAMESITE` at 'Lax'.",
    'cookie-prefix': "`SESSION_COOKIE_NAME = '__Host-sessionid'` with `SESSION_COOKIE_SECURE = True`.",
    'cookie-scope': 'Leave out `SESSION_COOKIE_DOMAIN`.',
    'cookie-lifetime': 'Make `SESSION_COOKIE_AGE` shorter; it is two weeks by default.',
    hsts: '`SECURE_HSTS_SECONDS = 31536000` and the SecurityMiddleware.',
    'https-redirect': '`SECURE_SSL_REDIRECT = True`.',
    'page-caching': '`@never_cache` on the views of who is signed in: `login_required` does not say so.',
    'session-fixation': 'Sign in by `django.contrib.auth.login()`, or call `request.session.cycle_key()`.',
    'token-renewal':
      '`login()` keeps the key where the same user signs in once more: call `request.session.cycle_key()` after it, as in `form_valid` of a LoginView of your own.',
    'step-up-renewal': '`request.session.cycle_key()` where the right is gained.',
    'account-switch':
      'Sign in by `django.contrib.auth.login()`, which throws away the session of another user.',
    'sign-out-replay':
      '`django.contrib.auth.logout(request)`; with the engine `signed_cookies` no sign-out ends anything, so take `db`, `cache` or `cached_db`.',
    'sign-out-get':
      'LogoutView answers to GET as well before Django 5.0: use it by POST alone, with `require_POST`.',
    'session-rollback': 'Take the engine `db`, `cache` or `cached_db` instead of `signed_cookies`.',
    'lost-updates':
      'The session is read and saved whole. Keep what must not be lost in a model, and change it there with `F()` or in a transaction with `select_for_update()`.',
    'password-change':
      'The AuthenticationMiddleware ends other sessions when the password changes; `update_session_auth_hash()` keeps the own. A user model of your own needs `get_session_auth_hash()`.',
    'idle-timeout': '`SESSION_COOKIE_AGE = 1800` with `SESSION_SAVE_EVERY_REQUEST = True`.',
    'absolute-timeout':
      'There is no setting for it: write the time of the sign-in into the session, and call `logout()` in a middleware once it is too old.',
  },
};

const djangoInCookie: Stack = {
  ...django,
  id: 'django-signed-cookies',
  name: 'Django with signed cookies',
  session: 'The whole session, readable in the cookie and signed. Nothing is on the server.',
  signs: [
    { proofValue: /^\.?[\w-]+:[\w-]{6}:[\w-]{27,43}$/, weighs: 3 },
    { cookieName: /^csrftoken$/, weighs: 1 },
    { field: /^csrfmiddlewaretoken$/, weighs: 2 },
  ],
  fixes: {
    ...django.fixes,
    'token-renewal': 'Take the engine `db`, `cache` or `cached_db` instead of `signed_cookies`.',
  },
};

export const pythonStacks: readonly Stack[] = [django, djangoInCookie, flask];
