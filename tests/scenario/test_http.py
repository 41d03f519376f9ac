"""HTTP against other people's programs, which run in the hosts of a scene: curl asks, Python's http.server answers.
And what a scene cannot check of itself: its own mistakes."""

import re
import subprocess

import pytest

import refusals
import takes
from capture import addresses, inside, namespaces
from waiting import LIMIT, poll

pytestmark = pytest.mark.wire
TWO = 'local server, client = host "server", host "client"\n'

SERVER = """
local server, client = host "server", host "client"
server:http(80, {
  ["/ping"] = "pong\\n",
  ["/long"] = bytes(5000),
  ["/chunks"] = { body = { "one\\n", "two\\n", "three\\n" } },
  ["/slow"] = function() sleep "20ms" return "slow\\n" end,
  ["/teapot"] = { status = 418, headers = { ["X-Short"] = "and stout" }, body = "I'm a teapot\\n" },
  ["/none"] = { status = 204 },
  ["/close"] = { headers = { Connection = "close" }, body = "bye\\n" },
  ["/안녕"] = "안녕하세요\\n",
  ["/what"] = function(request)
    return ("%s %s %s %s"):format(request.method, request.query.a, request.headers["x-word"], request.version)
  end,
  ["POST /echo"] = function(request) return request.body end,
  ["/fails"] = function() error "it broke" end,
})
cue "Now."
settle()
"""

needs_root = pytest.mark.skipif(takes.why_no_capture() is not None, reason=str(takes.why_no_capture()))


def hosts(run):
    """Waits until the scene is at its cue; its hosts, each with what to put before a command that runs there."""
    run.until(lambda: takes.cues(run.recording)[0], LIMIT, "no cue")
    where = {address: path for path in namespaces(run.process.pid) for address in addresses(path)}
    return {name: (address, inside(where[address])) for name, address in takes.cues(run.recording)[1].items()}


class Curl:
    def __init__(self, play):
        self.run = play.terminal(SERVER)
        found = hosts(self.run)
        self.server, self.before = found["server"][0], found["client"][1]

    def __call__(self, *args, input=None):
        """Each argument that begins with / is asked of the server. What curl printed."""
        urls = [f"http://{self.server}{arg}" if arg.startswith("/") else arg for arg in args]
        argv = [*self.before, "curl", "--silent", "--show-error", "--no-progress-meter", "--max-time", "20", *urls]
        done = subprocess.run(argv, input=input, capture_output=True, timeout=LIMIT)
        self.status = done.returncode
        return (done.stdout if done.returncode == 0 else done.stderr).decode()

    def end(self):
        self.run.press(" ")
        return self.run.end()


@needs_root
def test_curl(play):
    curl = Curl(play)
    assert curl("/ping") == "pong\n"
    assert len(curl("/long")) == 5000
    assert curl("/chunks") == "one\ntwo\nthree\n"
    assert curl("/안녕") == curl("/%EC%95%88%EB%85%95") == "안녕하세요\n"
    assert curl("-H", "X-Word: there", "/what?a=b") == "GET b there 1.1"
    assert curl("--http1.0", "-H", "X-Word: old", "/what?a=b") == "GET b old 1.0"
    assert curl("--http1.0", "/chunks") == "one\ntwo\nthree\n"
    assert curl("-d", "a=1", "/echo") == "a=1"
    head = curl("-I", "/long")
    assert re.match(r"HTTP/1.1 200 OK\r\n", head) and "Content-Length: 5000\r\n" in head
    shown = curl("-i", "/teapot")
    assert shown == "HTTP/1.1 418 I'm a teapot\r\nX-Short: and stout\r\nContent-Length: 13\r\n\r\nI'm a teapot\n"
    assert curl("-w", "%{http_code} %{size_download}", "/none") == "204 0"
    assert curl("-w", "%{http_code}", "/nothing") == "There is no /nothing here.\n404"
    assert curl("-w", "%{http_code}", "-X", "DELETE", "/ping") == "Not this method.\n405"
    result = curl.end()
    assert result.status == 0, str(result)
    asked = [call["data"] for call in result.of("call", call="recv", host="server") if call.get("data", "").startswith("GET")]
    assert len(asked) >= 9, "the calls of the server that curl's requests were read by"


@needs_root
def test_curl_keeps_its_connection(play):
    """curl says how many connections it has made for each URL."""
    curl = Curl(play)

    def made(*paths, header="A: b"):
        outputs = [word for path in paths for word in ("-o/dev/null", path)]
        return [int(word) for word in curl("-H", header, "-w", "%{num_connects} ", *outputs).split()]

    assert made(*["/ping"] * 20) == [1] + [0] * 19
    assert made(*["/ping", "/long", "/chunks", "/none", "/slow", "/teapot", "/nothing"] * 2) == [1] + [0] * 13
    assert made(*["/ping"] * 3, header="Connection: close") == [1] * 3
    assert made(*["/close"] * 3) == [1] * 3
    assert curl.end().status == 0


