-- host:http(port, [opts,] routes): an HTTP server on sockets of the scene.
local api, sys = ...
local Host, http = sys.Host, sys.http

local LINGER <const> = 1 -- seconds for a client that is told that its request is wrong

local answer_fields = { status = "number", reason = "string", headers = "table", body = true }

-- An answer as a scene gives it: a text, or { status =, headers =, body = }.
local function checked(answer, what)
  if type(answer) == "string" then answer = { body = answer } end
  if type(answer) ~= "table" then
    sys.misuse(("%s is a text or { status = …, headers = …, body = … }, not %s"):format(what, sys.show(answer)))
  end
  sys.options(what, answer, answer_fields)
  local status = answer.status or 200
  if math.type(status) ~= "integer" or status < 200 or status > 999 then
    sys.misuse(("%s: a status is a whole number from 200, such as 404, not %s"):format(what, sys.show(status)))
  end
  http.check(what, answer.headers, answer.body)
  return answer
end

-- "/path" is for any method if it is a function, for GET and HEAD if it is a text; "POST /path" for that one; a path
-- that ends with * stands for all that begin so, the longest first.
local function compiled(routes)
  if type(routes) ~= "table" then sys.misuse(("http: paths and what they answer are a table, not %s"):format(type(routes))) end
  local exact, beginnings = {}, {}
  for key, answer in pairs(routes) do
    local method, path
    if type(key) == "string" then method, path = ("ANY " .. key):match "(%u+) (/[^%c ]*)$" end
    if key ~= path and key ~= ("%s %s"):format(method, path) then
      sys.misuse(("http: a route is \"/path\" or \"POST /path\", not %s"):format(sys.show(key)))
    end
    if type(answer) ~= "function" then answer = checked(answer, ("http: the answer of \"%s\""):format(key)) end
    local found = exact[path]
    if not found then
      found = {}
      exact[path] = found
      if path:sub(-1) == "*" then beginnings[#beginnings + 1] = path:sub(1, -2) end
    end
    if method == "ANY" and type(answer) ~= "function" then method = "GET" end
    found[method] = answer
  end
  table.sort(beginnings, function(a, b) return #a > #b end)
  return function(path)
    if exact[path] and path:sub(-1) ~= "*" then return exact[path] end
    for _, beginning in ipairs(beginnings) do
      if path:sub(1, #beginning) == beginning then return exact[beginning .. "*"] end
    end
  end
end

local function allowed(methods)
  local names = {}
  for name in pairs(methods) do names[#names + 1] = name end
  if methods.GET then names[#names + 1] = "HEAD" end
  table.sort(names)
  return table.concat(names, ", ")
end

local function answer_to(request, find)
  local methods = find(request.path)
  if not methods then return { status = 404, body = ("There is no %s here.\n"):format(request.path) } end
  local answer = methods[request.method] or request.method == "HEAD" and methods.GET or methods.ANY
  if not answer then
    return { status = 405, headers = { Allow = allowed(methods) }, body = "Not this method.\n" }
  end
  if type(answer) ~= "function" then return answer end
  return checked(answer(request), ("%shttp: what answers %s"):format(sys.place(answer), request.path))
end

-- `message` is filled with what http.send() sends.
local function message_of(answer, version, method, stays, message)
  local status, own = answer.status or 200, {}
  local reason = answer.reason or http.reasons[status] or ""
  message.what, message.first = "http", ("HTTP/1.1 %d %s"):format(status, reason)
  message.headers, message.own = answer.headers, own
  message.silent, message.chunks = http.has_no_body(method, status), version ~= "1.0"
  if status ~= 204 and status ~= 304 then message.body = answer.body or status < 400 and "" or reason .. "\n" end
  local told = http.field(answer.headers, "connection")
  if not told and not stays then own[1] = "Connection: close" end
  if not told and stays and version == "1.0" then own[1] = "Connection: keep-alive" end
  return message
end

-- Closing with bytes unread would send RST, which may overtake the answer at the client: so FIN first, and the rest of
-- what it sends is read, for a while (RFC 9112, 9.6).
local function refuse(conn, status, sentence)
  http.send(conn, message_of({ status = status, body = sentence .. ".\n" }, "1.0", "GET", false, {}))
  conn:shutdown "send"
  conn:timeout(LINGER)
  local limit <const> = sys.deadline(LINGER)
  while sys.clock() < limit and conn:recv() do end
end

-- Whether the answer lets the connection stay: it does not say otherwise, and its end can be told.
local function may_stay(request, answer)
  if not http.persists("1.1", { connection = http.field(answer.headers, "connection") }) then return false end
  return request.version ~= "1.0" or type(answer.body) ~= "table" and type(answer.body) ~= "function"
end

-- Answers one request; whether the connection stays.
local function answer(conn, request, find, message)
  local found = answer_to(request, find)
  local stays = http.persists(request.version, request.headers) and may_stay(request, found)
  return http.send(conn, message_of(found, request.version, request.method, stays, message)) and stays
end

-- A function of the scene that fails is answered with 500, if nothing has been said yet. Its error is the scene's, and
-- ends this connection, but not the server.
local function talk(conn, find, idle_timeout)
  while true do
    if idle_timeout then conn:timeout(idle_timeout) end
    local request, code, sentence, status = http.read_request(conn)
    if not request then
      if code == "EBADMSG" then refuse(conn, status, sentence) end
      return
    end
    if idle_timeout then conn:timeout() end
    local message = {}
    local well, stays = xpcall(answer, sys.fault, conn, request, find, message)
    if not well and not message.begun then http.send(conn, message_of({ status = 500 }, "1.0", "GET", false, {})) end
    if not well or not stays then return end
  end
end

local http_options = { idle_timeout = true }
function Host:http(port, options, routes)
  if routes == nil then options, routes = nil, options end
  local known = {}
  for _, takes in ipairs { http_options, sys.listen_options } do
    for name, wanted in pairs(takes) do known[name] = wanted end
  end
  options = sys.options("http", options, known)
  local find = compiled(routes)
  local mine = {}
  for name, value in pairs(options) do
    if not http_options[name] then mine[name] = value end
  end
  return self:listen(port, mine, function(conn) talk(conn, find, options.idle_timeout) end)
end
