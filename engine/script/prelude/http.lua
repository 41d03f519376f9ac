-- HTTP/1.1 messages, as RFC 9112 has them: read strictly, written plainly. http_server and http_client hold the talks.
--
-- What reads gives its result, or nil, code, sentence and a fourth value: with "EBADMSG", a message against the rules,
-- the status that answers it; with a failure of the network, what had come of the body by then.
local api, sys = ...
local http = {}
sys.http = http

local LINE_MAX <const> = 8192 -- bytes of one line
local FIELDS_MAX <const> = 100
local HEAD_MAX <const> = 65536 -- bytes of all fields together
local BODY_MAX <const> = 16 << 20

local TOKEN <const> = "[%w!#$%%&'*+%-.^_`|~]+"
local CONTROL <const> = "[\0-\8\10-\31\127]"

http.reasons = {
  [100] = "Continue", [101] = "Switching Protocols", [200] = "OK", [201] = "Created", [202] = "Accepted",
  [204] = "No Content", [206] = "Partial Content", [301] = "Moved Permanently", [302] = "Found", [303] = "See Other",
  [304] = "Not Modified", [307] = "Temporary Redirect", [308] = "Permanent Redirect", [400] = "Bad Request",
  [401] = "Unauthorized", [403] = "Forbidden", [404] = "Not Found", [405] = "Method Not Allowed",
  [408] = "Request Timeout", [409] = "Conflict", [410] = "Gone", [411] = "Length Required", [413] = "Content Too Large",
  [414] = "URI Too Long", [417] = "Expectation Failed", [418] = "I'm a teapot", [429] = "Too Many Requests",
  [431] = "Request Header Fields Too Large", [500] = "Internal Server Error", [501] = "Not Implemented",
  [502] = "Bad Gateway", [503] = "Service Unavailable", [504] = "Gateway Timeout", [505] = "HTTP Version Not Supported",
}

local function bad(status, sentence, ...)
  return nil, "EBADMSG", sentence:format(...), status
end

-- A line ends with CR LF; a LF alone is not taken for one, since two readers may then see two messages.
local function read_line(conn, too_long, what)
  local text, code, sentence = conn:receive("line", LINE_MAX)
  if code == "EMSGSIZE" then return bad(too_long, "%s has more than %d bytes", what, LINE_MAX) end
  if not text then return nil, code, sentence, "" end
  if text:byte(-1) ~= 13 then return bad(400, "%s does not end with CR LF", what) end
  return text:sub(1, -2)
end

-- Names of fields count the same in capitals and small letters.
local fields_meta = {
  __index = function(fields, name) return type(name) == "string" and rawget(fields, name:lower()) or nil end,
  __metatable = false,
}

-- A field of a table that a scene gives.
function http.field(fields, name)
  for key, value in pairs(fields or {}) do
    if key:lower() == name then return value end
  end
end

-- The fields of a head, or the trailers behind a body. One that comes twice has its values joined, as RFC 9110 allows.
local function read_fields(conn)
  local fields, count, size = setmetatable({}, fields_meta), 0, 0
  while true do
    local text, code, sentence, more = read_line(conn, 431, "a header field")
    if not text then return nil, code, sentence, more end
    if text == "" then return fields end
    count, size = count + 1, size + #text
    if count > FIELDS_MAX then return bad(431, "there are more than %d header fields", FIELDS_MAX) end
    if size > HEAD_MAX then return bad(431, "the header fields have more than %d bytes", HEAD_MAX) end
    local name, value = text:match("^(" .. TOKEN .. "):[ \t]*(.*)$")
    if not name then return bad(400, "a header field is `Name: value`") end
    if value:find(CONTROL) then return bad(400, "%s has control characters", name) end
    name, value = name:lower(), value:match "^.*[^ \t]" or ""
    local before = rawget(fields, name)
    fields[name] = before and before .. ", " .. value or value
  end
end

