--- What the cases need: a project to edit, a way to wait, and keys that are typed for real.

local M = {}

local source = debug.getinfo(1, "S").source:sub(2)
local here = vim.fs.dirname(vim.fn.fnamemodify(source, ":p"))
local repository = vim.fs.dirname(vim.fs.dirname(vim.fs.dirname(here)))

M.repository = repository
M.plugin = repository .. "/editors/nvim"
local fixture = vim.fs.dirname(here) .. "/fixture"
local scratch = assert(vim.env.READINESS_TEST_DIR, "READINESS_TEST_DIR names a folder to work in")

--- Waits until `holds` returns something true, and returns that.
---@generic T
---@param what string what is waited for
---@param holds fun(): T?
---@return T
function M.wait(what, holds)
  local result
  vim.wait(10000, function()
    result = holds()
    return result
  end, 10)
  return result or error("waited in vain for " .. what, 2)
end

---@param what string
---@param actual any
---@param expected any
function M.equal(what, actual, expected)
  if not vim.deep_equal(actual, expected) then
    error(
      ("%s\nexpected %s\n     got %s"):format(what, vim.inspect(expected), vim.inspect(actual)),
      2
    )
  end
end

--- A copy of the fixture.
---@param name? string of its folder
---@return string root
function M.project(name)
  local root = ("%s/%s"):format(scratch, name or "till")
  vim.fn.mkdir(vim.fs.dirname(root), "p")
  assert(vim.system({ "cp", "-R", fixture, root }):wait().code == 0, "the fixture is copied")
  return vim.uv.fs_realpath(root)
end

--- The text that a file of the fixture has after its fixes.
---@param name string
---@return string
function M.expected(name)
  return M.read(("%s/expected/%s.expected"):format(vim.fs.dirname(here), name))
end

---@param path string
---@param text string
function M.write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

---@param path string
---@return string
function M.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

--- What was shown with `vim.notify`.
---@type string[]
M.notified = {}

--- What the last menu offered.
---@type string[]
M.offered = {}

local choice ---@type string?

--- Puts the plugin in place and sets it up, in the way of this version.
---@param options? readiness.Options
function M.setup(options)
  vim.opt.runtimepath:prepend(M.plugin)
  vim.cmd.runtime("plugin/readiness.lua")
  M.prepare()
  if options or not vim.lsp.enable then
    require("readiness").setup(options)
  else
    vim.lsp.enable("readiness")
  end
end

--- Makes Neovim fit for a test, without the plugin.
function M.prepare()
  vim.cmd("filetype on")
  vim.opt.swapfile = false
  vim.notify = function(message)
    table.insert(M.notified, message)
  end
  -- The built-in one reads stdin, and ends a headless run when there is nothing to read.
  vim.ui.select = function(items, select_options, chosen)
    local format = select_options.format_item or tostring
    M.offered = vim.tbl_map(format, items)
    for index, item in ipairs(items) do
      if choice and format(item):find(choice, 1, true) then
        return chosen(item, index)
      end
    end
    chosen(nil, nil)
  end
end

--- Runs with another `vim.ui.select`.
---@param select fun(items: any[], options: table, on_choice: fun(item: any?, index: integer?))
---@param run fun()
function M.with_select(select, run)
  local before = vim.ui.select
  vim.ui.select = select
  run()
  vim.ui.select = before
end

--- Opens a file and waits for its review to begin.
---@param path string
---@return integer buffer
---@return vim.lsp.Client client
function M.open(path)
  vim.cmd.edit(vim.fn.fnameescape(path))
  local buffer = vim.api.nvim_get_current_buf()
  local client = M.wait("a client for " .. path, function()
    local client = vim.lsp.get_clients({ name = "readiness", bufnr = buffer })[1]
    return client and client.initialized and client
  end)
  return buffer, client
end

--- The findings of a buffer, as `line:column-end rule` from 1 on, in order.
---@param buffer? integer
---@return string[]
function M.findings(buffer)
  local found = vim.diagnostic.get(buffer or 0)
  table.sort(found, function(a, b)
    return a.lnum < b.lnum or (a.lnum == b.lnum and a.col < b.col)
  end)
  return vim.tbl_map(function(it)
    assert(it.source == "readiness", "the source is " .. tostring(it.source))
    return ("%d:%d-%d %s"):format(it.lnum + 1, it.col + 1, it.end_col + 1, it.code)
  end, found)
end

--- Waits until a buffer has just these findings.
---@param expected string[]
---@param buffer? integer
function M.wait_for_findings(expected, buffer)
  local last
  local there = vim.wait(10000, function()
    last = M.findings(buffer)
    return vim.deep_equal(last, expected)
  end, 10)
  if not there then
    error("findings\nexpected " .. vim.inspect(expected) .. "\n     got " .. vim.inspect(last), 2)
  end
end

--- Types keys as a person does; `<Esc>` and its like stand for themselves.
---@param keys string
function M.type(keys)
  local raw = vim.api.nvim_replace_termcodes(keys, true, false, true)
  vim.api.nvim_feedkeys(raw, "tx", false)
end

--- Opens the menu at a place and chooses the entry that has this text.
---@param line integer from 1 on
---@param column integer from 1 on
---@param title? string none to look only
function M.choose(line, column, title)
  vim.api.nvim_win_set_cursor(0, { line, column - 1 })
  choice = title
  local tick = vim.api.nvim_buf_get_changedtick(0)
  M.offered = {}
  vim.lsp.buf.code_action()
  M.wait("a menu", function()
    return #M.offered > 0
  end)
  if title then
    M.wait("the edit of " .. title, function()
      return vim.api.nvim_buf_get_changedtick(0) ~= tick
    end)
  end
end

---@param client vim.lsp.Client
function M.stop(client)
  -- A method from 0.11 on, a plain function before.
  if vim.fn.has("nvim-0.11") == 1 then
    client:stop()
  else
    client.stop()
  end
end

---@param buffer? integer
---@return string
function M.text(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer or 0, 0, -1, false), "\n") .. "\n"
end

--- The process of the server.
---@return integer? pid
function M.server_process()
  for _, pid in ipairs(vim.api.nvim_get_proc_children(vim.fn.getpid())) do
    local process = vim.api.nvim_get_proc(pid)
    if process and process.name and process.name:find("readiness", 1, true) then
      return pid
    end
  end
end

return M
