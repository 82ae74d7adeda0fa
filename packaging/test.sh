#!/usr/bin/env bash
# Builds what a release ships for this machine, installs each of it as a user does, and runs it.
#
#   packaging/test.sh [archive|wheel|npm|vsix|manifests]...
#
# READINESS_LSP is the program that is packed; target/debug/readiness-lsp by default. What is missing on a
# machine (pip, npm, luac, ruby, PowerShell) is passed over, and said so.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/.." && pwd)
binary=${READINESS_LSP:-$repository/target/debug/readiness-lsp}
[ -x "$binary" ] || { echo "test.sh: $binary is not built" >&2 && exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SOURCE_DATE_EPOCH=1700000000
passed=0 skipped=0

case $(uname -s)-$(uname -m) in
  Linux-x86_64) target=x86_64-unknown-linux-gnu platform=linux-x64 ;;
  Linux-aarch64) target=aarch64-unknown-linux-gnu platform=linux-arm64 ;;
  Darwin-x86_64) target=x86_64-apple-darwin platform=darwin-x64 ;;
  Darwin-arm64) target=aarch64-apple-darwin platform=darwin-arm64 ;;
  *) echo "packaging: no release for $(uname -sm), passed over" && exit 0 ;;
esac

# What is packed here need not have symbols. On macOS that would break the signature.
if [ "$(uname -s)" = Linux ] && command -v strip > /dev/null; then
  strip -o "$work/readiness-lsp" "$binary"
  binary=$work/readiness-lsp
fi
version=$("$binary" --version)

ok() { echo "  ok    $1" && passed=$((passed + 1)); }
skip() { echo "  skip  $1" && skipped=$((skipped + 1)); }
has() { command -v "$1" > /dev/null; }
fail() { echo "  FAIL  $1" >&2 && exit 1; }

# runs NAME PROGRAM...: whether what was installed is the program, and finds something.
runs() {
  local name=$1
  shift
  [ "$("$@" --version)" = "$version" ] || fail "$name: $* is not $version"
  local code=0
  "$@" check "$repository/tests/editors/fixture" --format json > "$work/findings" || code=$?
  { [ $code = 1 ] && grep -q '"unwrap-used"' "$work/findings"; } || fail "$name: exit code $code"
  ok "$name"
}

test_archive() {
  "$here/build.sh" "$binary" $target "$work/dist" archive
  cp "$work/dist/readiness-lsp-$target.tar.gz" "$work/first"
  "$here/build.sh" "$binary" $target "$work/dist" archive
  cmp "$work/first" "$work/dist/readiness-lsp-$target.tar.gz" || fail "archive: not the same bytes twice"
  (
    export READINESS_DOWNLOAD_URL=file://$work/dist READINESS_INSTALL_DIR="$work/Kasse für Öl/bin"
    sh "$here/install.sh" > "$work/installed"
    # Again, over what is there.
    sh "$here/install.sh" > "$work/installed"
  )
  grep -q "installed $version as" "$work/installed" || fail "archive: $(cat "$work/installed")"
  runs "archive, by install.sh" "$work/Kasse für Öl/bin/readiness-lsp"

  mkdir "$work/forged"
  cp "$work/dist"/readiness-lsp-$target.tar.gz* "$work/forged"
  echo >> "$work/forged/readiness-lsp-$target.tar.gz"
  if READINESS_DOWNLOAD_URL=file://$work/forged READINESS_INSTALL_DIR=$work/no sh "$here/install.sh" \
    > "$work/refused" 2>&1; then
    fail "archive: one with another checksum was installed"
  fi
  grep -q "is not what the release has" "$work/refused" || fail "archive: $(cat "$work/refused")"
  [ ! -e "$work/no" ] || fail "archive: something was written"
  ok "archive with another checksum is refused"
  if HOME=$work/home sh "$here/install.sh" > "$work/refused" 2>&1; then fail "installer without a release"; fi
  ok "installer that is from no release says so"
}

