import type { Stack } from './stack.ts';

const servlet: Stack = {
  id: 'servlet',
  name: 'Java servlets',
  session: 'An identifier. The session is in the memory of the container.',
  signs: [
    { proofName: /^JSESSIONID$/, weighs: 3 },
    { proofValue: /^[\dA-F]{32}(?:\.\w+)?$/, weighs: 1 },
    { path: /\.(?:jsp|do|action|xhtml)$/, weighs: 2 },
  ],
  fixes: {
    'cookie-secure': '`<cookie-config><secure>true</secure></cookie-config>` in web.xml.',
    'cookie-httponly': '`<cookie-config><http-only>true</http-only></cookie-config>` in web.xml.',
    'cookie-samesite':
      'In Tomcat `<CookieProcessor sameSiteCookies="lax"/>` in the Context; in Spring Boot `server.servlet.session.cookie.same-site=lax`.',
    'cookie-prefix':
      '`<cookie-config><name>__Host-JSESSIONID</name><secure>true</secure></cookie-config>`, for an application at `/`.',
    'page-caching':
      '`response.setHeader("Cache-Control", "no-store")` in a filter; Spring Security does so by itself.',
    'token-in-address': '`<tracking-mode>COOKIE</tracking-mode>` in the `<session-config>` of web.xml.',
    'session-fixation': '`request.changeSessionId()` at the sign-in; Spring Security does so by itself.',
    'token-renewal': '`request.changeSessionId()` each time that the password was right.',
    'step-up-renewal': '`request.changeSessionId()` where the right is gained.',
    'account-switch':
      '`session.invalidate()` before the sign-in, where somebody is signed in already: `changeSessionId()` keeps what the session holds.',
    'sign-out-replay': '`session.invalidate()` at the sign-out.',
    'cookie-deletion':
      'Add a cookie of the same name and path with `setMaxAge(0)`; in Spring Security `logout().deleteCookies("JSESSIONID")`.',
    'lost-updates':
      'All requests share the one session object: keep in it what is safe for several threads, as AtomicInteger or ConcurrentHashMap, and never read, add and set.',
    'password-change':
      'In Spring Security a SessionRegistry, and `expireNow()` for the other sessions of the user.',
    'idle-timeout': '`<session-timeout>30</session-timeout>` in web.xml, in minutes.',
    'absolute-timeout': 'Compare `session.getCreationTime()` in a filter, and invalidate what is too old.',
  },
};

const springSession: Stack = {
  ...servlet,
  id: 'spring-session',
  name: 'Spring Session',
  session: 'An identifier. The session is in a store such as Redis or a database.',
  signs: [
    { proofName: /^SESSION$/, weighs: 2 },
    { proofValue: /^[A-Za-z\d+/]{48}$/, weighs: 1 },
  ],
  fixes: {
    ...servlet.fixes,
    'lost-updates':
      'Changed attributes are written one by one, the same attribute is overwritten: split it, or keep it in a database.',
    'password-change':
      '`FindByIndexNameSessionRepository.findByPrincipalName(name)`, and `deleteById` for all but the own.',
  },
};

const rails: Stack = {
  id: 'rails',
  name: 'Ruby on Rails',
  session: 'The whole session, encrypted in the cookie. Nothing is on the server.',
  signs: [
    { proofValue: /^[\w%+/=]{20,}--[\w%+/=]{16,}--[\w%+/=]{16,}$/, weighs: 3 },
    { proofName: /^_\w+_session$/, weighs: 2 },
    { field: /^authenticity_token$/, weighs: 2 },
    { header: 'x-runtime', like: /^\d+\.\d+$/, weighs: 1 },
  ],
  fixes: {
    'cookie-secure': '`config.force_ssl = true`.',
    'cookie-samesite': '`config.action_dispatch.cookies_same_site_protection = :lax`.',
    'cookie-prefix': '`config.session_store :cookie_store, key: "__Host-session", secure: true`.',
    'page-caching': '`response.headers["Cache-Control"] = "no-store"` in a `before_action`.',
    'session-fixation': '`reset_session` at the sign-in.',
    'token-renewal':
      '`reset_session`, with a store on the server: of a cookie that holds the session, older ones stay good.',
    'sign-out-replay':
      '`reset_session` with a store on the server (`:active_record_store`, `:cache_store`). With the cookie store it deletes the cookie and nothing else; the sessions of the generator of Rails 8 are rows, which `terminate_session` deletes.',
    'session-rollback': 'A store on the server instead of the cookie store.',
    'lost-updates': 'Keep what must not be lost in a model, and change it in one statement or `with_lock`.',
    'password-change':
      'Delete the rows of the user in the table of sessions; Devise does so by the salt of the password.',
    'idle-timeout': '`expire_after: 30.minutes` of the session store; with Devise `:timeoutable`.',
  },
};

