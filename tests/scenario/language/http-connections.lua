-- HTTP over one connection: conn:request keeps it for the next one, until one side says close.
local server, client = host "server", host "client"
server:http(80, {
  ["/ping"] = "pong\n",
  ["/close"] = { headers = { Connection = "close" }, body = "bye\n" },
  ["/keep"] = { headers = { Connection = "keep-alive" }, body = "stay\n" },
  ["/list"] = { body = { "one\n", "", "two\n" } },
  ["/slow"] = function()
    local left = 3
    return { body = function()
      sleep "5ms"
      left = left - 1
      return left >= 0 and bytes(1000) or nil
    end }
  end,
  ["/echo"] = function(request) return request.body end,
})

local function syns() return packets.count { flags = "S" } end
for _ = 1, 20 do expect(client:get("http://server/ping").body == "pong\n", "a connection each") end
expect(syns() == 20, "twenty handshakes")
local conn = client:connect(server, 80)
for _ = 1, 20 do expect(conn:request("GET", "/ping").body == "pong\n", "one connection") end
expect(syns() == 21, "and one more")

-- A body of which nobody knows the length before goes in chunks, each its own send.
local answer = conn:request("GET", "/list")
expect(answer.body == "one\ntwo\n" and answer.headers["transfer-encoding"] == "chunked", "a list")
expect(packets.count { data = "0\r\n\r\n" } <= 1, "ended by an empty one, perhaps in a packet with the last")
expect(conn:request("GET", "/slow").body == bytes(1000):rep(3), "a function, which may wait")
expect(conn:request("HEAD", "/list").headers["transfer-encoding"] == "chunked", "HEAD tells of it")
expect(conn:request("POST", "/echo", { body = { "a", "", "bc" } }).body == "abc", "from the client too")
local words = { "x", "yz" }
expect(conn:request("PUT", "/echo", { body = function() return table.remove(words, 1) end }).body == "xyz", "by a function")
expect(conn:request("POST", "/echo").body == "", "nothing")
expect(conn:request("GET", "/keep").body == "stay\n", "nobody has closed it until now")

-- One side says close: the server closes, the next request finds the end.
expect(conn:request("GET", "/close").headers.connection == "close", "the answer says so")
local nothing, code = conn:request("GET", "/ping")
expect(nothing == nil and (code == "closed" or code == "EPIPE" or code == "ECONNRESET"), "it has ended")
conn:close()
conn = client:connect(server, 80)
expect(conn:request("GET", "/ping", { headers = { Connection = "close" } }).headers.connection == "close", "asked for")
expect(conn:receive "all" == "", "done")
expect(conn:state() == "CLOSE_WAIT", "the server was first")
conn:close()

-- HTTP/1.0 ends with the answer unless both want more.
conn = client:connect(server, 80)
answer = conn:request("GET", "/ping", { version = "1.0", headers = { Connection = "keep-alive" } })
expect(answer.headers.connection == "keep-alive", "wanted")
answer = conn:request("GET", "/list", { version = "1.0", headers = { Connection = "Keep-Alive" } })
expect(answer.body == "one\ntwo\n" and answer.headers["transfer-encoding"] == nil, "no chunks: the end is FIN")
expect(answer.headers.connection == "close", "so it cannot stay")
conn:close()
expect(client:get("http://server/ping", { version = "1.0" }).headers.connection == "close", "unwanted")

-- Requests may come before earlier ones are answered, in any pieces; answers have their order.
conn = client:connect(server, 80)
conn:send "GET /ping HTTP/1.1\r\nHost: s\r\n\r\nPOST /echo HTTP/1.1\r\nHost: s\r\nContent-Length: 3\r\n\r\nabcGET /close HT"
expect(conn:receive "line" == "HTTP/1.1 200 OK\r", "the first")
expect(conn:receive "line" == "Content-Length: 5\r" and conn:receive "line" == "\r" and conn:receive "line" == "pong", "whole")
expect(conn:receive "line" == "HTTP/1.1 200 OK\r", "the second, before the third is there")
conn:send "TP/1.1\r\nHost: s\r\n\r\n"
local rest = conn:receive "all"
expect(rest:find("abcHTTP/1.1 200 OK\r\n", 1, true) and rest:sub(-4) == "bye\n", "the third, and the end")
conn:close()

-- A client that asks for leave to send its body.
conn = client:connect(server, 80)
conn:send "POST /echo HTTP/1.1\r\nHost: s\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
expect(conn:receive "line" == "HTTP/1.1 100 Continue\r" and conn:receive "line" == "\r", "leave")
conn:send "ok"
expect(conn:receive "line" == "HTTP/1.1 200 OK\r", "and the answer")
conn:abort()

-- A server that does not wait for ever.
server:http(81, { idle_timeout = "30ms", nodelay = true }, { ["/slow"] = function() sleep "60ms" return "slow\n" end })
conn = client:connect(server, 81)
expect(conn:request("GET", "/slow").body == "slow\n", "its own time does not count")
expect(conn:receive "all" == "", "the client's does")
