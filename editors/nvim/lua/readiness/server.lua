--- Finds the program of the language server.

local M = {}

M.NAME = "readiness-lsp"
M.VARIABLE = "READINESS_LSP"

--- Set by `setup()`; comes before everything else.
---@type string?
M.path = nil

---@class readiness.Server
---@field path string what to run
---@field from string where it was found, for messages

--- The places are tried in this order: the `path` option, `$READINESS_LSP`, `$PATH`. A place that
--- names something that is not executable ends the search: another program would hide the mistake.
---@return readiness.Server? server
---@return string? problem what to do about it, when there is no server
function M.find()
  local named = {
    { value = M.path, from = "the `path` option of setup()" },
    { value = vim.env[M.VARIABLE], from = "$" .. M.VARIABLE },
  }
  -- Not ipairs over the values: the first of them may be missing.
  for _, place in ipairs(named) do
    if place.value and place.value ~= "" then
      local path = vim.fs.normalize(place.value)
      if vim.fn.executable(path) == 1 then
        return { path = path, from = place.from }
      end
      return nil, ("%s names %s, which is not executable"):format(place.from, path)
    end
  end
  local path = vim.fn.exepath(M.NAME)
  if path ~= "" then
    return { path = path, from = "$PATH" }
  end
  return nil,
    (
      "%s is not installed. Build it with `cargo install --path server` in a clone of its "
      .. "repository, or set its path in $%s or in the `path` option of setup()"
    ):format(M.NAME, M.VARIABLE)
end

--- Runs the server's command line.
---@param arguments string[]
---@return string? output
---@return string? problem
function M.run(arguments)
  local server, problem = M.find()
  if not server then
    return nil, problem
  end
  local result = vim.system(vim.list_extend({ server.path }, arguments), { text = true }):wait(5000)
  if result.code ~= 0 then
    local stderr = vim.trim(result.stderr or "")
    return nil, stderr ~= "" and stderr or ("%s ended with %d"):format(server.path, result.code)
  end
  return result.stdout
end

return M
