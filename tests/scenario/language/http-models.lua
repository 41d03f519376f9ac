-- HTTP by every server model: the same answers, also to several clients at once.
local server, client = host "server", host "client"
local routes = {
  ["/ping"] = "pong\n",
  ["/long"] = bytes(200000),
  ["/slow"] = function()
    sleep "10ms"
    return "slow\n"
  end,
  ["/chunks"] = { body = { "a", "b" } },
  ["/echo"] = function(request) return request.body end,
}
local port = 8000
for _, model in ipairs { "blocking", "threads", "pool", "select", "poll", "epoll" } do
  port = port + 1
  server:http(port, { model = model, idle_timeout = "60ms", nodelay = true }, routes)
  client:spawn(model, 3, function()
    local conn <close> = client:connect(server, port, { nodelay = true })
    expect(conn:request("GET", "/ping").body == "pong\n", model .. ": a text")
    expect(conn:request("GET", "/slow").body == "slow\n", model .. ": a function that waits")
    expect(#conn:request("GET", "/long").body == 200000, model .. ": more than the buffers take")
    expect(conn:request("GET", "/chunks").body == "ab", model .. ": chunks")
    expect(conn:request("POST", "/echo", { body = { bytes(3000), "x" } }).body == bytes(3000) .. "x", model .. ": chunks back")
  end):join()
  local conn = client:connect(server, port)
  conn:send "nonsense\r\n"
  expect(conn:receive "line" == "HTTP/1.1 400 Bad Request\r", model .. ": nonsense")
  conn:close()
  conn = client:connect(server, port)
  expect(conn:receive "all" == "", model .. ": patience has an end")
end
