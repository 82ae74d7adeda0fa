#!/usr/bin/env bash
# Tests the editor clients in the real editors.
#
#   tests/editors/run.sh [nvim|vscode|helix|emacs|all]...
#
# Without more it uses the editors that it finds on PATH and passes over the others: nothing is
# installed silently. With READINESS_PROVISION_EDITORS=1, or CI=true, missing editors are put
# below target/editors first, and one that cannot be had is a failure.
#
# READINESS_LSP    the server to test; target/debug/readiness-lsp by default, built when missing
# EDITOR_ARTEFACTS where screenshots and logs go; target/editor-artefacts by default
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
provisioned=${READINESS_EDITORS_DIR:-$repository/target/editors}
artefacts=${EDITOR_ARTEFACTS:-$repository/target/editor-artefacts}
mkdir -p "$artefacts"

provision=false
if [ "${READINESS_PROVISION_EDITORS:-}" = 1 ] || [ "${CI:-}" = true ]; then
  provision=true
fi

server=${READINESS_LSP:-$repository/target/debug/readiness-lsp}
case $server in /*) ;; *) server=$PWD/$server ;; esac
if [ ! -x "$server" ]; then
  (cd "$repository" && ${CARGO:-cargo} build --quiet --bin readiness-lsp)
fi
export READINESS_LSP=$server EDITOR_ARTEFACTS=$artefacts
export PLAYWRIGHT_DIR=$provisioned/playwright

failed=()
skipped=()

# program NAME EDITOR: prints the path of a program, putting it there if that is wanted.
program() {
  local name=$1 editor=$2
  if [ -x "$provisioned/bin/$name" ]; then
    echo "$provisioned/bin/$name"
  elif $provision; then
    "$here/provision.sh" "$provisioned" "$editor" >"$artefacts/provision-$editor.log" 2>&1 || {
      tail -n 20 "$artefacts/provision-$editor.log" >&2
      return 1
    }
    echo "$provisioned/bin/$name"
  else
    command -v "$name"
  fi
}

# missing EDITOR: what happens when there is no such editor.
missing() {
  if $provision; then
    echo "$1: cannot be had"
    failed+=("$1")
  else
    echo "$1: not installed, passed over"
    skipped+=("$1")
  fi
}

# isolated COMMAND...: runs with a home of its own, which is gone afterwards.
isolated() {
  local home code=0
  home=$(mktemp -d)
  mkdir -p "$home/work"
  env HOME="$home" TMPDIR="$home" XDG_CONFIG_HOME="$home/config" XDG_DATA_HOME="$home/data" \
    XDG_STATE_HOME="$home/state" XDG_CACHE_HOME="$home/cache" READINESS_TEST_DIR="$home/work" \
    "$@" || code=$?
  rm -rf "$home" || true
  return $code
}

# neovim NAME PROGRAM: each case in a Neovim of its own.
neovim() {
  local name=$1 nvim=$2 count number output ok=true
  echo "$name: $("$nvim" --version | head -n 1)"
  count=$(isolated "$nvim" --clean --headless -l "$here/nvim/run.lua")
  for number in $(seq "$count"); do
    output=$(isolated timeout 60 "$nvim" --clean --headless -l "$here/nvim/run.lua" "$number" 2>&1) || true
    if grep -q ': passed$' <<<"$output"; then
      echo "  ok    $(grep ': passed$' <<<"$output" | sed 's/: passed$//')"
    else
      ok=false
      sed 's/^/  /' <<<"FAIL  $output"
    fi
  done
  $ok || failed+=("$name")
}

# Whether the plugin is formatted, where the formatter is at hand.
formatted() {
  if $provision; then
    "$here/provision.sh" "$provisioned" stylua >"$artefacts/provision-stylua.log" 2>&1 || {
      missing stylua
      return
    }
  fi
  [ -e "$provisioned/stylua/node_modules" ] || return 0
  STYLUA_DIR=$provisioned/stylua node "$here/nvim/format.mjs" "$repository/editors/nvim" \
    "$here/nvim" || failed+=(stylua)
}

run_nvim() {
  local nvim
  formatted
  if nvim=$(program nvim nvim); then
    neovim nvim "$nvim"
    if command -v tmux >/dev/null; then
      local project
      project=$(mktemp -d)
      cp -R "$here/fixture/." "$project"
      isolated timeout 120 "$here/nvim/pictures.sh" "$nvim" "$project" 2>&1 | sed 's/^/  /' |
        tee "$artefacts/nvim-pictures.log" || true
      grep -q 'passed$' "$artefacts/nvim-pictures.log" || failed+=(nvim-pictures)
      rm -rf "$project"
    fi
  else
    missing nvim
  fi
  # The oldest version that is supported, where it is at hand.
  if $provision || [ -x "$provisioned/bin/nvim-old" ]; then
    if nvim=$(program nvim-old nvim-old); then
      neovim nvim-0.10 "$nvim"
    else
      missing nvim-0.10
    fi
  fi
}

# The target of the extension for this machine, as vsce names it.
vscode_target() {
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) echo linux-x64 ;;
    Linux-aarch64) echo linux-arm64 ;;
    *) echo universal ;;
  esac
}

# The extension is built anew: what is tested is what is there. The server under test comes with it
# as with a release, or is named by the environment on machines that there is no release for.
run_vscode() {
  if [ ! -e "$provisioned/code-server/.complete" ] || [ ! -e "$provisioned/playwright/node_modules" ]; then
    if ! $provision; then
      missing vscode
      return
    fi
    "$here/provision.sh" "$provisioned" vscode >"$artefacts/provision-vscode.log" 2>&1 || {
      tail -n 20 "$artefacts/provision-vscode.log" >&2
      missing vscode
      return
    }
  fi
  local vsix=$artefacts/readiness.vsix target
  target=$(vscode_target)
  if ! READINESS_BINARY=$server "$repository/editors/vscode/scripts/package.sh" "$target" "$vsix" \
    >"$artefacts/package.log" 2>&1; then
    tail -n 20 "$artefacts/package.log"
    failed+=(vscode)
    return
  fi
  if ! (cd "$repository/editors/vscode" && npm test) >"$artefacts/vscode-unit.log" 2>&1; then
    cat "$artefacts/vscode-unit.log"
    failed+=(vscode-unit)
  fi
  echo "vscode: code-server $(node -p 'require(process.argv[1]).version' \
    "$provisioned/code-server/node_modules/code-server/package.json")"
  if ! CODE_SERVER_DIR=$provisioned/code-server READINESS_VSIX=$vsix READINESS_VSIX_TARGET=$target \
    isolated timeout 300 node "$here/vscode/run.mjs" | tee "$artefacts/vscode.log"; then
    failed+=(vscode)
  elif ! grep -q '^vscode: passed$' "$artefacts/vscode.log"; then
    failed+=(vscode)
  fi
}

run_helix() {
  local hx project code=0
  if ! command -v tmux >/dev/null && ! $provision; then
    missing helix
    return
  fi
  hx=$(program hx helix) || {
    missing helix
    return
  }
  echo "helix: $("$hx" --version)"
  project=$(mktemp -d)
  cp -R "$here/fixture/." "$project"
  # This is how these editors tell where a project begins.
  mkdir "$project/.git"
  isolated timeout 120 "$here/helix/test.sh" "$hx" "$project" 2>&1 | tee "$artefacts/helix.log" || code=1
  rm -rf "$project"
  [ $code = 0 ] && grep -q '^helix: passed$' "$artefacts/helix.log" || failed+=(helix)
}

run_emacs() {
  local emacs project code=0
  emacs=$(program emacs emacs) || {
    missing emacs
    return
  }
  echo "emacs: $("$emacs" --version | head -n 1)"
  project=$(mktemp -d)
  cp -R "$here/fixture/." "$project"
  # This is how these editors tell where a project begins.
  mkdir "$project/.git"
  isolated timeout 120 "$emacs" --batch -Q -l "$here/emacs/test.el" "$project/src/settings.rs" \
    2>&1 | tee "$artefacts/emacs.log" || code=1
  rm -rf "$project"
  [ $code = 0 ] && grep -q '^emacs: passed$' "$artefacts/emacs.log" || failed+=(emacs)
}

[ $# -gt 0 ] || set -- all
for editor in "$@"; do
  case $editor in
    all) run_nvim; run_vscode; run_helix; run_emacs ;;
    nvim | vscode | helix | emacs) "run_$editor" ;;
    *) echo "there is no editor $editor" >&2; exit 2 ;;
  esac
done

[ ${#skipped[@]} -eq 0 ] || echo "passed over: ${skipped[*]}"
if [ ${#failed[@]} -gt 0 ]; then
  echo "failed: ${failed[*]}"
  exit 1
fi
