-- Real programs inside hosts.
local api, sys = ...
local Host, Program = sys.Host, sys.Program

local granted = {}

-- Whether the program may be run; asks for each once. Ends the scene if not.
function sys.need_program(name)
  if granted[name] then return end
  local there, why, forbidden = sys.need(name)
  if not there and forbidden then sys.misuse(why) end
  if not there then sys.cannot(why) end
  granted[name] = true
end

-- An argument as text: hosts by their names, which all hosts know.
local function argument(what, value)
  local kind = type(value)
  if kind == "string" then return value end
  if kind == "number" then return tostring(value) end
  if sys.is_host(value) then return value.name end
  sys.misuse(("%s: the arguments of a program are texts, numbers and hosts, not %s"):format(what, kind))
end

-- Files of a program: name → text; one in the list part is a file beside the scene.
local function files(what, given)
  local texts = {}
  for key, value in pairs(given) do
    local beside = math.type(key) == "integer"
    local name = beside and value or key
    if type(name) ~= "string" or not name:find "^[%w_][^/]*$" or type(value) ~= "string" then
      sys.misuse(("%s: files are names without folders, each with its text, or else beside the scene: "
        .. "{ [\"nginx.conf\"] = \"…\", \"server.py\" }"):format(what))
    end
    local text, why = value, nil
    if beside then text, why = sys.want(name) end
    if not text then sys.misuse(("%s: %s"):format(what, why)) end
    texts[name] = text
  end
  return texts
end

local start_options = { files = "table", input = "string" }

local function start(what, host, program, ...)
  if type(program) ~= "string" or program == "" then
    sys.misuse(("%s: the name of a program comes first, got %s"):format(what, sys.show(program)))
  end
  local words, options = table.pack(...), {}
  if type(words[words.n]) == "table" then
    options = sys.options(what, words[words.n], start_options)
    words.n = words.n - 1
  end
  local command = { program }
  for i = 1, words.n do command[i + 1] = argument(what, words[i]) end
  sys.need_program(program)
  return sys.start(host, command, files(what, options.files or {}), options.input)
end

function Host:start(program, ...) return start("start", self, program, ...) end

function Host:run(program, ...)
  local started, code, sentence = start("run", self, program, ...)
  if not started then return nil, code, sentence end
  return started:wait()
end

sys.fields(sys.program_meta, Program, {
  name = sys.program_name,
  stdout = function(program) return sys.program_output(program, "stdout") end,
  stderr = function(program) return sys.program_output(program, "stderr") end,
}, "a program")
