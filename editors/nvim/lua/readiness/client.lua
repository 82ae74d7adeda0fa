--- The configuration of the LSP client, for `vim.lsp.config` and for `vim.lsp.start`.

local server = require("readiness.server")

local M = {}

M.NAME = "readiness"

--- The filetypes that the server checks; those other than Rust in projects only.
M.filetypes = {
  "rust",
  "toml",
  "json",
  "jsonc",
  "yaml",
  "yaml.docker-compose",
  "yaml.github",
  "yaml.gitlab",
  "dockerfile",
  "groovy", -- a Jenkinsfile
  "env",
  "sh", -- what `.env` is before Neovim 0.11; other scripts are skipped
  "gitignore",
  "codeowners",
  "markdown",
  "sql",
}

--- How often a server that exits by itself is restarted within this many seconds.
local RESTARTS = 3
local RESTART_WINDOW = 180

--- The times of the restarts, in seconds.
---@type number[]
local restarts = {}

--- Clients that were told to stop; their exit is not a crash.
---@type table<integer, true>
local stopping = {}

--- The last problem that was shown, which is not shown again.
---@type string?
local shown

---@param message string
---@param level? integer
local function notify(message, level)
  -- Later: an error that is shown while a file is opened ends the other autocommands of the event,
  -- the highlighting among them, and comes with a traceback.
  vim.schedule(function()
    vim.notify("readiness: " .. message, level or vim.log.levels.WARN)
  end)
end

--- The root of a file's project: the folder with the settings, else the repository, else the
--- outermost package.
---@param path string
---@return string?
function M.root(path)
  for _, marker in ipairs({ { "readiness.toml" }, { ".git", ".jj", ".hg" } }) do
    local root = vim.fs.root(path, marker)
    -- A home folder that is kept in a repository is not a project.
    if root and root ~= vim.fs.normalize("~") then
      return root
    end
  end
  local manifests = vim.fs.find({ "Cargo.toml", "package.json" }, {
    path = vim.fs.dirname(path),
    upward = true,
    type = "file",
    limit = math.huge,
  })
  local outermost = manifests[#manifests]
  return outermost and vim.fs.dirname(outermost) or nil
end

--- Whether a buffer has a file to check, and the root of its project.
---@param buffer integer
---@return boolean review
---@return string? root
function M.place(buffer)
  local path = vim.api.nvim_buf_get_name(buffer)
  if vim.bo[buffer].buftype ~= "" or path == "" or path:match("^%a[%w+.-]+://") then
    return false
  end
  local kind = vim.bo[buffer].filetype
  if kind == "sh" and not vim.fs.basename(path):find("%.env") then
    return false
  end
  local root = M.root(path)
  -- A Rust file is checked outside a project too, configuration is not: it may be of any program.
  return root ~= nil or kind == "rust", root
end

--- Whether the server is found. When it is not, shows an error once.
---@return boolean
function M.is_ready()
  local _, problem = server.find()
  if problem and problem ~= shown then
    notify(problem .. ". See :checkhealth readiness", vim.log.levels.ERROR)
  end
  shown = problem
  return problem == nil
end

--- Starts the clients of open buffers that have none.
function M.start_all()
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) then
      local attached = #vim.lsp.get_clients({ name = M.NAME, bufnr = buffer }) > 0
      if not attached and vim.tbl_contains(M.filetypes, vim.bo[buffer].filetype) then
        M.start(buffer)
      end
    end
  end
end

---@param buffer integer
function M.start(buffer)
  local review, root = M.place(buffer)
  if not review or not M.is_ready() then
    return
  end
  local config = vim.lsp.config and vim.lsp.config[M.NAME] or M.config()
  config = vim.tbl_extend("force", config, { name = M.NAME, root_dir = root or false })
  if not root then
    config.root_dir = nil
  end
  vim.lsp.start(config, { bufnr = buffer })
end

--- Stops every client, and forgets how often the server crashed.
---@return vim.lsp.Client[] stopped
function M.stop_all()
  local clients = vim.lsp.get_clients({ name = M.NAME })
  for _, client in ipairs(clients) do
    stopping[client.id] = true
    -- A method from 0.11 on, a plain function before.
    if vim.fn.has("nvim-0.11") == 1 then
      client:stop()
    else
      client.stop()
    end
  end
  restarts = {}
  return clients
end