-- The words of a list such as "keep-alive, Upgrade", in small letters.
local function list(value)
  local words = {}
  for word in (value or ""):lower():gmatch "[^,]+" do
    word = word:match "^%s*(.-)%s*$"
    if word ~= "" then words[#words + 1] = word end
  end
  return words
end

local function has(value, wanted)
  for _, word in ipairs(list(value)) do
    if word == wanted then return true end
  end
  return false
end

-- Whether the connection stays open behind a message.
function http.persists(version, fields)
  if has(fields.connection, "close") then return false end
  return version ~= "1.0" or has(fields.connection, "keep-alive")
end

-- The next chunk, "" for the last one.
local function read_chunk(conn, room)
  local size, code, sentence, more = read_line(conn, 400, "the size of a chunk")
  if not size then return nil, code, sentence, more end
  local digits = size:match "^(%x+)[ \t]*$" or size:match "^(%x+)[ \t]*;[^%c]*$"
  if not digits or #digits > 8 then return bad(400, "the size of a chunk is a number of up to 8 digits from 0 to f") end
  local length = tonumber(digits, 16)
  if length == 0 then return "" end
  if length > room then return bad(413, "the body has more than %d bytes", BODY_MAX) end
  local chunk, rest
  chunk, code, sentence, more = conn:receive(length)
  if not chunk then return nil, code, sentence, more end
  rest, code, sentence, more = read_line(conn, 400, "a chunk")
  if not rest then return nil, code, sentence, code == "EBADMSG" and more or chunk end
  if rest ~= "" then return bad(400, "a chunk is longer than its size says") end
  return chunk
end

local function read_chunks(conn)
  local chunks, size = {}, 0
  local chunk, code, sentence, more
  repeat
    chunk, code, sentence, more = read_chunk(conn, BODY_MAX - size)
    if chunk == "" then chunk, code, sentence, more = read_fields(conn) end -- trailers, for which nobody asks
    if not chunk then return nil, code, sentence, code == "EBADMSG" and more or table.concat(chunks) .. more end
    if type(chunk) == "string" then
      chunks[#chunks + 1], size = chunk, size + #chunk
    end
  until type(chunk) ~= "string"
  return table.concat(chunks)
end

-- How the body of a message ends: "chunked", a number of bytes, or nil where nothing says so (RFC 9112, 6.3).
local function framing(version, fields)
  local coding, length = fields["transfer-encoding"], fields["content-length"]
  if coding then
    if version == "1.0" then return bad(400, "HTTP/1.0 has no Transfer-Encoding") end
    if length then return bad(400, "Content-Length and Transfer-Encoding contradict each other") end
    local codings = list(coding)
    if codings[#codings] ~= "chunked" then return bad(400, "a Transfer-Encoding ends with chunked") end
    if #codings > 1 then return bad(501, "of Transfer-Encodings only chunked is known here") end
    return "chunked"
  elseif length then
    if not length:find "^%d+$" then return bad(400, "Content-Length is a number") end
    if #length > 15 or tonumber(length) > BODY_MAX then return bad(413, "the body has more than %d bytes", BODY_MAX) end
    return math.tointeger(tonumber(length))
  end
end

-- `ask` is called before a body is read that comes.
local function read_body(conn, how, ask)
  if how == nil or how == 0 then return "" end
  if ask then ask() end
  if how == "chunked" then return read_chunks(conn) end
  return conn:receive(how)
end

-- Reading a field that a message does not have is a mistake in the scene.
local function message_meta(what, text)
  local meta = { __metatable = false, __name = what, __tostring = text }
  local names = {}
  function meta.__index(_, name)
    sys.misuse(("%s has no `%s`; it has %s"):format(what, tostring(name), sys.list(names)))
  end
  return meta, names
end

local request_meta, request_names = message_meta("a request", function(r) return r.method .. " " .. r.target end)
local response_meta, response_names = message_meta("a response", function(r) return ("response %d"):format(r.status) end)

local function made(message, meta, names)
  for name in pairs(message) do names[name] = true end
  return setmetatable(message, meta)
end

local function decoded(text)
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- Path and query of a target: "/a?b=c", or the same behind "http://host".
local function parts_of(target)
  local plain = target:match "^[Hh][Tt][Tt][Pp]://[^/?]+(.*)$" or target
  if plain == "" or plain:sub(1, 1) == "?" then plain = "/" .. plain end
  if plain ~= "*" and plain:sub(1, 1) ~= "/" then return nil end
  local path, rest = plain:match "^([^?]*)%??(.*)$"
  local query = {}
  for pair in rest:gmatch "[^&]+" do
    local name, value = pair:match "^([^=]*)=?(.*)$"
    query[decoded(name:gsub("+", " "))] = decoded(value:gsub("+", " "))
  end
  return decoded(path), query
end

local function valid_host(text)
  return text:find "^[%w%-._~%%!$&'()*+;=]*:?%d*$" or text:find "^%[[%x:.]+%]:?%d*$"
end

local function read_first_line(conn)
  local first, code, sentence, more = read_line(conn, 414, "the request line")
  if first == "" then first, code, sentence, more = read_line(conn, 414, "the request line") end -- RFC 9112, 2.2
  if not first then return nil, code, sentence, more end
  local method, target, major, minor = first:match("^(" .. TOKEN .. ") ([\33-\126]+) HTTP/(%d)%.(%d)$")
  if not method then return bad(400, "a request begins with a line such as GET /path HTTP/1.1") end
  if major ~= "1" then return bad(505, "HTTP/%s.%s is not spoken here", major, minor) end
  local path, query = parts_of(target)
  if not path then return bad(400, "a target begins with / or http://") end
  return { method = method, target = target, path = path, query = query, version = minor == "0" and "1.0" or "1.1" }
end

function http.read_request(conn)
  local request, code, sentence, more = read_first_line(conn)
  if not request then return nil, code, sentence, more end
  local headers
  headers, code, sentence, more = read_fields(conn)
  if not headers then return nil, code, sentence, more end
  local host = headers.host
  if not host and request.version ~= "1.0" then return bad(400, "HTTP/1.1 wants a Host field") end
  if host and not valid_host(host) then return bad(400, "this is no Host, or more than one") end
  local how
  how, code, sentence, more = framing(request.version, headers)
  if code then return nil, code, sentence, more end
  local expects = headers.expect and request.version ~= "1.0" and headers.expect:lower()
  if expects and expects ~= "100-continue" then return bad(417, "only 100-continue can be expected here") end
  local ask = expects and function() conn:send "HTTP/1.1 100 Continue\r\n\r\n" end
  request.body, code, sentence, more = read_body(conn, how, ask)
  if not request.body then return nil, code, sentence, more end
  request.headers, request.conn = headers, conn
  return made(request, request_meta, request_names)
end

-- Answers 100 to 199 announce another one.
local function read_status(conn)
  while true do
    local first, code, sentence, more = read_line(conn, 400, "the status line")
    if not first then return nil, code, sentence, more end
    local minor, status, reason = first:match "^HTTP/1%.(%d) (%d%d%d) ?([^%c]*)$"
    if not minor then return bad(400, "an answer begins with a line such as HTTP/1.1 200 OK") end
    local headers
    headers, code, sentence, more = read_fields(conn)
    if not headers then return nil, code, sentence, more end
    status = math.tointeger(tonumber(status))
    if status >= 200 or status == 101 then
      return { version = minor == "0" and "1.0" or "1.1", status = status, reason = reason, headers = headers }
    end
  end
end

function http.has_no_body(method, status)
  return method == "HEAD" or status < 200 or status == 204 or status == 304
end

-- The answer to a request with this method.
function http.read_response(conn, method)
  local response, code, sentence, more = read_status(conn)
  if not response then return nil, code, sentence, more end
  if http.has_no_body(method, response.status) then
    response.body = ""
  else
    local how
    how, code, sentence, more = framing(response.version, response.headers)
    if code then return nil, code, sentence, more end
    if how == nil then
      response.body, code, sentence, more = conn:receive "all"
    else
      response.body, code, sentence, more = read_body(conn, how)
    end
    if not response.body then return nil, code, sentence, more end
  end
  return made(response, response_meta, response_names)
end

-- Fields and body that a scene gives: text, or a list of pieces, or a function that gives them until it gives nil.
function http.check(what, headers, body)
  for name, value in pairs(headers or {}) do
    if type(name) ~= "string" or not name:find("^" .. TOKEN .. "$") then
      sys.misuse(("%s: %s is no name of a header field"):format(what, sys.show(name)))
    elseif type(value) ~= "string" and type(value) ~= "number" or tostring(value):find(CONTROL) then
      sys.misuse(("%s: the header field %s is a text of one line"):format(what, name))
    elseif name:lower() == "content-length" or name:lower() == "transfer-encoding" then
      sys.misuse(("%s: %s follows from the body; for a wrong one write the message by hand, with send"):format(what, name))
    end
  end
  local kind = type(body)
  if kind == "table" then
    for _, piece in ipairs(body) do
      if type(piece) ~= "string" then sys.misuse(("%s: a body is a list of texts, not of a %s"):format(what, type(piece))) end
    end
  elseif kind ~= "nil" and kind ~= "string" and kind ~= "number" and kind ~= "function" then
    sys.misuse(("%s: a body is a text, a list of texts or a function that gives them, not %s"):format(what, kind))
  end
end

-- What gives the next piece of a body; nil if it is a text, whose length is known.
local function pieces_of(body)
  if type(body) == "table" then
    local at = 0
    return function()
      at = at + 1
      return body[at]
    end
  end
  return type(body) == "function" and body or nil
end

local function head_of(message)
  local names, lines = {}, { message.first }
  for name in pairs(message.headers or {}) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do lines[#lines + 1] = ("%s: %s"):format(name, message.headers[name]) end
  table.move(message.own, 1, #message.own, #lines + 1, lines)
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

local function send_text(conn, message, text)
  if text == "" then return true end
  message.begun = true
  return conn:send(text)
end

-- A body whose length nobody knows before: a chunk for each piece, the first in one send with the head; as it is for a
-- peer that knows no chunks, to which the end of the connection ends it.
local function send_pieces(conn, message, next_piece, text)
  repeat
    local piece = next_piece()
    if piece ~= nil and type(piece) ~= "string" then
      sys.misuse(("%s: a body comes in texts, not in a %s"):format(message.what, type(piece)))
    end
    if not message.chunks then text = text .. (piece or "")
    elseif piece ~= "" then text = text .. ("%x\r\n%s\r\n"):format(#(piece or ""), piece or "") end
    local sent, code, sentence, part = send_text(conn, message, text)
    if not sent then return nil, code, sentence, part end
    text = ""
  until piece == nil
  return true
end

-- Sends a message:
--   what     who gave it, for errors
--   first    its first line
--   headers  fields from the scene
--   own      lines that go behind them
--   body     as checked above; nil for a message that has none
--   silent   the body is left out, though the fields tell of it
--   chunks   the peer knows them
--   begun    set when something of it has been sent
function http.send(conn, message)
  local next_piece = pieces_of(message.body)
  if next_piece then
    if message.chunks then table.insert(message.own, "Transfer-Encoding: chunked") end
    if message.silent then return send_text(conn, message, head_of(message)) end
    return send_pieces(conn, message, next_piece, head_of(message))
  end
  local body = tostring(message.body or "")
  if message.body then table.insert(message.own, "Content-Length: " .. #body) end
  return send_text(conn, message, head_of(message) .. (message.silent and "" or body))
end
