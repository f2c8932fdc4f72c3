import type { Stack } from './stack.ts';

const php: Stack = {
  id: 'php',
  name: 'PHP sessions',
  session: 'An identifier. The session is on the server, by default in a file.',
  signs: [
    { proofName: /^PHPSESSID$/, weighs: 3 },
    { header: 'x-powered-by', like: /^PHP\//, weighs: 3 },
    { path: /\.php$/, weighs: 2 },
    { proofValue: /^[\da-v]{26}$/, weighs: 1 },
  ],
  fixes: {
    'cookie-secure': '`session.cookie_secure=1` in php.ini, or `session_set_cookie_params`.',
    'cookie-httponly': '`session.cookie_httponly=1`.',
    'cookie-samesite': '`session.cookie_samesite=Lax`.',
    'cookie-prefix': '`session.name=__Host-sid` with `session.cookie_secure=1`.',
    'cookie-scope': 'Leave `session.cookie_domain` empty.',
    'cookie-lifetime': '`session.cookie_lifetime=0`.',
    'page-caching': 'Leave `session.cache_limiter` at `nocache`, or send `Cache-Control: no-store`.',
    'token-in-address': '`session.use_only_cookies=1` and `session.use_trans_sid=0`, which are the defaults.',
    'session-fixation': '`session.use_strict_mode=1`, and `session_regenerate_id(true)` at the sign-in.',
    'token-renewal':
      '`session_regenerate_id(true)` each time that the password was right; without `true` the old one stays.',
    'step-up-renewal': '`session_regenerate_id(true)` where the right is gained.',
    'account-switch': '`$_SESSION = []; session_regenerate_id(true);` at every sign-in.',
    'cookie-by-link': '`session.use_strict_mode=1`, and no `session_id($_GET[…])`.',
    'sign-out-replay':
      '`$_SESSION = []; session_destroy();` at the sign-out. Deleting the cookie does nothing on the server.',
    'cookie-deletion':
      "`setcookie(session_name(), '', ['expires' => 1] + …)` with what `session_get_cookie_params()` says: `session_destroy()` leaves the cookie.",
    'sign-out-get': "Sign out where `$_SERVER['REQUEST_METHOD'] === 'POST'`, and not otherwise.",
    'error-page': '`display_errors=0`.',
    'idle-timeout':
      '`session.gc_maxlifetime` is when a file may be removed, and not when it is: write the time of the last request into the session, and compare it.',
    'absolute-timeout': 'Write the time of the sign-in into the session, and destroy it once it is too old.',
    'lost-updates':
      'Sessions in files wait for each other. A handler in Redis or Memcached has to be told: `redis.session.locking_enabled=1`.',
  },
};

const laravel: Stack = {
  id: 'laravel',
  name: 'Laravel',
  session: 'An encrypted identifier. The session is on the server.',
  signs: [
    { proofValue: /^eyJpdiI6/, weighs: 3 },
    { proofName: /^laravel[_-]session$/, weighs: 3 },
    { cookieName: /^XSRF-TOKEN$/, weighs: 1 },
    { field: /^_token$/, weighs: 1 },
  ],
  fixes: {
    'cookie-secure': '`SESSION_SECURE_COOKIE=true` in .env.',
    'cookie-httponly': "`'http_only' => true` in config/session.php.",
    'cookie-samesite': "`'same_site' => 'lax'` in config/session.php.",
    'cookie-prefix': '`SESSION_COOKIE=__Host-session` with `SESSION_SECURE_COOKIE=true`.',
    'page-caching': 'The middleware `cache.headers:no_store` on the routes of who is signed in.',
    'session-fixation': '`$request->session()->regenerate()` after `Auth::attempt()`.',
    'token-renewal': '`$request->session()->regenerate(true)`, also where the password is confirmed.',
    'step-up-renewal': '`$request->session()->regenerate(true)` where the right is gained.',
    'account-switch':
      '`$request->session()->invalidate()` before `Auth::attempt()`, where somebody is signed in already.',
    'sign-out-replay':
      '`Auth::logout(); $request->session()->invalidate(); $request->session()->regenerateToken();`; with the driver `cookie` no sign-out ends anything, so take another.',
    'sign-out-get': '`Route::post` for the sign-out.',
    'lost-updates': '`Route::…->block()`, so that requests of one session wait for each other.',
    'session-rollback': 'Take another driver than `cookie`.',
    'password-change': '`Auth::logoutOtherDevices($password)` with the middleware `auth.session`.',
    'idle-timeout': '`SESSION_LIFETIME`, in minutes.',
  },
};

const wordpress: Stack = {
  id: 'wordpress',
  name: 'WordPress',
  session: 'The name of the user, an end, and a token, signed. The tokens of each user are in the database.',
  signs: [{ proofName: /^wordpress_(?:logged_in|sec)_/, weighs: 3 }],
  fixes: {
    'sign-out-replay': '`wp_logout()`, which ends the token; a plug-in may have replaced it.',
    'password-change': '`WP_Session_Tokens::get_instance($user)->destroy_others($token)`.',
  },
};

export const phpStacks: readonly Stack[] = [laravel, wordpress, php];
