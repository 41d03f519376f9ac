-- Global names: the words of the language can be read, nothing can be set, everything else is an error.
local api, sys = ...

local function near(name)
  local best
  for known in pairs(api) do
    local same = 0
    for i = 1, #name do if known:sub(i, i) == name:sub(i, i) then same = same + 1 end end
    if math.abs(#known - #name) <= 1 and same >= #name - 2 and #name > 2 and same > #known / 2 then best = known end
  end
  return best and (" (did you mean %s?)"):format(best) or ""
end

sys.set_globals {
  __index = function(_, name)
    local known = api[name]
    if known == nil then
      sys.misuse(("unknown name `%s`%s; a variable of yours needs `local`"):format(tostring(name), near(tostring(name))))
    end
    return known
  end,
  __newindex = function(_, name)
    if api[name] ~= nil then
      sys.misuse(("`%s` belongs to the language; give your variable another name, and `local`"):format(name))
    end
    sys.misuse(("`%s` is not declared: write `local %s = …`"):format(tostring(name), tostring(name)))
  end,
  __metatable = false,
}

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
  return load(text, name or "=load", "t", setmetatable({}, { __index = api }))
end
