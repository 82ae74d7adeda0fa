--- Production readiness review for Rust projects, live in the editor.

local M = {}

---@alias readiness.Scope "openFiles"|"workspace"
---@alias readiness.Severity "low"|"medium"|"high"|"critical"
---@alias readiness.Confidence "possible"|"likely"|"certain"

---@class readiness.Options
---@field path? string the program of the server; by default `$READINESS_LSP`, then `readiness-lsp` on `$PATH`
---@field scope? readiness.Scope which files have diagnostics; by default the open ones
---@field min_severity? readiness.Severity findings below this severity are not shown; by default all are
---@field confidence? readiness.Confidence findings less certain are not shown; by default "likely"
---@field baseline? string the file of known findings, which are hints; by default the one of `readiness.toml`
---@field on_attach? fun(client: vim.lsp.Client, buffer: integer) called for each buffer that is checked

---@param options readiness.Options
local function validate(options)
  local function one_of(name, values)
    local value = options[name]
    if value ~= nil and not vim.tbl_contains(values, value) then
      error(("readiness: %s must be one of %s"):format(name, table.concat(values, ", ")), 0)
    end
  end
  one_of("scope", { "openFiles", "workspace" })
  one_of("min_severity", { "low", "medium", "high", "critical" })
  one_of("confidence", { "possible", "likely", "certain" })
  local known = {
    path = "string",
    scope = "string",
    min_severity = "string",
    confidence = "string",
    baseline = "string",
    on_attach = "function",
  }
  for name, value in pairs(options) do
    if not known[name] then
      error(("readiness: unknown option %s"):format(name), 0)
    elseif type(value) ~= known[name] then
      error(("readiness: %s must be a %s"):format(name, known[name]), 0)
    end
  end
end

--- Enables the server. Needed on Neovim 0.10, and to set options; from 0.11 on
--- `vim.lsp.enable("readiness")` enables it as well.
---@param options? readiness.Options
function M.setup(options)
  options = options or {}
  validate(options)
  require("readiness.server").path = options.path
  local client = require("readiness.client")
  local config = {
    settings = {
      readiness = {
        scope = options.scope or "openFiles",
        minSeverity = options.min_severity,
        confidence = options.confidence,
        baseline = options.baseline,
      },
    },
    on_attach = options.on_attach,
  }
  if vim.lsp.enable then
    vim.lsp.config(client.NAME, config)
    vim.lsp.enable(client.NAME)
    return
  end
  client.config = (function(base)
    return function()
      return vim.tbl_deep_extend("force", base(), config)
    end
  end)(client.config)
  vim.api.nvim_create_autocmd("FileType", {
    group = vim.api.nvim_create_augroup("readiness", {}),
    pattern = client.filetypes,
    callback = function(event)
      client.start(event.buf)
    end,
  })
  client.start_all()
end

--- Applies all safe fixes of a buffer, and returns when they are applied.
---@param buffer? integer the current one by default
---@param timeout? integer in milliseconds, 1000 by default
---@return boolean changed
function M.fix_all(buffer, timeout)
  buffer = buffer or vim.api.nvim_get_current_buf()
  return require("readiness.client").fix_all(buffer, timeout or 1000)
end

local ICONS = { "E", "W", "I", "H" }

--- The verdict and the score of the project of a buffer; nothing before they are known.
---@param buffer? integer the current one by default
---@return { ready: boolean, blockers: integer, score?: integer, level: string }?
function M.score(buffer)
  buffer = buffer or vim.api.nvim_get_current_buf()
  local client = vim.lsp.get_clients({ name = "readiness", bufnr = buffer })[1]
  local root = client and client.config.root_dir
  if not root then
    return nil
  end
  -- The server resolves links.
  return require("readiness.client").scores[vim.uri_from_fname(vim.uv.fs_realpath(root) or root)]
end

--- A short text for the status line: the findings of a buffer by severity, then the verdict and the
--- score of the project once they are known. An empty text when the buffer is not checked.
---@param buffer? integer the current one by default
---@return string
function M.status(buffer)
  buffer = buffer or vim.api.nvim_get_current_buf()
  local clients = vim.lsp.get_clients({ name = "readiness", bufnr = buffer })
  if #clients == 0 then
    return ""
  end
  local counts = {}
  for _, diagnostic in ipairs(vim.diagnostic.get(buffer)) do
    if diagnostic.source == "readiness" then
      counts[diagnostic.severity] = (counts[diagnostic.severity] or 0) + 1
    end
  end
  local parts = { "readiness" }
  for severity, icon in ipairs(ICONS) do
    if counts[severity] then
      table.insert(parts, icon .. counts[severity])
    end
  end
  local score = M.score(buffer)
  if score then
    table.insert(parts, score.ready and "READY" or "NOT READY")
    if score.score then
      table.insert(parts, tostring(score.score))
    end
  end
  return table.concat(parts, " ")
end

return M
