-- Global names: the words of the language can be read, nothing can be set, everything else is an error.
local api, sys = ...

-- How many letters to add, take away or replace, and neighbours to swap, until one word is the other.
local function distance(a, b)
  local before, above, row = nil, nil, {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    before, above, row = above, row, { [0] = i }
    for j = 1, #b do
      local replaced = above[j - 1] + (a:byte(i) == b:byte(j) and 0 or 1)
      row[j] = math.min(replaced, above[j] + 1, row[j - 1] + 1)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
    end
  end
  return row[#b]
end

-- The variable of the scene, or else the word of the language, that a name may be meant for.
local function near(name, words)
  local names = sys.declared_names()
  if names[name] then return " (a `local` of that name is in another block, or further down)" end
  local best, least = nil, math.min(2, #name // 3) + 1
  for _, known_names in ipairs { names, words } do
    for known in pairs(known_names) do
      local far = math.abs(#known - #name) <= least and distance(name, known) or math.huge
      if far < least or (far == least and best and known < best) then best, least = known, far end
    end
  end
  return best and (" (did you mean %s?)"):format(best) or ""
end

local globals = {
  __index = function(_, name)
    local known = api[name]
    if known == nil then
      sys.misuse(("unknown name `%s`%s; a variable of yours needs `local`"):format(tostring(name), near(tostring(name), api)))
    end
    return known
  end,
  __newindex = function(_, name)
    if api[name] ~= nil then
      sys.misuse(("`%s` belongs to the language; give your variable another name, and `local`"):format(name))
    end
    name = tostring(name)
    sys.misuse(("`%s` is not declared%s: write `local %s = …`"):format(name, near(name, {}), name))
  end,
  __metatable = false,
}
sys.set_globals(globals)

-- Errors of wrong use, in one form. `known` is a set of names or a list of choices.
function sys.list(names)
  local sorted = {}
  for name in pairs(names) do
    sorted[#sorted + 1] = name == "any_socket_option" and "options of the socket such as reuseaddr" or tostring(name)
  end
  table.sort(sorted)
  return table.concat(sorted, ", ")
end

-- A value as it would be written in a script.
function sys.show(value)
  return type(value) == "string" and ("%q"):format(value) or tostring(value)
end

-- Options of a function: each must be known. An option whose check is a type name must have that type.
function sys.options(what, given, known)
  if given == nil then return {} end
  if type(given) ~= "table" then sys.misuse(("%s: options are a table, not %s"):format(what, type(given))) end
  for name, value in pairs(given) do
    local wanted = known[name]
    if wanted == nil and known.any_socket_option and sys.option_name(name) then wanted = true end
    if wanted == nil then
      sys.misuse(("%s: unknown option \"%s\"; it takes %s"):format(what, tostring(name), sys.list(known)))
    elseif wanted ~= true and type(value) ~= wanted then
      sys.misuse(("%s: %s is a %s, not %s"):format(what, name, wanted, type(value)))
    end
  end
  return given
end

-- Reading a field of a handle: a method, a property, or an error that lists what there is.
function sys.fields(metatable, methods, properties, what)
  metatable.__index = function(handle, name)
    local method = methods[name]
    if method ~= nil then return method end
    if type(handle) == "table" and math.type(name) == "integer" then return nil end -- its list ends there
    local property = properties[name]
    if property then return property(handle) end
    local known = {}
    for key in pairs(methods) do known[key] = true end
    for key in pairs(properties) do known[key] = true end
    sys.misuse(("%s has no `%s`; it has %s"):format(what, tostring(name), sys.list(known)))
  end
  metatable.__newindex = function(_, name)
    sys.misuse(("%s: `%s` cannot be set"):format(what, tostring(name)))
  end
end

function api.load(text, name)
  if type(text) ~= "string" and type(text) ~= "function" then
    sys.misuse(("load: a text of Lua expected, got %s"):format(type(text)))
  elseif name ~= nil and type(name) ~= "string" then
    sys.misuse(("load: the name of a text is a text, not %s"):format(type(name)))
  end
  return load(text, name or "=load", "t", setmetatable({}, globals))
end
