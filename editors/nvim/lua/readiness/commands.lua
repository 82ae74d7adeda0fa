--- The user commands.

local client = require("readiness.client")
local server = require("readiness.server")

local M = {}

---@param message string
---@param level integer
local function notify(message, level)
  vim.notify("readiness: " .. message, level)
end

--- Opens a window with a scratch buffer.
---@param name string
---@param text string
---@param filetype string
local function show(name, text, filetype)
  local buffer = vim.fn.bufnr("^" .. vim.fn.escape(name, "[]*?{}") .. "$")
  if buffer == -1 then
    buffer = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_name(buffer, name)
  end
  vim.bo[buffer].bufhidden = "wipe"
  vim.bo[buffer].modifiable = true
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.split(vim.trim(text), "\n"))
  vim.bo[buffer].modifiable = false
  local window = vim.fn.bufwinid(buffer)
  if window == -1 then
    vim.cmd.split()
    vim.api.nvim_win_set_buf(0, buffer)
  else
    vim.api.nvim_set_current_win(window)
  end
  vim.bo[buffer].filetype = filetype
  vim.keymap.set("n", "q", "<Cmd>close<CR>", { buffer = buffer, desc = "Close" })
end

function M.restart()
  local stopped = client.stop_all()
  -- A buffer can have a new client once the old one has stopped.
  local function start(tries)
    if tries > 0 and #vim.lsp.get_clients({ name = client.NAME }) > 0 then
      return vim.defer_fn(function()
        start(tries - 1)
      end, 50)
    end
    for _, left in ipairs(stopped) do
      local old = vim.lsp.get_client_by_id(left.id)
      if old then
        old.rpc.terminate()
      end
    end
    client.start_all()
  end
  start(40)
end

function M.output()
  local path = vim.lsp.log and vim.lsp.log.get_filename and vim.lsp.log.get_filename()
    or vim.lsp.get_log_path()
  local lines = {}
  local log = io.open(path, "r")
  if log then
    for line in log:lines() do
      if line:find("readiness", 1, true) then
        local stderr = line:match('"stderr"%s+"(.*)"$')
        table.insert(lines, stderr and vim.trim((stderr:gsub("\\n", "\n"))) or line)
      end
    end
    log:close()
  end
  if #lines == 0 then
    notify("no messages of the server in " .. path, vim.log.levels.INFO)
    return
  end
  show("readiness://output", table.concat(lines, "\n"), "log")
  vim.cmd("normal! G")
end

function M.fix_all()
  if #vim.lsp.get_clients({ name = client.NAME, bufnr = 0 }) == 0 then
    notify("this file is not checked", vim.log.levels.WARN)
  elseif not client.fix_all(vim.api.nvim_get_current_buf(), 5000) then
    notify("no safe fix for this file", vim.log.levels.INFO)
  end
end

--- Opens the review of the project of the current buffer.
function M.review()
  local buffer = vim.api.nvim_get_current_buf()
  local lsp = vim.lsp.get_clients({ name = client.NAME, bufnr = buffer })[1]
  if not lsp then
    notify("this file is not checked", vim.log.levels.WARN)
    return
  end
  local params = {
    command = "readiness.server.review",
    arguments = { { format = "markdown", uri = vim.uri_from_bufnr(buffer) } },
  }
  local function done(problem, text)
    if problem then
      notify("cannot review the project: " .. problem.message, vim.log.levels.ERROR)
    elseif text then
      show("readiness://review", text, "markdown")
    end
  end
  if vim.fn.has("nvim-0.11") == 1 then
    lsp:request("workspace/executeCommand", params, done, buffer)
  else
    lsp.request("workspace/executeCommand", params, done, buffer)
  end
end

--- All findings that are known, the worst first.
---@return vim.Diagnostic[]
local function findings()
  local found = vim.tbl_filter(function(diagnostic)
    return diagnostic.source == "readiness"
  end, vim.diagnostic.get())
  table.sort(found, function(a, b)
    local left = { a.severity, vim.api.nvim_buf_get_name(a.bufnr), a.lnum, a.col }
    local right = { b.severity, vim.api.nvim_buf_get_name(b.bufnr), b.lnum, b.col }
    for index, value in ipairs(left) do
      if value ~= right[index] then
        return value < right[index]
      end
    end
    return false
  end)
  return found
