-- HTTP fails in values: of the network as everywhere, and EBADMSG for what is no HTTP.
local server, client = host "server", host "client"
local answer, code, sentence, part
answer, code, sentence = client:get "http://server/ping"
expect(answer == nil and code == "ECONNREFUSED" and sentence:find("server:80", 1, true), "nobody listens")

local reply = "" -- what a server by hand says; then it closes
server:listen(80, function(conn)
  conn:receive "line"
  conn:receive "line"
  conn:receive "line"
  conn:send(reply)
end)
local function says(text)
  reply = text
  answer, code, sentence, part = client:get "http://server/"
  return code
end
expect(says "" == "closed" and part == "", "FIN and no answer")
expect(says "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort" == "closed" and part == "short", "cut short: what came")
expect(says "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\nde" == "closed" and part == "abcde", "in chunks")
expect(says "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n" == "closed" and part == "abc", "without an end")
expect(says "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nTrailer: 1\r\n" == "closed" and part == "abc", "nearly")
expect(says "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc" == "closed" and part == "abc", "or nearly so")

for text, why in pairs {
  ["SSH-2.0-OpenSSH_9.2\r\n"] = "an answer begins with a line such as HTTP/1.1 200 OK",
  ["HTTP/2 200\r\n\r\n"] = "an answer begins",
  ["HTTP/1.1 20 OK\r\n\r\n"] = "an answer begins",
  ["HTTP/1.1 200 OK\n\n"] = "the status line does not end with CR LF",
  ["HTTP/1.1 200 OK\r\nNo colon\r\n\r\n"] = "a header field is `Name: value`",
  ["HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"] = "Content-Length is a number",
  ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"] = "the size of a chunk is a number",
  ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n"] = "a chunk is longer than its size says",
  ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\n\r\n"] = "a chunk does not end with CR LF",
} do
  expect(says(text) == "EBADMSG" and sentence:find(why, 1, true) and sentence:find("GET http://server/: ", 1, true), why)
end

expect(says "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.0 200 OK\r\n\r\nuntil the end" == nil, "well")
expect(answer.body == "until the end" and answer.version == "1.0" and answer.headers.link == nil, "announcements are skipped")
expect(says "HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\nA: 1\r\na: 2\r\n\r\n" == nil and answer.body == "", "has no body")
expect(answer.headers.a == "1, 2", "a field that comes twice")
expect(says "HTTP/1.1 200\r\n\r\n" == nil and answer.reason == "", "a reason may be missing")

server:listen(82, function(conn) conn:receive "all" end)
answer, code, sentence = client:get("http://server:82/", { timeout = "30ms" })
expect(answer == nil and code == "timeout", "no answer in time")
server:listen(83, function(conn)
  conn:receive "line"
  conn:abort()
end)
answer, code = client:get "http://server:83/"
expect(answer == nil and code == "ECONNRESET", "reset instead of an answer")
answer, code = client:get("http://server:83/", { from_port = 40000, nodelay = true })
expect(answer == nil and code == "ECONNRESET", "from a port")
expect(packets { flags = "S", to_port = 83 }[2].from_port == 40000, "of one's own")

local conn = client:connect(server, 83)
conn:send "x\n"
expect(function() return conn:state() == "CLOSE" end, "reset")
answer, code = conn:request("GET", "/")
expect(answer == nil and code ~= nil, "a connection that is no more")
