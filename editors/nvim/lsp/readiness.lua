-- Neovim 0.11 and later read this on `vim.lsp.enable("readiness")`.
return require("readiness.client").config()