@needs_root
def test_a_body_comes_back_as_it_went(play):
    curl = Curl(play)
    for size in (1, 1024, 4096, 100_000, 2_000_000):
        body = ("0123456789abcde\n" * (size // 16 + 1))[:size]
        for form in ("Transfer-Encoding: chunked", "Expect: 100-continue", "Expect:"):
            assert curl("-H", form, "--data-binary", "@-", "/echo", input=body.encode()) == body, (size, form)
    assert curl.end().status == 0


@needs_root
def test_curl_and_what_goes_wrong(play):
    curl = Curl(play)
    assert curl("-w", "%{http_code}", "/fails") == "Internal Server Error\n500"
    assert curl("-H", "A: " + "x" * 9000, "-w", "%{http_code}", "/ping").endswith("431")
    assert curl("-w", "%{http_code}", "/" + "x" * 9000).endswith("414")
    big = curl("-H", "Expect:", "-w", "%{http_code}", "--data-binary", "@-", "/echo", input=bytes(17_000_000))
    assert big.endswith("413") or curl.status in (55, 56), big
    assert curl("/ping") == "pong\n"
    result = curl.end()
    assert result.status == 2, str(result)
    assert result.one("error")["message"] == "scene-1.lua:16: it broke" and result.one("error")["line"] == 16


CLIENT = """
local server, client = host "server", host "client"
client:sysctl "tcp_syn_retries"
cue "Now."
local listing = client:get "http://server:8000/"
expect(listing.status == 200 and listing.headers.server:find "Python" and listing.body:find "wörter.txt", "the folder")
expect(client:get("http://server:8000/hello.txt").body == "hello from Python\\n", "a file")
expect(client:get("http://server:8000/w%C3%B6rter.txt").body == "äöü\\n", "with letters")
expect(client:get("http://server:8000/wörter.txt").body == "äöü\\n", "as they are")
expect(#client:get("http://server:8000/large").body == 300000, "a large one")
local missing = client:get "http://server:8000/missing"
expect(missing.status == 404 and missing.reason == "File not found", "none")
local head = client:request("HEAD", "http://server:8000/large")
expect(head.headers["content-length"] == "300000" and head.body == "", "HEAD")
expect(client:request("POST", "http://server:8000/large", { body = "x" }).status == 501, "not implemented")
local conn = client:connect(server, 8000)
for _ = 1, 5 do expect(conn:request("GET", "/hello.txt").body == "hello from Python\\n", "kept") end
expect(packets.count { flags = "S", from_port = select(2, conn:local_address()) } == 1, "one connection")
conn:close()
"""


@needs_root
def test_python_answers(play):
    folder = play.folder / "served"
    folder.mkdir()
    (folder / "hello.txt").write_text("hello from Python\n")
    (folder / "wörter.txt").write_text("äöü\n")
    (folder / "large").write_bytes(b"x" * 300_000)
    run = play.terminal(CLIENT)
    _, before = hosts(run)["server"]
    program = (
        "import http.server as h; h.SimpleHTTPRequestHandler.protocol_version = 'HTTP/1.1'; "
        "h.ThreadingHTTPServer(('', 8000), h.SimpleHTTPRequestHandler).serve_forever()"
    )
    server = subprocess.Popen([*before, "python3", "-c", program], cwd=folder, stderr=subprocess.DEVNULL)
    try:
        listing = [*before, "ss", "-tlnH"]
        poll(lambda: b":8000" in subprocess.run(listing, capture_output=True).stdout, LIMIT, lambda: "Python does not listen")
        run.press(" ")
        result = run.end()
    finally:
        server.kill()
        server.wait()
    assert result.status == 0, str(result)
    assert len(result.of("expect", ok=True)) == 14


@pytest.mark.parametrize(
    "data, shown",
    [
        ("GET /ping HTTP/1.1\\r\\nHost: s\\r\\n\\r\\n", "GET /ping"),
        ("HTTP/1.0 404 Not Found\\r\\n\\r\\n", "404 Not Found"),
        ("OPTIONS * HTTP/1.1\\r\\n\\r\\n", "OPTIONS *"),
        ("GET /" + "long" * 40 + " HTTP/1.1\\r\\n\\r\\n", "GET /longlonglonglonglon…"),
        ("GET /" + "long" * 5 + " HTTP/1.1\\r\\n\\r\\n", "GET /longlonglonglonglon…"),
        ("GET /\\027[31m HTTP/1.1\\r\\n", "GET /\\x1b[31m"),
        ("HTTP/1.1", None),
        ("HTTP/1.1 ", None),
        ("GET / HTTP/1.1", None),
        ("GET", None),
        ("G /\\r\\n", None),
        ("\\r\\n", None),
        ("long\\n", None),
    ],
)  # fmt: skip
def test_the_ladder_tells_what_a_message_is_about(play, data, shown):
    result = play(TWO + f'server:listen(80)\nclient:connect(server, 80):send "{data}"\n', "--width", "160")
    size = result.one("call", call="send")["size"]
    row = re.search(rf"send\({size}\)(.*)$", result.stdout, re.MULTILINE)[1].strip()
    assert row == shown if shown else row.startswith('"') and row.endswith('"'), str(result)


# -- mistakes of the scene

MISUSE = [
    ("server:http(80)", "http: paths and what they answer are a table, not nil"),
    ("server:http(80, { backlg = 1 }, {})", 'http: unknown option "backlg"; it takes backlog, idle_timeout'),
    ("server:http(80, { ping = 'pong' })", 'http: a route is "/path" or "POST /path", not "ping"'),
    ("server:http(80, { ['get /'] = 'pong' })", 'http: a route is "/path" or "POST /path", not "get /"'),
    ("server:http(80, { 'pong' })", 'http: a route is "/path" or "POST /path", not 1'),
    ("server:http(80, { ['/'] = 404 })", 'http: the answer of "/" is a text or { status = …, headers = …, body = … }, not 404'),
    ("server:http(80, { ['/'] = { stat = 1 } })", 'http: the answer of "/": unknown option "stat"; it takes body, headers, reason, status'),
    ("server:http(80, { ['/'] = { status = 99 } })", 'the answer of "/": a status is a whole number from 200, such as 404, not 99'),
    ("server:http(80, { ['/'] = { body = true } })", "a body is a text, a list of texts or a function that gives them, not boolean"),
    ("server:http(80, { ['/'] = { body = { 1 } } })", 'http: the answer of "/": a body is a list of texts, not of a number'),
    ("server:http(80, { ['/'] = { headers = { ['a b'] = '' } } })", '"a b" is no name of a header field'),
    ("server:http(80, { ['/'] = { headers = { a = 'b\\r\\nc' } } })", "the header field a is a text of one line"),
    ("server:http(80, { ['/'] = { headers = { ['Content-Length'] = 5 } } })", "Content-Length follows from the body; for a wrong one write the message by hand, with send"),
    ("client:get()", "get: a URL is a text or { host = …, port = …, path = … }, not nil"),
    ("client:get 'server/ping'", 'get: a URL such as "http://server:8080/ping" is wanted, not "server/ping"'),
    ("client:get 'https://server/'", "get: only http:// can be asked for, not https://"),
    ("client:get 'http:///ping'", 'get: "http:///ping" names no host'),
    ("client:get 'http://me@server/'", "names no host"),
    ("client:get 'http://nobody/'", 'there is no host "nobody"; the hosts are: server, client'),
    ("client:get 'http://server:99999/'", "connect: a port is a whole number from 0 to 65535, not 99999"),
    ("client:get { host = server, path = 'ping' }", 'get: a path such as "/ping" is wanted, not "ping"'),
    ("client:get { server }", 'get: unknown option "1"; it takes host, path, port'),
    ("client:get('http://server/', { bdy = 'x' })", 'get: unknown option "bdy"'),
    ("client:request('get', 'http://server/')", 'request: a method is a word such as "GET", not "get"'),
    ("client:get('http://server/', { version = '2' })", 'get: the version is "1.0" or "1.1", not "2"'),
    ("client:get('http://server/', { version = '1.0', body = {} })", "get: HTTP/1.0 knows no chunks; give the body as one text"),
    ("client:get('http://server/', { body = true })", "get: a body is a text, a list of texts or a function that gives them, not boolean"),
    ("server:listen(80) client:connect(server, 80):request('GET', 'ping')", 'request: a path such as "/ping" is wanted, not "ping"'),
    ("server:listen(80) client:connect(server, 80):request('GET', '/', { timeout = 1 })", 'request: unknown option "timeout"'),
    ("server:http(80, { ['/'] = 'x' }) local x = client:get('http://server/').code", "a response has no `code`; it has body, headers, reason, status, version"),
    ("server:http(80, { ['/'] = 'x' }) client:get('http://server/', { body = function() return 1 end })", "get: a body comes in texts, not in a number"),
]  # fmt: skip


@pytest.mark.parametrize("scene, sentence", MISUSE)
def test_mistakes_are_told(play, scene, sentence):
    play(TWO + scene, "--view", "none").sentence(2, "scene-1.lua:2: ", sentence)


@pytest.mark.parametrize(
    "answers, sentence",
    [
        ("function() error 'it broke' end", "scene-1.lua:3: it broke"),
        ("function(r) return r.uri end", "scene-1.lua:3: a request has no `uri`; it has body, conn, headers, method"),
        ("function() end", "scene-1.lua:3: http: what answers /x is a text or { status = …, headers = …, body = … }, not nil"),
        ("function() return { status = 'ok' } end", "scene-1.lua:3: http: what answers /x: status is a number, not string"),
        ("function() return { body = function() error 'in the body' end } end", "scene-1.lua:3: in the body"),
    ],
)
def test_a_function_that_fails_answers_500_and_fails_the_scene(play, answers, sentence):
    result = play(
        TWO + f"server:http(80, {{ ['/ok'] = 'fine', ['/x'] =\n{answers} }})\n"
        "local answer = client:get 'http://server/x'\n"
        "expect(answer.status == 500 and answer.body == 'Internal Server Error\\n', 'told')\n"
        "expect(answer.headers.connection == 'close', 'and over')\n"
        "expect(client:get('http://server/ok').body == 'fine', 'the others are served')\n",
        "--view", "none",
    )  # fmt: skip
    result.sentence(2, sentence)
    assert [check["ok"] for check in result.of("expect")] == [True] * 3, str(result)


@pytest.mark.parametrize("model", ["blocking", "pool", "epoll"])
def test_a_function_that_fails_does_not_end_the_server(play, model):
    result = play(
        TWO + f"server:http(80, {{ model = '{model}' }}, {{ ['/x'] = function() error 'it broke' end }})\n"
        "for _ = 1, 6 do expect(client:get('http://server/x').status == 500, 'told') end\n",
        "--view", "none",
    )  # fmt: skip
    assert result.status == 2 and len(result.of("error", message="scene-1.lua:2: it broke")) == 6, str(result)
    assert [check["ok"] for check in result.of("expect")] == [True] * 6, str(result)


def test_a_body_that_fails_on_its_way_is_cut_short(play):
    result = play(
        TWO + "server:http(80, { ['/'] = function()\nlocal n = 0 return { body = function()\nn = n + 1\n"
        "return n == 1 and 'begin' or error 'broke' end } end })\n"
        "local answer, code, sentence, part = client:get 'http://server/'\n"
        "expect(answer == nil and code == 'closed' and part == 'begin', 'no second answer')\n",
        "--view", "none",
    )  # fmt: skip
    result.sentence(2, "scene-1.lua:5: broke")
    assert [check["ok"] for check in result.of("expect")] == [True], str(result)


def test_without_a_wire(play):
    scene = (
        TWO + "server:http(80, { ['/'] = function(request) return request.headers.host end })\n"
        "expect(client:get('http://server/').body == 'server', 'asked')\n"
        "local conn = client:connect(server, 80)\n"
        "for _ = 1, 3 do expect(conn:request('GET', '/').body == 'server', 'again') end\n"
    )
    argv, options = play.scene(scene, [], None, None, True)
    result = play.run([*refusals.seccomp(), *argv], **options).end()
    assert result.status == 0 and len(result.of("expect", ok=True)) == 4 and not result.of("packet"), str(result)


GARBAGE = """
local server, client = host "server", host "client"
server:http(80, { ["/"] = "root", ["/echo"] = function(request) return request.body end })
local whole = {
  "GET / HTTP/1.1\\r\\nHost: s\\r\\nA: b\\r\\n\\r\\n",
  "POST /echo HTTP/1.1\\r\\nHost: s\\r\\nContent-Length: 3\\r\\n\\r\\nabc",
  "POST /echo HTTP/1.1\\r\\nHost: s\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n3\\r\\nabc\\r\\n0\\r\\n\\r\\n",
}
local signs = { "\\r", "\\n", "\\0", " ", ":", "\\r\\n", "\\255", "0", "chunked", "," }
local known = { ["200"] = true, ["400"] = true, ["404"] = true, ["405"] = true, ["413"] = true, ["501"] = true, ["505"] = true }
for _ = 1, 300 do
  local text = whole[math.random(#whole)]
  for _ = 1, math.random(3) do
    local at, sign = math.random(#text), signs[math.random(#signs)]
    text = text:sub(1, at) .. sign .. text:sub(at + math.random(0, 2))
  end
  local conn <close> = client:connect(server, 80)
  conn:send(text)
  conn:shutdown "send"
  local first = conn:receive "line"
  expect(first == nil or known[first:match "^HTTP/1%.1 (%d%d%d) [%a ]+\\r$"], first)
end
expect(client:get("http://server/").body == "root", "still there")
"""


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.release_only)])
def test_garbage_is_answered_and_does_no_harm(play, seed):
    result = play(GARBAGE, "--view", "none", "--seed", seed)
    assert result.status == 0 and len(result.of("expect", ok=True)) == 301, str(result)
