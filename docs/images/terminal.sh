#!/usr/bin/env bash
# terminal.sh BINARY OUT.png: the picture of the README, which is what a terminal shows of a real check.
#
# It needs tmux, Chromium and playwright-core in PLAYWRIGHT_DIR; `tests/editors/provision.sh` gets the latter two.
set -euo pipefail

binary=$(realpath "$1") out=$(realpath "$2")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mktemp -d)
trap 'tmux -L "terminal-$$" kill-server 2>/dev/null || true; rm -rf "$folder"' EXIT

mkdir "$folder/fixtures" "$folder/bin"
cp -R "$here/../../fixtures/account-service" "$folder/fixtures"
ln -s "$binary" "$folder/bin/readiness-lsp"
# The marks in the fixture are for its own test.
find "$folder/fixtures" -type f -exec sed -i -E 's/ *(\/\/|#|--)~ .*$//' {} +
rm -f "$folder/fixtures/account-service/marks.txt"

echo 'set -g default-terminal "tmux-256color"
set -g status off' >"$folder/tmux.conf"
tmux -L "terminal-$$" -f "$folder/tmux.conf" new-session -d -x 96 -y 29 -c "$folder" \
  "PS1='\$ ' PATH=$folder/bin:\$PATH exec bash --norc"
tmux -L "terminal-$$" send-keys -l 'readiness-lsp check fixtures/account-service --color always | head -27'
tmux -L "terminal-$$" send-keys Enter
sleep 4
tmux -L "terminal-$$" capture-pane -p -e | sed -e "s/ --color always | head -27//" -e "\$d" >"$folder/shown.ansi"
node "$here/../../tests/editors/terminal-picture.mjs" "$folder/shown.ansi" "$out"