test_wheel() {
  # One pip for both: to put another one into the environment takes longer than everything else.
  local pip=(python3 -m pip --python "$work/venv/bin/python" --disable-pip-version-check)
  if ! { python3 -m venv --without-pip "$work/venv" && "${pip[@]}" --version; } > "$work/venv.log" 2>&1; then
    skip "wheel: no python3 with venv and a pip of 22.3 or newer"
    return
  fi
  "$here/build.sh" "$binary" $target "$work/dist" wheel
  "${pip[@]}" install --quiet --no-index "$work"/dist/*.whl
  runs "wheel, by pip" "$work/venv/bin/readiness-lsp"
  "${pip[@]}" uninstall --quiet --yes readiness-lsp
  [ ! -e "$work/venv/bin/readiness-lsp" ] || fail "wheel: left behind"
}

test_npm() {
  if ! has npm; then
    skip "npm package: no npm"
    return
  fi
  "$here/build.sh" "$binary" $target "$work/dist" npm
  mkdir "$work/npm"
  # The packages of other platforms are nowhere yet.
  (cd "$work/npm" && echo '{ "private": true }' > package.json &&
    npm install --silent --offline --omit=optional --no-audit --no-fund "$work"/dist/readiness-lsp-*.tgz)
  runs "npm package" "$work/npm/node_modules/.bin/readiness-lsp"
  rm -rf "$work/npm/node_modules/readiness-lsp-$platform"
  if "$work/npm/node_modules/.bin/readiness-lsp" --version > "$work/alone" 2>&1; then fail "npm: without a program"; fi
  grep -q "readiness-lsp-$platform is not installed" "$work/alone" || fail "npm: $(cat "$work/alone")"
  ok "npm package without that of the platform says what to do"
}

test_vsix() {
  if ! has npm; then
    skip "VSIX: no npm"
    return
  elif [ ! -d "$repository/editors/vscode/node_modules" ]; then
    skip "VSIX: editors/vscode has no node_modules; tests/editors builds and installs it"
    return
  fi
  "$here/build.sh" "$binary" $target "$work/dist" vsix
  python3 -m zipfile -e "$work/dist/readiness-$platform.vsix" "$work/vsix"
  grep -q "TargetPlatform=\"$platform\"" "$work/vsix/extension.vsixmanifest" || fail "VSIX: not for $platform"
  chmod 755 "$work/vsix/extension/server/readiness-lsp"
  runs "VSIX, unpacked" "$work/vsix/extension/server/readiness-lsp"
}

test_manifests() {
  local name
  mkdir -p "$work/sums"
  for name in x86_64-unknown-linux-gnu.tar.gz aarch64-unknown-linux-gnu.tar.gz x86_64-apple-darwin.tar.gz \
    aarch64-apple-darwin.tar.gz x86_64-pc-windows-msvc.zip aarch64-pc-windows-msvc.zip; do
    echo "$(printf %064d 7)  readiness-lsp-$name" > "$work/sums/readiness-lsp-$name.sha256"
  done
  "$here/render.sh" https://example.com/owner/name "$work/sums" "$work/rendered"
  ok "everything that names the release is rendered"

  python3 "$here/manifests.py" "$work/rendered" "$repository" || fail "manifests"
  ok "manifests: mason, Zed, Helix, binstall, npm"
  sh -n "$work/rendered/install.sh"
  ok "install.sh is a shell script"
  local lua=
  for name in luac luac5.4 luac5.1 luajit nvim; do has "$name" && lua=$name && break; done
  case $lua in
    luac*) "$lua" -p "$here/nvim-lspconfig/lsp/readiness_lsp.lua" && ok "nvim-lspconfig, by $lua" ;;
    luajit) luajit -bl "$here/nvim-lspconfig/lsp/readiness_lsp.lua" > /dev/null && ok "nvim-lspconfig, by luajit" ;;
    nvim) nvim --clean --headless -l "$here/nvim-lspconfig/lsp/readiness_lsp.lua" && ok "nvim-lspconfig, by nvim" ;;
    *) skip "nvim-lspconfig: no Lua; tests/editors starts it in Neovim" ;;
  esac
  if has ruby; then
    ruby -c "$work/rendered/readiness-lsp.rb" > /dev/null && ok "Homebrew formula, by ruby"
  else
    skip "Homebrew formula: no ruby"
  fi
  if has pwsh; then
    pwsh -NoProfile -Command "\$e = \$null; [void][Management.Automation.Language.Parser]::ParseFile(
      '$work/rendered/install.ps1', [ref]\$null, [ref]\$e); exit \$e.Count" && ok "install.ps1, by PowerShell"
  else
    skip "install.ps1: no PowerShell"
  fi
}

[ $# -gt 0 ] || set -- archive wheel npm vsix manifests
for kind in "$@"; do "test_$kind"; done
echo "packaging: $passed passed, 0 failed, $skipped skipped"
