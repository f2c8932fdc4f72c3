<%@ page session="false" contentType="text/html; charset=utf-8" import="java.util.concurrent.atomic.AtomicInteger" %><%--
Notes on the sessions of a servlet container. What is wrong with it is named by the property site.flaw.
--%><%
    String flaw = System.getProperty("site.flaw");
    String path = request.getServletPath();
    boolean isPost = request.getMethod().equals("POST");
    response.setHeader("Cache-Control", "no-store");
    if (isPost && "cross-site".equals(request.getHeader("Sec-Fetch-Site"))) {
        response.sendError(403);
        return;
    }
    HttpSession held = request.getSession(flaw.equals("without changeSessionId"));
    // Servlets read a body when they are asked for what is in it, and not before.
    if (isPost) request.getParameterMap();
    Object user = held == null ? null : held.getAttribute("user");
    switch (request.getMethod() + " " + path) {
        case "GET /":
            out.print("<a href=\"/login\">Sign in</a>");
            return;
        case "GET /login":
            out.print("<form method=\"post\" action=\"/login\"><input name=\"user\"><input name=\"password\" type=\"password\"><button>Sign in</button></form>");
            return;
        case "POST /login":
            if (!System.getenv("SITE_USER").equals(request.getParameter("user"))
                    || !System.getenv("SITE_PASSWORD").equals(request.getParameter("password"))) {
                response.sendError(401);
                return;
            }
            if (held == null) held = request.getSession();
            else if (!flaw.equals("without changeSessionId")) request.changeSessionId();
            held.setAttribute("user", request.getParameter("user"));
            held.setAttribute("notes", new AtomicInteger());
            response.sendRedirect("/notes");
            return;
        case "GET /notes":
            if (user == null) {
                response.sendRedirect("/login");
                return;
            }
            out.print("<h1>Notes of " + user + "</h1><p>Notes: " + held.getAttribute("notes")
                    + "</p><form method=\"post\" action=\"/logout\"><button>Sign out</button></form>");
            return;
        case "POST /note":
            if (user == null) {
                response.sendError(401);
                return;
            }
            AtomicInteger notes = (AtomicInteger) held.getAttribute("notes");
            if (flaw.equals("read, then written")) {
                int before = notes.get();
                // As if it asked another service.
                Thread.sleep(50);
                notes.set(before + 1);
            } else notes.incrementAndGet();
            response.sendRedirect("/notes");
            return;
        case "POST /logout":
            if (held != null) held.invalidate();
            response.addHeader("Set-Cookie", request.getServletContext().getSessionCookieConfig().getName()
                    + "=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
            response.sendRedirect("/");
            return;
        default:
            response.sendError(404);
    }
%>
