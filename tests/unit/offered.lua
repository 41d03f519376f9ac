-- What the prelude and the bindings offer, a line each, sorted:
--   global sleep             global packets.count
--   method host listen       property host name        of handles, by what their errors call them
--   table listen_options backlog string                options and fields: tables of the prelude called so, from which
--                                                      sys.options() and the like take what is allowed
local api = ...
local lines, seen, sys = {}, {}, nil

local function put(...) lines[#lines + 1] = table.concat({ ... }, " ") end

for name, value in pairs(api) do
  put("global", name)
  if type(value) == "table" and getmetatable(value) == false then
    for member in pairs(value) do put("global", name .. "." .. member) end
  end
end
for name in pairs(api.os) do put("global", "os." .. name) end

-- Everything that can be reached from the functions of the prelude through their upvalues.
local function walk(value)
  if type(value) == "table" and not seen[value] then
    seen[value] = true
    for _, one in pairs(value) do walk(one) end
    walk(debug.getmetatable(value))
  elseif type(value) == "function" and not seen[value] then
    seen[value] = true
    local up, methods, properties, what = {}, nil, nil, nil
    for i = 1, 255 do
      local name, one = debug.getupvalue(value, i)
      if not name then break end
      up[name] = one
      walk(one)
      local kind = name:match "^[%a_]+_options$" or name:match "^[%a_]+_fields$"
      if kind and type(one) == "table" and not seen[kind] then
        seen[kind] = one
        for field, wanted in pairs(one) do put("table", kind, tostring(field), tostring(wanted)) end
      elseif kind and type(one) == "table" and seen[kind] ~= one then
        error("two tables of the prelude are called " .. kind)
      end
    end
    methods, properties, what = up.methods, up.properties, up.what
    if methods and properties and type(what) == "string" then -- made by sys.fields()
      what = what:match "^%a+ (%a+)"
      for name in pairs(methods) do put("method", what, name) end
      for name in pairs(properties) do put("property", what, name) end
    end
  end
end

walk(api)
walk(debug.getregistry())
table.sort(lines)
return table.concat(lines, "\n") .. "\n"
