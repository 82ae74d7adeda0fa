--- `:checkhealth readiness`

local M = {}

function M.check()
  local health = vim.health
  health.start("readiness")
  if vim.fn.has("nvim-0.10") == 0 then
    health.error("Neovim is too old", "Neovim 0.10 or later is needed")
    return
  end
  local how = vim.lsp.enable and 'vim.lsp.enable("readiness") or ' or ""
  health.ok(("Neovim %s: %srequire('readiness').setup()"):format(tostring(vim.version()), how))

  local server = require("readiness.server")
  local found, problem = server.find()
  if not found then
    health.error(problem or "", {
      "cargo install --path server, in a clone of the repository",
      "or: export READINESS_LSP=/path/to/readiness-lsp",
      "or: require('readiness').setup({ path = '/path/to/readiness-lsp' })",
    })
    return
  end
  health.ok(("server: %s, from %s"):format(found.path, found.from))
  local version, failure = server.run({ "--version" })
  if version then
    health.ok(vim.trim(version))
  else
    health.error("cannot run the server: " .. failure)
  end

  local clients = vim.lsp.get_clients({ name = "readiness" })
  if #clients == 0 then
    local client = require("readiness.client")
    health.info("no file is checked; filetypes: " .. table.concat(client.filetypes, ", "))
  end
  for _, client in ipairs(clients) do
    local buffers = vim.tbl_count(client.attached_buffers)
    local root = client.config.root_dir or "no folder"
    health.ok(("checks %s: %d open %s"):format(root, buffers, buffers == 1 and "file" or "files"))
  end
end

return M
