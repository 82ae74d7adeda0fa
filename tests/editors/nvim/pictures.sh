#!/usr/bin/env bash
# pictures.sh NVIM PROJECT: the plugin in a terminal, with keys pressed as a person does. What the
# terminal shows is kept as text and, where there is a browser, as pictures.
set -euo pipefail

nvim=$1 project=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../../.." && pwd)
socket=readiness-nvim-$$

# Nothing here but what the README of the plugin says, and a menu that shows inside the editor.
mkdir -p "$XDG_CONFIG_HOME/nvim" "$XDG_DATA_HOME/nvim/site/pack/readiness/start"
ln -s "$repository/editors/nvim" "$XDG_DATA_HOME/nvim/site/pack/readiness/start/readiness"
cat >"$XDG_CONFIG_HOME/nvim/init.lua" <<'LUA'
vim.lsp.enable("readiness")
vim.diagnostic.config({ virtual_text = true })
vim.o.termguicolors = true
vim.o.number = true
vim.o.signcolumn = "yes"
vim.o.laststatus = 2
vim.o.swapfile = false
vim.o.statusline = " %f %m%=%{v:lua.require'readiness'.status()}  %l:%c "
vim.o.shortmess = vim.o.shortmess .. "IF"
LUA

terminal() { tmux -L "$socket" "$@"; }
await() {
  for _ in $(seq 150); do
    if terminal capture-pane -p 2>/dev/null | grep -qE -- "$1"; then return; fi
    sleep 0.1
  done
  echo "waited in vain for $1"
  terminal capture-pane -p
  exit 1
}
picture() {
  local file=$EDITOR_ARTEFACTS/nvim-$1
  sleep 0.3
  terminal capture-pane -p >"$file.txt"
  terminal capture-pane -p -e >"$file.ansi"
  if [ -e "$PLAYWRIGHT_DIR/node_modules/playwright-core" ]; then
    node "$here/../terminal-picture.mjs" "$file.ansi" "$file.png"
  fi
}

echo 'set -s escape-time 0
set -g default-terminal "tmux-256color"
set -as terminal-features ",*:usstyle:RGB"' >"$HOME/tmux.conf"
# In two processes: by itself Neovim starts the second one by the path of its own program, which
# is that of the loader where Neovim was unpacked and not installed.
(cd "$project" && exec "$nvim" --headless --listen "$HOME/nvim.socket" src/settings.rs 2>/dev/null) &
editor=$!
trap 'terminal kill-server 2>/dev/null || true; kill "$editor" 2>/dev/null || true' EXIT
for _ in $(seq 50); do
  if [ -S "$HOME/nvim.socket" ]; then break; fi
  sleep 0.1
done
terminal -f "$HOME/tmux.conf" new-session -d -x 102 -y 22 -c "$project" \
  "env COLORTERM=truecolor '$nvim' --server '$HOME/nvim.socket' --remote-ui"
await '`unwrap` panics when there is no value'
await 'readiness I2'
terminal send-keys -l '9G$F.l'
picture 1-squiggle
terminal send-keys -l 'gra'
await 'Propagate the error'
picture 2-menu
terminal send-keys -l '1'
terminal send-keys Enter
await 'context\("read path"\)\?'
await 'readiness I1'
picture 3-result
terminal send-keys -l ':ReadinessExplain unwrap-used'
terminal send-keys Enter
await '# unwrap-used'
picture explain
terminal send-keys -l 'q'
terminal send-keys -l ':ReadinessList'
terminal send-keys Enter
await 'unwrap-used: `unwrap` panics'
picture list
echo "nvim pictures: passed"
