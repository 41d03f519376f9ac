-- HTTP requests: conn:request(…) on a connection that stays, host:get(url) and host:request(…) on one of their own.
local api, sys = ...
local Host, Socket, http = sys.Host, sys.Socket, sys.http

local message_options = { headers = "table", body = true, version = "string" }

local function message_of(what, method, target, host, options)
  if type(method) ~= "string" or not method:find "^%u+$" then
    sys.misuse(("%s: a method is a word such as \"GET\", not %s"):format(what, sys.show(method)))
  end
  local version = options.version or "1.1"
  if version ~= "1.0" and version ~= "1.1" then
    sys.misuse(("%s: the version is \"1.0\" or \"1.1\", not %s"):format(what, sys.show(version)))
  end
  http.check(what, options.headers, options.body)
  local body = options.body
  if body == nil and (method == "POST" or method == "PUT" or method == "PATCH") then body = "" end
  if version == "1.0" and (type(body) == "table" or type(body) == "function") then
    sys.misuse(("%s: HTTP/1.0 knows no chunks; give the body as one text"):format(what))
  end
  local first = ("%s %s HTTP/%s"):format(method, target, version)
  if not http.field(options.headers, "host") then first = first .. "\r\nHost: " .. host end
  return { what = what, first = first, own = {}, headers = options.headers, body = body, chunks = true }
end

-- What a URL may not hold goes as %20 and the like, so that names in any language can be given as they are.
local function encoded(target)
  return (target:gsub("[^\33-\126]", function(byte) return ("%%%02X"):format(byte:byte()) end))
end

local function host_field(name, port)
  if name:find ":" then name = "[" .. name .. "]" end
  return port == 80 and name or ("%s:%d"):format(name, port)
end

local function exchange(conn, what, message, method)
  local sent, code, sentence = http.send(conn, message)
  if not sent then return nil, code, sentence end
  local response, part
  response, code, sentence, part = http.read_response(conn, method)
  if code == "EBADMSG" then return sys.fail(code, what, sentence) end
  if not response then return nil, code, sentence, part end
  return response
end

local function checked_path(what, path)
  if type(path) ~= "string" or not path:find "^[/*]" then
    sys.misuse(("%s: a path such as \"/ping\" is wanted, not %s"):format(what, sys.show(path)))
  end
  return encoded(path)
end

-- One request and its answer; the connection stays for the next.
function Socket:request(method, target, options)
  options = sys.options("request", options, message_options)
  target = checked_path("request", target)
  local address, port, sentence = self:peer_address()
  if not address then return nil, port, sentence end
  local message = message_of("request", method, target, host_field(sys.name_of(address), port), options)
  return exchange(self, ("%s %s"):format(method, target), message, method)
end

local function from_text(what, url)
  local scheme, rest = url:match "^(%a[%w+.-]*)://(.*)$"
  if not scheme then sys.misuse(("%s: a URL such as \"http://server:8080/ping\" is wanted, not %s"):format(what, sys.show(url))) end
  if scheme:lower() ~= "http" then sys.misuse(("%s: only http:// can be asked for, not %s://"):format(what, scheme)) end
  local where, target = rest:match "^([^/?#]+)([^#]*)"
  local host, port = (where or ""):match "^%[([%x:.]+)%]:?(%d*)$"
  if not host then host, port = (where or ""):match "^([^:@%[%]]+):?(%d*)$" end
  if not host then sys.misuse(("%s: %s names no host"):format(what, sys.show(url))) end
  if target:sub(1, 1) ~= "/" then target = "/" .. target end
  return host, port == "" and 80 or math.tointeger(tonumber(port)), encoded(target)
end

local url_fields = { host = true, port = "number", path = "string" }

-- "http://server:8080/ping", or { host = server, port = 8080, path = "/ping" }
local function parts_of(what, url)
  if type(url) == "string" then return from_text(what, url) end
  if type(url) ~= "table" then
    sys.misuse(("%s: a URL is a text or { host = …, port = …, path = … }, not %s"):format(what, type(url)))
  end
  sys.options(what, url, url_fields)
  return url.host, url.port or 80, checked_path(what, url.path or "/")
end

local request_options = { timeout = true, from_port = "number", any_socket_option = true }
for name, wanted in pairs(message_options) do request_options[name] = wanted end

local function fetch(host, what, method, url, options)
  options = sys.options(what, options, request_options)
  local to, port, target = parts_of(what, url)
  local _, name = sys.reach(host, to)
  local message = message_of(what, method, target, host_field(name, port), options)
  local mine = {}
  for key, value in pairs(options) do
    if not message_options[key] then mine[key] = value end
  end
  local conn <close>, code, sentence = host:connect(to, port, mine)
  if not conn then return nil, code, sentence end
  conn:timeout(options.timeout)
  return exchange(conn, ("%s http://%s%s"):format(method, host_field(name, port), target), message, method)
end

function Host:get(url, options) return fetch(self, "get", "GET", url, options) end
function Host:request(method, url, options) return fetch(self, "request", method, url, options) end
