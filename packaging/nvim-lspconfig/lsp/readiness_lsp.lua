---@brief
---
--- Production readiness review for Rust projects: what would fail, leak or hang in production, in sources, manifests,
--- Dockerfiles, CI and configuration.
---
--- `readiness-lsp` has to be on `PATH`. Which rules apply is set in the project's `readiness.toml`.

---@type vim.lsp.Config
return {
  cmd = { 'readiness-lsp' },
  filetypes = { 'rust', 'toml', 'yaml', 'json', 'dockerfile', 'sql', 'markdown' },
  root_markers = { 'readiness.toml', 'Cargo.lock', 'Cargo.toml', '.git' },
  -- Configuration outside of a project may be of any program.
  workspace_required = true,
  settings = {
    readiness = {
      scope = 'openFiles',
    },
  },
}
