-- HTTP: host:http answers paths, host:get and request ask for them.
local server, client = host "server", host "client"
local seen
server:http(8080, {
  ["/ping"] = "pong\n",
  ["/long"] = bytes(5000),
  ["/what"] = function(request)
    seen = request
    return request.method .. " " .. request.path
  end,
  ["/teapot"] = { status = 418, headers = { ["X-Short"] = "and stout", Age = 7 }, body = "I'm a teapot\n" },
  ["/gone"] = { status = 410 },
  ["/odd"] = { status = 299, reason = "All Well" },
  ["/none"] = function() return { status = 204 } end,
  ["POST /form"] = function(request) return request.body:upper() end,
  ["PUT /form"] = { status = 201 },
  ["/files/*"] = function(request) return "file " .. request.path:sub(8) end,
  ["/files/secret/*"] = { status = 403 },
  ["/안녕"] = "안녕하세요\n",
})

local answer = client:get "http://server:8080/ping"
expect(answer.status == 200 and answer.reason == "OK" and answer.version == "1.1", "its first line")
expect(answer.body == "pong\n" and answer.headers["content-length"] == "5", "and the rest")
expect(answer.headers["Content-Length"] == "5" and answer.headers.Nothing == nil, "names of fields in any letters")
expect(tostring(answer) == "response 200", "as a text")
local path = packets { data = true, from = client }[1].data
expect(path == "GET /ping HTTP/1.1\r\nHost: server:8080\r\n\r\n", "what goes over the wire")
expect(packets { data = true, from = server }[1].data == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\npong\n", "both ways")

local before = now()
expect(client:get { host = server, port = 8080, path = "/long" }.body == bytes(5000), "a URL in parts")
expect(packets.count { from = server, data = true, since = before } == 4, "5041 bytes are four segments")

client:get("http://server:8080/what?name=kim&greeting=%EC%95%88+a&empty&name=lee#part", { headers = { ["X-Who"] = "me" } })
expect(seen.method == "GET" and seen.target:sub(1, 11) == "/what?name=" and seen.path == "/what", "the target and its path")
expect(seen.query.name == "lee" and seen.query.greeting == "안 a" and seen.query.empty == "", "and its query")
expect(seen.version == "1.1" and seen.body == "" and seen.headers["x-who"] == "me", "and the rest of a request")
expect(seen.headers.host == "server:8080" and tostring(seen):find "^GET /what", "and more")
expect(seen.conn:peer_address() == client.address, "and its connection")

answer = client:get "http://server:8080/teapot"
expect(answer.status == 418 and answer.headers["x-short"] == "and stout" and answer.headers.age == "7", "told in full")
expect(client:get("http://server:8080/gone").body == "Gone\n", "a failure says its name")
expect(client:get("http://server:8080/odd").reason == "All Well", "whose words may be one's own")
answer = client:get "http://server:8080/none"
expect(answer.status == 204 and answer.body == "" and answer.headers["content-length"] == nil, "no content")
answer = client:get "http://server:8080/nothing"
expect(answer.status == 404 and answer.body == "There is no /nothing here.\n", "no such path")
expect(client:get("http://" .. server.address .. ":8080/안녕").body == "안녕하세요\n", "any language, any name of the host")
expect(client:get("http://server:8080/files/a/b").body == "file a/b", "all that begin so")
expect(client:get("http://server:8080/files/secret/x").status == 403, "the longest beginning counts")

answer = client:request("POST", "http://server:8080/form", { body = "kim" })
expect(answer.body == "KIM", "with a body")
expect(client:request("PUT", "http://server:8080/form").status == 201, "another method")
answer = client:get "http://server:8080/form"
expect(answer.status == 405 and answer.headers.allow == "POST, PUT", "a method that is not answered")
expect(client:request("DELETE", "http://server:8080/ping").headers.allow == "GET, HEAD", "a text answers two")
expect(client:request("DELETE", "http://server:8080/what").body == "DELETE /what", "a function all")
answer = client:request("HEAD", "http://server:8080/long")
expect(answer.status == 200 and answer.body == "" and answer.headers["content-length"] == "5000", "HEAD has no body")
expect(client:request("HEAD", "http://server:8080/what").headers["content-length"] == "10", "of functions neither")

local listener, code = server:http(8080, {})
expect(listener == nil and code == "EADDRINUSE", "a port is taken once")
server:http(80, { ["/"] = "root\n", ["/host"] = function(request) return request.headers.host end })
expect(client:get("http://server").body == "root\n", "port 80 and / go without saying")
expect(client:get("http://server?a=b").body == "root\n" and client:get({ host = server }).body == "root\n", "in parts too")
expect(client:get("http://server/host").body == "server", "nor is the port told then")
expect(client:get("http://server/host", { headers = { host = "www.example.com" } }).body == "www.example.com", "another name")
