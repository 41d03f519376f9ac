-- Telling the story: titles, narration, knobs, checks, other files.
local api, sys = ...

-- A text may be given in two languages.
local function words(text, what)
  if type(text) == "table" then
    text = text[sys.korean() and "ko" or "en"] or text.en or text.ko
  end
  if type(text) ~= "string" and type(text) ~= "number" then
    sys.misuse(("%s: a text or { ko = …, en = … } expected, got %s"):format(what, type(text)))
  end
  return tostring(text)
end

local function filled(what, text, ...)
  text = words(text, what)
  if select("#", ...) == 0 then return text end
  local ok, result = pcall(string.format, text, ...)
  if not ok then sys.misuse(("%s: %s"):format(what, (result:gsub("^.-: ", "")))) end
  return result
end

function api.title(text) sys.describe("title", words(text, "title")) end

-- A list of texts.
local function texts(list, what)
  for _, text in ipairs(list or {}) do
    if type(text) ~= "string" then sys.misuse(("scene: %s is a list of texts, not of a %s"):format(what, type(text))) end
  end
  return list or {}
end

local scene_options = { author = true, about = true, tags = "table", needs = "table", time_limit = true, linger = true,
  observe = true }
function api.scene(options)
  options = sys.options("scene", options, scene_options)
  if options.author then sys.describe("author", words(options.author, "author")) end
  if options.about then sys.describe("about", words(options.about, "about")) end
  if options.tags then sys.describe("tags", table.concat(texts(options.tags, "tags"), ", ")) end
  sys.limits(options.time_limit, options.linger)
  if options.observe then sys.observe(sys.observed("scene", options.observe)) end
  for _, program in ipairs(texts(options.needs, "needs")) do
    sys.need_program(program)
  end
end

function api.say(text, ...) sys.say(filled("say", text, ...)) end
function api.cue(text, ...) sys.cue(filled("cue", text, ...)) end

function api.print(...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = tostring(parts[i]) end
  sys.print(table.concat(parts, "\t"))
end

local function same_type(name, text, default)
  if type(default) == "number" then
    local number = tonumber(text)
    if not number then sys.misuse(("--set %s=%s: a number is wanted"):format(name, text)) end
    return math.type(default) == "integer" and math.tointeger(number) or number
  elseif type(default) == "boolean" then
    if text ~= "true" and text ~= "false" then
      sys.misuse(("--set %s=%s: true or false is wanted"):format(name, text))
    end
    return text == "true"
  end
  return text
end

function api.param(name, default, choices)
  if type(name) ~= "string" then sys.misuse("param: its name comes first, then its default") end
  if type(default) ~= "number" and type(default) ~= "boolean" and type(default) ~= "string" then
    sys.misuse(("param %s: the default is a number, a text or true or false"):format(name))
  end
  local given = sys.setting(name)
  local value = default
  if given then value = same_type(name, given, default) end
  if choices == nil and type(default) == "boolean" then choices = { false, true } end
  local texts, allowed = {}, choices == nil
  for i, choice in ipairs(choices or {}) do
    texts[i] = tostring(choice)
    allowed = allowed or choice == value
  end
  if not allowed then
    sys.misuse(("param %s cannot be %s; it is one of %s"):format(name, tostring(value), table.concat(texts, ", ")))
  end
  sys.declare(name, tostring(value), texts)
  return value
end

local expect_options = { within = true }
function api.expect(condition, text, options)
  text = words(text == nil and "expectation" or text, "expect")
  options = sys.options("expect", options, expect_options)
  local ok = condition
  if type(condition) == "function" then
    local limit <const> = sys.deadline(options.within or 2)
    repeat
      ok = sys.quietly(condition)
      if ok then break end
    until not sys.pause("expect", 0.005, limit)
  end
  sys.check(ok and true or false, text, type(condition) == "function" and condition or nil)
  return ok
end

-- Until nothing has moved on the wires for a quarter of a second.
function api.settle(limit)
  local deadline <const> = sys.deadline(limit)
  while not sys.quiet() do
    if not sys.pause("settle", 0.01, deadline) then return nil, "timeout", "settle: the wires did not get quiet" end
  end
  return true
end

local loaded = {}
function api.require(name)
  if type(name) ~= "string" or not name:match "^[%w_%-%.]+$" then
    sys.misuse("require takes the name of a Lua file beside the scene, without .lua")
  end
  if loaded[name] == nil then
    local file = name:gsub("%.", "/") .. ".lua"
    local text, why = sys.want(file)
    if not text then sys.misuse(("require \"%s\": %s"):format(name, why)) end
    local result = sys.load_source(file, text)(name)
    loaded[name] = result == nil and true or result
  end
  return loaded[name]
end