--- Applies all safe fixes of a buffer.
---@param buffer integer
---@param timeout integer in milliseconds
---@return boolean changed
function M.fix_all(buffer, timeout)
  local client = vim.lsp.get_clients({ name = M.NAME, bufnr = buffer })[1]
  if not client then
    return false
  end
  local function request(method, params)
    local answer, problem
    if vim.fn.has("nvim-0.11") == 1 then
      answer, problem = client:request_sync(method, params, timeout, buffer)
    else
      answer, problem = client.request_sync(method, params, timeout, buffer)
    end
    problem = problem or (answer and answer.err and answer.err.message)
    if problem then
      notify(("cannot apply the fixes: %s"):format(problem))
    end
    return answer and answer.result
  end
  local start = { line = 0, character = 0 }
  local actions = request("textDocument/codeAction", {
    textDocument = vim.lsp.util.make_text_document_params(buffer),
    range = { start = start, ["end"] = start },
    context = { only = { "source.fixAll.readiness" }, diagnostics = {} },
  })
  local action = actions and actions[1]
  if action and not action.edit then
    action = request("codeAction/resolve", action)
  end
  if not action or not action.edit then
    return false
  end
  vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
  return true
end

---@param code integer
---@param signal integer
---@param id integer
local function on_exit(code, signal, id)
  local asked = stopping[id] or vim.v.exiting ~= vim.NIL
  stopping[id] = nil
  if asked or (code == 0 and signal == 0) then
    return
  end
  local now = vim.uv.now() / 1000
  restarts = vim.tbl_filter(function(time)
    return now - time < RESTART_WINDOW
  end, restarts)
  local how = signal ~= 0 and ("by signal %d"):format(signal) or ("with code %d"):format(code)
  if #restarts >= RESTARTS then
    notify(
      ("the server exited %s again and is not restarted. See :ReadinessOutput; :ReadinessRestart starts it"):format(
        how
      ),
      vim.log.levels.ERROR
    )
    return
  end
  table.insert(restarts, now)
  notify(("the server exited %s and is restarted. See :ReadinessOutput"):format(how))
  -- The buffers are detached from the old client after this.
  vim.defer_fn(M.start_all, 100)
end

--- Applies one of several actions: of the ways out of a place the menu has one entry.
---@param command { arguments: lsp.CodeAction[][] }
---@param context { client_id: integer, bufnr: integer }
local function choose(command, context)
  local function apply(action)
    local client = action and vim.lsp.get_client_by_id(context.client_id)
    if not client then
      return
    end
    local function done(problem, resolved)
      if problem then
        notify("the text changed meanwhile, choose again")
      elseif resolved.edit then
        vim.lsp.util.apply_workspace_edit(resolved.edit, client.offset_encoding)
      end
    end
    if vim.fn.has("nvim-0.11") == 1 then
      client:request("codeAction/resolve", action, done, context.bufnr)
    else
      client.request("codeAction/resolve", action, done, context.bufnr)
    end
  end
  local function title(action)
    return action.title
  end
  vim.ui.select(command.arguments[1], { prompt = "Readiness", format_item = title }, apply)
end

--- The scores of folders, by their URIs: what `readiness/score` told last.
---@type table<string, { ready: boolean, blockers: integer, score?: integer, level: string }>
M.scores = {}

--- What `vim.lsp.config` takes.
---@return vim.lsp.Config
function M.config()
  return {
    before_init = function(params, config)
      -- Neovim supports this without announcing it. The server needs it for fixes that create a file.
      params.capabilities.workspace.workspaceEdit.documentChanges = true
      params.capabilities.experimental =
        vim.tbl_extend("force", params.capabilities.experimental or {}, {
          readinessScore = true,
          readinessChoose = true,
        })
      -- The server requests the settings once it runs; these apply to what it finds before.
      params.initializationOptions = config.settings and config.settings.readiness
    end,
    cmd = function(dispatchers)
      local found, problem = server.find()
      if not found then
        error("readiness: " .. problem, 0)
      end
      return vim.lsp.rpc.start({ found.path }, dispatchers)
    end,
    filetypes = M.filetypes,
    commands = { ["readiness.choose"] = choose },
    handlers = {
      ["readiness/score"] = function(_, score)
        M.scores[score.folder] = score
        vim.cmd.redrawstatus({ bang = true })
      end,
    },
    root_dir = function(buffer, on_dir)
      local review, root = M.place(buffer)
      -- A command that the user configured is not checked here.
      local own = type(vim.lsp.config[M.NAME].cmd) == "table"
      if review and (own or M.is_ready()) then
        on_dir(root)
      end
    end,
    on_exit = vim.schedule_wrap(on_exit),
    settings = { readiness = { scope = "openFiles" } },
  }
end

return M