end

local SEVERITIES = { "critical", "high", "medium", "low" }

---@param diagnostic vim.Diagnostic
---@return string
local function line_of(diagnostic)
  local file = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(diagnostic.bufnr), ":.")
  local severity = SEVERITIES[diagnostic.severity]
  local place = ("%s:%d"):format(file, diagnostic.lnum + 1)
  return ("%-8s %s  %s  %s"):format(severity, diagnostic.code, place, diagnostic.message)
end

--- Lists the findings, the worst first: those of the buffer in its location list, with `!` all that are known in
--- the quickfix list.
---@param arguments { bang: boolean }
function M.list(arguments)
  local buffer = vim.api.nvim_get_current_buf()
  local found = vim.tbl_filter(function(diagnostic)
    return arguments.bang or diagnostic.bufnr == buffer
  end, findings())
  if #found == 0 then
    local where = arguments.bang and "" or " in this file; :ReadinessList! lists those of all files"
    return notify("no findings" .. where, vim.log.levels.INFO)
  end
  -- By hand: `vim.diagnostic.toqflist` sorts by place.
  local items = vim.tbl_map(function(diagnostic)
    return {
      bufnr = diagnostic.bufnr,
      lnum = diagnostic.lnum + 1,
      col = diagnostic.col + 1,
      end_lnum = diagnostic.end_lnum + 1,
      end_col = diagnostic.end_col + 1,
      type = ({ "E", "W", "I", "N" })[diagnostic.severity],
      text = ("%s: %s"):format(diagnostic.code, diagnostic.message),
    }
  end, found)
  local what = { title = "Readiness", items = items }
  if arguments.bang then
    vim.fn.setqflist({}, " ", what)
    vim.cmd("botright copen")
  else
    vim.fn.setloclist(0, {}, " ", what)
    vim.cmd.lopen()
  end
end

--- Lets a person pick one of the known findings, the worst first, and goes there.
function M.pick()
  local found = findings()
  if #found == 0 then
    return notify("no findings", vim.log.levels.INFO)
  end
  vim.ui.select(found, { prompt = "Findings", format_item = line_of }, function(diagnostic)
    if not diagnostic then
      return
    end
    -- The place before is kept for CTRL-O.
    vim.cmd("normal! m'")
    vim.api.nvim_win_set_buf(0, diagnostic.bufnr)
    vim.bo[diagnostic.bufnr].buflisted = true
    vim.api.nvim_win_set_cursor(0, { diagnostic.lnum + 1, diagnostic.col })
  end)
end

--- The rules with a finding at the cursor, else those with one on its line.
---@return string[]
local function rules_at_cursor()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local at, on_line = {}, {}
  for _, diagnostic in ipairs(vim.diagnostic.get(0, { lnum = row - 1 })) do
    if diagnostic.source == "readiness" then
      local rule = tostring(diagnostic.code)
      on_line[rule] = true
      local ends_here = diagnostic.end_lnum == row - 1
      if diagnostic.col <= column and (not ends_here or column <= diagnostic.end_col) then
        at[rule] = true
      end
    end
  end
  local rules = vim.tbl_keys(next(at) and at or on_line)
  table.sort(rules)
  return rules
end

---@param arguments { args: string }
function M.explain(arguments)
  local function page(rule)
    if not rule then
      return
    end
    local text, problem = server.run({ "explain", rule })
    if text then
      show("readiness://rules/" .. rule, text, "markdown")
    else
      notify(problem or "", vim.log.levels.ERROR)
    end
  end
  if arguments.args ~= "" then
    return page(arguments.args)
  end
  local rules = rules_at_cursor()
  if #rules > 1 then
    vim.ui.select(rules, { prompt = "Explain" }, page)
  elseif #rules == 1 then
    page(rules[1])
  else
    notify("no finding at the cursor; give the id of a rule", vim.log.levels.INFO)
  end
end

---@param lead string
---@return string[]
function M.complete_rule(lead)
  local text = server.run({ "rules", "--format", "json" })
  local ok, rules = pcall(vim.json.decode, text or "")
  local names = {}
  for _, rule in ipairs(ok and rules or {}) do
    if vim.startswith(rule.rule, lead) then
      table.insert(names, rule.rule)
    end
  end
  return names
end

return M
