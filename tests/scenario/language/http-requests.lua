-- HTTP is read strictly: each of these requests has its status, and none of them troubles the server.
-- Checks: 69
local server, client = host "server", host "client"
server:http(80, { ["/"] = "root\n", ["/echo"] = function(request) return request.body end })

local function status(text, finish)
  local conn <close> = client:connect(server, 80)
  conn:send(text)
  if finish then conn:shutdown "send" end
  local first, code = conn:receive "line"
  return first and math.tointeger(tonumber(first:match "^HTTP/1%.1 (%d%d%d) [%a -]+\r$")) or code
end

local function get(fields, first) return (first or "GET / HTTP/1.1") .. "\r\nHost: s\r\n" .. fields .. "\r\n" end
local function post(fields, body) return get(fields, "POST /echo HTTP/1.1") .. body end
local CHUNKED = "Transfer-Encoding: chunked\r\n"

for _, try in ipairs {
  { 200, get "" },
  { 200, "\r\n" .. get "" },
  { 200, get("", "GET http://s/ HTTP/1.1") },
  { 200, get("", "GET http://s HTTP/1.1") },
  { 200, get("", "GET /?a=b HTTP/1.1") },
  { 200, get("", "GET / HTTP/1.7") },
  { 200, "GET / HTTP/1.0\r\n\r\n" },
  { 200, get "Empty:\r\nMuch: \t a, b \t \r\n" },
  { 200, get("A: " .. ("x"):rep(8000) .. "\r\n") },
  { 200, "GET / HTTP/1.1\r\nHost: [fe80::1]:80\r\n\r\n" },
  { 200, "GET / HTTP/1.1\r\nHost:\r\n\r\n" },
  { 200, post("Content-Length: 3\r\n", "abc") },
  { 200, post("Content-Length: 0003\r\n", "abc") },
  { 200, post(CHUNKED, "3\r\nabc\r\n0\r\n\r\n") },
  { 200, post(CHUNKED, "03 ;a=\"b\"\r\nabc\r\n1;c\r\nd\r\n000\r\nTrailer: x\r\n\r\n") },
  { 200, post("Transfer-Encoding: ,Chunked\r\n", "A\r\n0123456789\r\n0\r\n\r\n") },

  { 400, "\r\n\r\n" .. get "" },
  { 400, "hello\r\n" },
  { 400, "GET /\r\n" },
  { 400, "GET  / HTTP/1.1\r\n" },
  { 400, " GET / HTTP/1.1\r\n" },
  { 400, "GET / HTTP/1.1 \r\n" },
  { 400, "GET\t/\tHTTP/1.1\r\n" },
  { 400, "G@T / HTTP/1.1\r\n" },
  { 400, "GET /안녕 HTTP/1.1\r\n" },
  { 400, "GET / http/1.1\r\n" },
  { 400, "GET / HTTP/1.1\n" },
  { 400, "GET / HTTP/11\r\n" },
  { 400, "\x16\x03\x01\x02\x00\x01\n" }, -- how TLS begins
  { 400, "\0\n" },
  { 400, get("", "GET where HTTP/1.1") },
  { 400, get("", "CONNECT s:80 HTTP/1.1") },
  { 400, "GET / HTTP/1.1\r\n\r\n" },
  { 400, "GET / HTTP/1.1\r\nHost: s\r\nhost: s\r\n\r\n" },
  { 400, "GET / HTTP/1.1\r\nHost: s/t\r\n\r\n" },
  { 400, get "No colon\r\n" },
  { 400, get "Space : x\r\n" },
  { 400, get " Folded: x\r\n" },
  { 400, get "A: x\r\n folded\r\n" },
  { 400, get ": x\r\n" },
  { 400, get "A: x\ry\r\n" },
  { 400, get "A: \0\r\n" },
  { 400, get "A: x\n" },
  { 400, post("Content-Length: 3, 3\r\n", "abc") },
  { 400, post("Content-Length: +3\r\n", "abc") },
  { 400, post("Content-Length: -3\r\n", "abc") },
  { 400, post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd") },
  { 400, post("Content-Length: 3\r\n" .. CHUNKED, "3\r\nabc\r\n0\r\n\r\n") },
  { 400, "POST /echo HTTP/1.0\r\n" .. CHUNKED .. "\r\n0\r\n\r\n" },
  { 400, post("Transfer-Encoding: chunked, gzip\r\n", "") },
  { 400, post(CHUNKED, "0x3\r\nabc\r\n0\r\n\r\n") },
  { 400, post(CHUNKED, "000000003\r\nabc\r\n0\r\n\r\n") },
  { 400, post(CHUNKED, "2\r\nabc\r\n0\r\n\r\n") },
  { 400, post(CHUNKED, "3\r\nabc\n0\r\n\r\n") },
  { 400, post(CHUNKED, "0\r\nTrailer\r\n\r\n") },
  { 413, post("Content-Length: 16777217\r\n", "") },
  { 413, post("Content-Length: 99999999999999999999\r\n", "") },
  { 413, post(CHUNKED, "fffffff\r\n") },
  { 414, "GET /" .. ("x"):rep(9000) },
  { 417, get "Expect: the unexpected\r\n" },
  { 431, get("A: " .. ("x"):rep(9000)) },
  { 431, get(("A: x\r\n"):rep(100)) },
  { 431, get(("A: " .. ("x"):rep(6000) .. "\r\n"):rep(12)) },
  { 501, post("Transfer-Encoding: gzip, chunked\r\n", "") },
  { 505, "GET / HTTP/2.0\r\n" },

  { "closed", "", true },
  { "closed", "GET / HTTP/1.1\r\nHost:", true },
  { "closed", post("Content-Length: 3\r\n", "ab"), true },
} do
  local found = status(try[2], try[3])
  expect(found == try[1], ("%s: %q"):format(try[1], try[2]:sub(1, 60)))
end
expect(client:get("http://server/").body == "root\n", "still there")
