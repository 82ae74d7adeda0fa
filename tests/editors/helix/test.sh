#!/usr/bin/env bash
# test.sh HX PROJECT: Helix in a terminal of its own, with the configuration of editors/README.md.
# Ends with "helix: passed" when a finding shows as it is typed and one fix gives the expected text.
set -euo pipefail

hx=$1 project=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
file=$project/src/settings.rs
socket=readiness-helix-$$
mkdir -p "$XDG_CONFIG_HOME/helix" "$XDG_CACHE_HOME"
cat >"$XDG_CONFIG_HOME/helix/languages.toml" <<TOML
[language-server.readiness]
command = "$READINESS_LSP"

[[language]]
name = "rust"
language-servers = ["readiness"]
TOML
cat >"$XDG_CONFIG_HOME/helix/config.toml" <<TOML
theme = "default"
[editor]
end-of-line-diagnostics = "hint"
[editor.inline-diagnostics]
cursor-line = "hint"
TOML

terminal() { tmux -L "$socket" "$@"; }
screen() { terminal capture-pane -p; }
keys() { terminal send-keys -l -- "$1"; }
key() { terminal send-keys "$1"; }
shot() {
  screen >"$EDITOR_ARTEFACTS/helix-$1.txt"
  terminal capture-pane -p -e >"$EDITOR_ARTEFACTS/helix-$1.ansi"
  if [ -e "$PLAYWRIGHT_DIR/node_modules/playwright-core" ]; then
    node "$here/../terminal-picture.mjs" "$EDITOR_ARTEFACTS/helix-$1.ansi" "$EDITOR_ARTEFACTS/helix-$1.png"
  fi
}
await() {
  for _ in $(seq 150); do
    if screen | grep -qE -- "$1"; then return; fi
    sleep 0.1
  done
  echo "waited in vain for $1"
  screen
  cp "$XDG_CACHE_HOME/helix/helix.log" "$EDITOR_ARTEFACTS/helix-editor.log" 2>/dev/null
  exit 1
}
trap 'terminal kill-server 2>/dev/null || true' EXIT

terminal -f /dev/null new-session -d -x 100 -y 30 -c "$project" \
  "env TERM=screen-256color COLORTERM=truecolor '$hx' -v src/settings.rs"
await 'panics when there is no value'
shot 1-squiggle
# As typed: a third finding, taken back with one undo.
keys 'ge'
keys 'o'
# Pasted in one go: Helix 25.01 may send changes in another order than they were typed in.
terminal set-buffer -- 'fn last(text: &str) -> &str { text.lines().last().unwrap() }'
terminal paste-buffer -p
key Escape
await '(●|▲) *19 +fn last'
await '└─.*panics when there is no value'
keys 'u'
keys 'gg'
await ' 1:1 *$'
# The cursor has to be on the finding before the menu is asked for.
keys ']d'
await ' 9:[0-9]+ *$'
keys ' a'
await 'Propagate the error with `.context'
shot 2-menu
# The repair is the first entry, and is chosen as the menu opens.
key Enter
await 'context\("read path"\)\?'
shot 3-result
keys ':w'
key Enter
expected=$(cat "$here/../expected/settings.rs.expected")
for _ in $(seq 50); do
  if [ "$(cat "$file")" = "$expected" ]; then
    echo "helix: passed"
    exit 0
  fi
  sleep 0.1
done
diff <(echo "$expected") "$file"
exit 1