const aspNetCore: Stack = {
  id: 'asp-net-core',
  name: 'ASP.NET Core',
  session:
    'A ticket that is encrypted in the cookie, or an identifier where sessions are kept on the server.',
  signs: [
    { proofValue: /^CfDJ8/, weighs: 3 },
    { proofName: /^\.AspNetCore\./, weighs: 3 },
    { field: /^__RequestVerificationToken$/, weighs: 1 },
    { header: 'server', like: /^Kestrel$/, weighs: 1 },
  ],
  fixes: {
    'cookie-secure': '`options.Cookie.SecurePolicy = CookieSecurePolicy.Always`.',
    'cookie-httponly': '`options.Cookie.HttpOnly = true`.',
    'cookie-samesite': '`options.Cookie.SameSite = SameSiteMode.Lax`.',
    'cookie-prefix': '`options.Cookie.Name = "__Host-auth"` with `SecurePolicy = Always`.',
    'page-caching': '`[ResponseCache(NoStore = true, Location = ResponseCacheLocation.None)]`.',
    'sign-out-replay':
      '`SignOutAsync()` deletes the cookie and nothing else, unless tickets are kept on the server: set `options.SessionStore` to an ITicketStore.',
    'token-renewal':
      'Keep tickets on the server (`options.SessionStore`), and remove the old one at a new sign-in.',
    'session-rollback': 'Keep tickets on the server (`options.SessionStore`).',
    'password-change':
      '`UpdateSecurityStampAsync(user)`, and a short `SecurityStampValidatorOptions.ValidationInterval`: it is 30 minutes by default.',
    'idle-timeout': '`options.ExpireTimeSpan` with `SlidingExpiration = true`.',
    'absolute-timeout':
      '`options.ExpireTimeSpan` with `SlidingExpiration = false`, or compare `IssuedUtc` in `OnValidatePrincipal`.',
  },
};

const aspNet: Stack = {
  id: 'asp-net',
  name: 'ASP.NET',
  session: 'An identifier for the session, and an encrypted ticket that signs in.',
  signs: [
    { proofName: /^(?:ASP\.NET_SessionId|\.ASPXAUTH)$/i, weighs: 3 },
    { header: 'x-aspnet-version', like: /^\d/, weighs: 3 },
    { field: /^__VIEWSTATE$/, weighs: 3 },
    { path: /\.aspx$/, weighs: 2 },
  ],
  fixes: {
    'cookie-secure': '`<httpCookies requireSSL="true"/>` and `<forms requireSSL="true"/>` in Web.config.',
    'cookie-httponly': '`<httpCookies httpOnlyCookies="true"/>`.',
    'cookie-samesite': '`<sessionState cookieSameSite="Lax"/>` and `<forms cookieSameSite="Lax"/>`.',
    'token-in-address': '`<sessionState cookieless="UseCookies"/>`.',
    'session-fixation':
      'Nothing renews ASP.NET_SessionId at the sign-in: abandon the session and delete its cookie before, and never take it for the sign-in.',
    'sign-out-replay':
      '`FormsAuthentication.SignOut()` deletes the cookie and nothing else: keep on the server which tickets are good.',
    'error-page': '`<customErrors mode="On"/>`.',
  },
};

const phoenix: Stack = {
  id: 'phoenix',
  name: 'Phoenix (Plug)',
  session:
    'The whole session, signed in the cookie. What phx.gen.auth makes keeps its tokens in the database.',
  signs: [{ proofValue: /^SFMyNTY\./, weighs: 3 }],
  fixes: {
    'session-fixation': '`configure_session(conn, renew: true)` and `clear_session(conn)` at the sign-in.',
    'sign-out-replay': 'Delete the token of the session from the database, as phx.gen.auth does.',
  },
};

const gorilla: Stack = {
  id: 'gorilla',
  name: 'gorilla/sessions (Go)',
  session: 'The whole session or an identifier, signed in the cookie.',
  signs: [{ proofValue: /^MT[c-z][\w-]{60,}={0,2}$/, weighs: 3 }],
  fixes: {
    'cookie-secure': '`store.Options.Secure = true`.',
    'cookie-samesite': '`store.Options.SameSite = http.SameSiteLaxMode`.',
    'sign-out-replay':
      'A CookieStore has nothing on the server: take a store that has, and delete the session there with `MaxAge = -1`.',
    'session-rollback': 'A store on the server instead of the CookieStore.',
  },
};

const jwt: Stack = {
  id: 'jwt',
  name: 'A signed token (JWT)',
  session: 'What the server says about the user, readable and signed.',
  signs: [{ proofValue: /^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*$/, weighs: 3 }],
  fixes: {
    'sign-out-replay':
      'A short life (`exp`) and a refresh token that the server ends; until then a list of the identifiers (`jti`) that were signed out.',
    'token-renewal':
      'Write a number of the user into the token that rises with each new sign-in, and compare it.',
    'password-change':
      'Write a number of the user into the token that rises when the password changes, and compare it.',
    'session-rollback':
      'Keep on the server what must not go back: a token says what was true when it was made.',
  },
};

export const otherStacks: readonly Stack[] = [
  springSession,
  servlet,
  rails,
  aspNetCore,
  aspNet,
  phoenix,
  gorilla,
  jwt,
];
