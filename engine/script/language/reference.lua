-- Reads wirescene.lua, the definitions of the language, and tells them: as a list, a word, or a page for people.
--   reference(definitions, "list" | "word" | "page", word, width) → text; nil where there is no such word
local definitions, form, wanted, width = ...

-- Reading ------------------------------------------------------------------------------------------------------------

local closing <const> = { ["("] = ")", ["{"] = "}", ["<"] = ">", ["["] = "]" }

-- A type, which ends at a blank outside of brackets and quotes that no `|`, `,` or `:` stands beside; and what follows.
local function split_type(text)
  local open, quote, at = {}, nil, 1
  while at <= #text do
    local c = text:sub(at, at)
    if quote then
      if c == quote then quote = nil end
    elseif c == '"' or c == "'" then quote = c
    elseif closing[c] then open[#open + 1] = closing[c]
    elseif c == open[#open] then open[#open] = nil
    elseif c == " " and #open == 0 and not text:sub(1, at - 1):find "[|:,]$" and not text:find("^ *[|,]", at) then break end
    at = at + 1
  end
  return text:sub(1, at - 1), (text:sub(at):gsub("^%s*#?%s*", ""))
end

local function named(text)
  local name, rest = text:match "^(%S+)%s+(.*)$"
  local optional = name:sub(-1) == "?"
  local type, about = split_type(rest)
  return { name = optional and name:sub(1, -2) or name, optional = optional, type = type, about = about }
end

local tags = {}
function tags.param(item, text) table.insert(item.params, named(text)) end
function tags.field(item, text) table.insert(item.fields, named(text)) end
function tags.class(item, text)
  item.kind, item.name, item.parents = "class", text:match "^([%w_]+)", text:match ":%s*(.*)$"
end
function tags.alias(item, text)
  local name, rest = text:match "^([%w_]+)%s*(.*)$"
  item.kind, item.name, item.type = "alias", name, rest
end
tags["return"] = function(item, text)
  local type, about = split_type(text)
  local name, rest = about:match "^([%w_]+)%s*(.*)$"
  table.insert(item.returns, { type = type, name = name or type, about = rest or "" })
end

local function new_item() return { params = {}, returns = {}, fields = {}, choices = {}, text = {}, fails = {} } end

-- Paragraphs: lines joined, but for code between fences, which is the example.
local function paragraphs(lines)
  local result, current, code = {}, {}, nil
  local function finish()
    if #current > 0 then result[#result + 1] = table.concat(current, " ") end
    current = {}
  end
  for _, line in ipairs(lines) do
    if code and line == "```" then code.done = true
    elseif code and not code.done then code[#code + 1] = line
    elseif line:find "^```" then finish() code = {}
    elseif line == "" then finish()
    else current[#current + 1] = line end
  end
  finish()
  return result, code
end

local function finish_text(item)
  local text, code = paragraphs(item.text)
  item.text, item.example = {}, code
  for _, paragraph in ipairs(text) do
    if paragraph:find "^Fails: " then
      item.fails_text = paragraph:sub(8)
      for piece in item.fails_text:gsub("%.$", ""):gsub("[.;] +`", "\0`"):gmatch "[^\0]+" do
        local code, about = piece:match "^`([%w_]+)` (.*)$"
        table.insert(item.fails, { code = code or "", about = about or piece })
      end
    else
      table.insert(item.text, paragraph)
    end
  end
  return item
end

-- Lines of a block, "---…", and the line of code behind it.
local function read_block(lines, code)
  local item = new_item()
  for _, line in ipairs(lines) do
    local tag, rest = line:match "^@(%a+)%s*(.*)$"
    local choice, about = line:match "^| ([^#]+)#?%s*(.*)$"
    if tag and tags[tag] then tags[tag](item, rest)
    elseif choice then table.insert(item.choices, { name = choice:match "^(.-)%s*$", about = about })
    elseif not tag then table.insert(item.text, line) end
  end
  local name, params = code:match "^function ([%w_.:]+)%((.*)%)"
  if name then
    item.kind, item.name = "function", name
  elseif item.kind == "class" then
    item.variable = code:match "^local (%w+)"
  end
  return item.kind and finish_text(item), params
end

local function read(text)
  local parts, block = {}, {}
  local part
  for line in (text .. "\n"):gmatch "(.-)\n" do
    local level, title = line:match "^%-%- (#+) (.*)$"
    if line:find "^%-%-%-" then
      block[#block + 1] = line:sub(4)
    elseif level then
      part = { level = #level, title = title, text = {}, items = {} }
      parts[#parts + 1] = part
    elseif line:find "^%-%-" and part and #part.items == 0 then
      part.text[#part.text + 1] = line:gsub("^%-%- ?", "")
    elseif #block > 0 then
      local item = part and read_block(block, line)
      if item then part.items[#part.items + 1] = item end
      block = {}
    end
  end
  return parts
end

-- Telling ------------------------------------------------------------------------------------------------------------

local function signature(item)
  if item.kind ~= "function" then return item.name end
  local text = item.name .. "("
  for i, param in ipairs(item.params) do
    local name = param.name == "..." and "…" or param.name
    local comma = i > 1 and ", " or ""
    text = text .. (param.optional and ("%s[%s%s]"):format(i > 1 and " " or "", comma, name) or comma .. name)
  end
  return text .. ")"
end

local function results(item)
  local names, fails = {}, nil
  for _, result in ipairs(item.returns) do
    if result.name == "code" then fails = "nil, code, sentence"
    elseif result.name == "part" then fails = fails .. ", part"
    elseif result.name ~= "sentence" then names[#names + 1] = result.name end
  end
  return table.concat(names, ", "), fails
end

local function first_sentence(item)
  local text = item.text[1] or ""
  return (text:match "^(.-%.)%f[%s\0]" or text):gsub("`", "")
end

-- Words in lines of `width`; the first line stands behind `head`, the others as far right.
local function wrap(out, head, text)
  local line, indent = head, (" "):rep(utf8.len(head))
  local empty = true
  for word in text:gmatch "%S+" do
    if not empty and utf8.len(line) + 1 + utf8.len(word) > width then
      out[#out + 1] = line
      line, empty = indent, true
    end
    line, empty = line .. (empty and "" or " ") .. word, false
  end
  out[#out + 1] = line:match "^(.-) *$"
end

local function plain(text) return (text:gsub("`", "")) end

local function cut(text)
  local rest = utf8.offset(text, width)
  return utf8.len(text) > width and text:sub(1, rest - 1) .. "…" or text
end

local function tell_list(parts)
  local out = {}
  for _, part in ipairs(parts) do
    local head = (#out > 0 and "\n" or "") .. part.title
    for _, item in ipairs(part.items) do
      if item.kind == "function" then
        local text = signature(item)
        if head then out[#out + 1] = head end
        head = nil
        out[#out + 1] = cut(("  %s%s  %s"):format(text, (" "):rep(32 - utf8.len(text)), first_sentence(item)))
      end
    end
  end
  out[#out + 1] = "\nwirescene language WORD tells more."
  return table.concat(out, "\n") .. "\n"
end

-- Names, types and what there is to say of them in columns; a long type has a row of its own.
local function tell_named(list, out)
  local names, types = 0, 0
  for _, one in ipairs(list) do
    names = math.max(names, #one.name)
    if #one.type <= 20 then types = math.max(types, #one.type) end
  end
  local function columns(name, type)
    return ("  %s%s  %s%s  "):format(name, (" "):rep(names - #name), type, (" "):rep(types - #type))
  end
  for _, one in ipairs(list) do
    local long = #one.type > types and one.about ~= ""
    if long then out[#out + 1] = columns(one.name, one.type):match "^(.-) *$" end
    wrap(out, long and columns("", "") or columns(one.name, one.type), plain(one.about))
  end
end

local function code_of(example, indent, out)
  for _, line in ipairs(example) do out[#out + 1] = line == "" and "" or indent .. line end
end

local function tell_item(item, out)
  local names, fails = results(item)
  out[#out + 1] = signature(item) .. (names ~= "" and " → " .. names or "")
  local function gap() out[#out + 1] = "" end
  for _, paragraph in ipairs(item.text) do
    gap()
    wrap(out, "  ", plain(paragraph))
  end
  if item.parents then wrap(out, "  ", ("With all of %s."):format(item.parents:gsub(", ", " and "))) end
  if item.type and item.type ~= "" then
    gap()
    wrap(out, "  ", item.type)
  end
  for _, list in ipairs { item.params, item.fields } do
    if #list > 0 then
      gap()
      tell_named(list, out)
    end
  end
  if #item.choices > 0 then gap() end
  for _, choice in ipairs(item.choices) do wrap(out, "  ", choice.name .. "  " .. choice.about) end
  if fails then
    gap()
    wrap(out, "  ", ("Fails with %s%s"):format(fails, #item.fails > 0 and ":" or "."))
    for _, fail in ipairs(item.fails) do
      wrap(out, fail.code == "" and "    " or ("    %-14s "):format(fail.code), plain(fail.about))
    end
  end
  if item.example then
    gap()
    code_of(item.example, "    ", out)
  end
end

-- Whether the word means this item, by its whole name, what stands behind the last dot or colon, or, for want of that, one
-- of its fields, choices or failures.
local function means(item, word)
  return item.name == word or item.name:match "[%w_]+$" == word
end

local function has_part(item, word)
  for _, field in ipairs(item.fields) do if field.name == word then return true end end
  for _, choice in ipairs(item.choices) do if choice.name:match "[%w_]+" == word then return true end end
  for _, fail in ipairs(item.fails) do if fail.code == word then return true end end
  return false
end

local function tell_word(parts, word)
  word = word:gsub("%(.*$", "")
  local found, classes = {}, {}
  for _, test in ipairs { means, has_part } do
    for _, part in ipairs(parts) do
      for _, item in ipairs(part.items) do
        classes[item.name] = item
        if test(item, word) then found[#found + 1] = item end
      end
    end
    if #found > 0 then break end
  end
  if #found == 0 then return nil end
  local out, told = {}, {}
  local tell
  local function tell_with(type) -- options are told with their function, if they are not too many
    local class = classes[type:match "^[%w_]+"]
    if class and class.kind == "class" and not class.variable and #class.fields < 25 then tell(class) end
  end
  function tell(item)
    if told[item] then return end
    told[item] = true
    if #out > 0 then out[#out + 1] = "" end
    tell_item(item, out)
    for _, param in ipairs(item.params) do tell_with(param.type) end
    for parent in (item.parents or ""):gmatch "%w+" do tell_with(parent) end
  end
  for _, item in ipairs(found) do tell(item) end
  return table.concat(out, "\n") .. "\n"
end

local function cell(text) return (text:gsub("|", "\\|")) end

-- A type as code; one that the page tells of leads there.
local function type_cell(type, told)
  local name, rest = type:match "^([%w_]+)([%[%]?]*)$"
  if told[name] then return ("[`%s`](#%s)%s"):format(name, name:lower(), rest ~= "" and "`" .. rest .. "`" or "") end
  return "`" .. cell(type) .. "`"
end

local function page_named(list, out, head, told)
  out[#out + 1] = "\n| " .. head .. " | | |\n|---|---|---|"
  for _, one in ipairs(list) do
    local name = one.name == "..." and "…" or one.name
    out[#out + 1] = ("| `%s` | %s | %s |"):format(name, type_cell(one.type, told), cell(one.about))
  end
end

-- Classes of which there is nothing but methods to tell have no heading of their own.
local function has_heading(item) return item.kind ~= "class" or not item.variable or #item.fields > 0 end

local function page_item(item, out, told)
  if not has_heading(item) then return end
  local names, fails = results(item)
  out[#out + 1] = ("\n### `%s`%s"):format(signature(item), names ~= "" and (" → `%s`"):format(names) or "")
  for _, paragraph in ipairs(item.text) do out[#out + 1] = "\n" .. paragraph end
  if item.parents then
    local names = {}
    for parent in item.parents:gmatch "[%w_]+" do names[#names + 1] = type_cell(parent, told) end
    out[#out + 1] = ("\nWith all of %s."):format(table.concat(names, " and "))
  end
  if item.type and item.type ~= "" then out[#out + 1] = "\n`" .. item.type .. "`" end
  if #item.choices > 0 then
    local words = {}
    for i, choice in ipairs(item.choices) do
      words[i] = ("`%s`%s"):format(choice.name, choice.about ~= "" and " (" .. choice.about .. ")" or "")
    end
    out[#out + 1] = "\n" .. table.concat(words, ", ")
  end
  if #item.params > 0 then page_named(item.params, out, "takes", told) end
  if #item.fields > 0 then page_named(item.fields, out, "has", told) end
  if fails then
    out[#out + 1] = ("\nFails with `%s`%s"):format(fails, item.fails_text and ": " .. item.fails_text or ".")
  end
  if item.example then
    out[#out + 1] = "\n```lua"
    code_of(item.example, "", out)
    out[#out + 1] = "```"
  end
end

local function tell_page(parts)
  local out, told = {}, {}
  for _, part in ipairs(parts) do
    for _, item in ipairs(part.items) do told[item.name] = item.kind ~= "function" and has_heading(item) end
  end
  for _, part in ipairs(parts) do
    out[#out + 1] = ("%s%s %s\n"):format(#out > 0 and "\n" or "", ("#"):rep(part.level), part.title)
    if part.level == 1 then
      part.text[#part.text + 1] = "<!-- Made by `make reference` from engine/script/language/wirescene.lua. -->"
    end
    out[#out + 1] = table.concat(part.text, "\n")
    for _, item in ipairs(part.items) do page_item(item, out, told) end
  end
  return (table.concat(out, "\n") .. "\n"):gsub("\n\n\n+", "\n\n")
end

local parts <const> = read(definitions)
if form == "list" then return tell_list(parts) end
if form == "word" then return tell_word(parts, wanted) end
return (tell_page(parts))
