"""Notes on Flask, whose sessions are kept in the cookie, signed. What is wrong with it is named by the first argument."""

import secrets
import sys

from flask import Flask, abort, redirect, request, session
from werkzeug.serving import make_server

flaw = sys.argv[1]
user, password = sys.argv[2:4]

app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)
if flaw != "cookie by default":
    app.config.update(
        SESSION_COOKIE_NAME="__Host-session",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )

# Which sessions are good, and the note of each: the cookie has the identifier.
live: dict[str, str] = {}


@app.before_request
def refuse_other_sites():
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(403)


@app.after_request
def keep_private(response):
    response.headers["Cache-Control"] = "no-store"
    return response


def who():
    if flaw == "nothing on the server":
        return session.get("user")
    return session.get("user") if session.get("id") in live else None


@app.get("/")
def index():
    return '<a href="/login">Sign in</a>'


@app.get("/login")
def form():
    return '<form method="post"><input name="user"><input name="password" type="password"><button>Sign in</button></form>'


@app.post("/login")
def sign_in():
    if request.form.get("user") != user or request.form.get("password") != password:
        abort(401)
    live.pop(session.get("id"), None)
    session.clear()
    session["user"] = user
    session["id"] = secrets.token_hex(16)
    live[session["id"]] = ""
    return redirect("/notes", 303)


@app.get("/notes")
def notes():
    if who() is None:
        return redirect("/login", 303)
    note = session.get("note", "") if flaw == "note in the cookie" else live.get(session["id"], "")
    return f'<h1>Notes of {user}</h1><p>{note}</p><form method="post" action="/logout"><button>Sign out</button></form>'


@app.post("/note")
def write():
    if who() is None:
        abort(401)
    if flaw == "note in the cookie":
        session["note"] = request.form["note"]
    else:
        note = request.form["note"]
        if session["id"] in live or flaw == "written without a look":
            live[session["id"]] = note
    return redirect("/notes", 303)


@app.post("/logout")
def sign_out():
    live.pop(session.get("id"), None)
    session.clear()
    return redirect("/", 303)


server = make_server("127.0.0.1", 0, app, threaded=True)
print(f"port {server.server_port}.", flush=True)
server.serve_forever()
