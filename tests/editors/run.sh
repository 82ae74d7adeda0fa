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

run_nvim() {
  local nvim
  if nvim=$(program nvim nvim); then
    neovim nvim "$nvim"
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

[ $# -gt 0 ] || set -- all
for editor in "$@"; do
  case $editor in
    all) "run_nvim"; ;;
    nvim) "run_$editor" ;;
    *) echo "there is no editor $editor" >&2; exit 2 ;;
  esac
done

[ ${#skipped[@]} -eq 0 ] || echo "passed over: ${skipped[*]}"
if [ ${#failed[@]} -gt 0 ]; then
  echo "failed: ${failed[*]}"
  exit 1
fi
