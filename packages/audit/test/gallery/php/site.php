<?php
// Notes on PHP and the sessions it brings. What is wrong with it is named by FLAW.
$flaw = getenv('FLAW');
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$is_post = $_SERVER['REQUEST_METHOD'] === 'POST';
if ($is_post && ($_SERVER['HTTP_SEC_FETCH_SITE'] ?? '') === 'cross-site') {
    http_response_code(403);
    exit;
}
if ($flaw !== 'cookie by default') {
    session_name($flaw === 'identifier in the address' ? 'sid' : '__Host-sid');
    session_set_cookie_params(['path' => '/', 'secure' => true, 'httponly' => true, 'samesite' => 'Lax']);
}
if ($flaw === 'identifier by a link' && isset($_GET['sid'])) {
    session_id($_GET['sid']);
}
session_start([
    'save_path' => getenv('SESSIONS'),
    'use_strict_mode' => !in_array($flaw, ['without strict mode', 'identifier by a link'], true),
    'use_only_cookies' => $flaw !== 'identifier in the address',
]);

function go(string $to): never
{
    header("Location: $to", true, 303);
    exit;
}

$user = $_SESSION['user'] ?? null;
if ($path === '/login.php' && $is_post) {
    if (($_POST['user'] ?? '') !== getenv('SITE_USER') || ($_POST['password'] ?? '') !== getenv('SITE_PASSWORD')) {
        http_response_code(401);
        exit('No.');
    }
    if ($flaw !== 'without strict mode') {
        session_regenerate_id(true);
    }
    $_SESSION = ['user' => $_POST['user'], 'notes' => 0];
    go('/notes.php');
}
if ($path === '/login.php') {
    exit('<form method="post"><input name="user"><input name="password" type="password"><button>Sign in</button></form>');
}
if ($path === '/logout.php' && $is_post) {
    if ($flaw === 'without session_destroy') {
        setcookie(session_name(), '', ['expires' => 1] + array_diff_key(session_get_cookie_params(), ['lifetime' => 0]));
        go('/');
    }
    $_SESSION = [];
    setcookie(session_name(), '', ['expires' => 1] + array_diff_key(session_get_cookie_params(), ['lifetime' => 0]));
    session_destroy();
    go('/');
}
if ($path === '/note.php' && $is_post && $user !== null) {
    $_SESSION['notes']++;
    go('/notes.php');
}
if ($path === '/notes.php') {
    if ($user === null) {
        go('/login.php');
    }
    exit("<h1>Notes of $user</h1><p>Notes: {$_SESSION['notes']}</p><form method=\"post\" action=\"/logout.php\"><button>Sign out</button></form>");
}
if ($path !== '/') {
    http_response_code(404);
}
echo '<a href="/login.php">Sign in</a>';
