#!/usr/bin/env bash
# Packages the extension, with the server for one platform or without a server.
#
#   scripts/package.sh TARGET [OUTPUT]     TARGET as vsce names it: linux-x64, darwin-arm64, …
#   scripts/package.sh universal [OUTPUT]  no server inside: the user has one
#
# READINESS_BINARY names a server that was built already, for a build on several machines.
set -euo pipefail

target=${1:?usage: scripts/package.sh TARGET|universal [OUTPUT]}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
output=${2:-readiness-$target.vsix}

triple() {
  case $1 in
    linux-x64) echo x86_64-unknown-linux-gnu ;;
    linux-arm64) echo aarch64-unknown-linux-gnu ;;
    linux-armhf) echo armv7-unknown-linux-gnueabihf ;;
    alpine-x64) echo x86_64-unknown-linux-musl ;;
    alpine-arm64) echo aarch64-unknown-linux-musl ;;
    darwin-x64) echo x86_64-apple-darwin ;;
    darwin-arm64) echo aarch64-apple-darwin ;;
    win32-x64) echo x86_64-pc-windows-msvc ;;
    win32-arm64) echo aarch64-pc-windows-msvc ;;
    *) echo "package.sh: there is no target $1" >&2 && return 1 ;;
  esac
}

[ -d node_modules ] || npm ci --ignore-scripts --no-audit --no-fund
rm -rf server
options=(--no-dependencies --allow-missing-repository --no-rewrite-relative-links --out "$output")
if [ "$target" != universal ]; then
  options+=(--target "$target")
  rust_target=$(triple "$target")
  name=readiness-lsp
  case $target in win32-*) name=readiness-lsp.exe ;; esac
  binary=${READINESS_BINARY:-}
  if [ -z "$binary" ]; then
    (cd ../.. && "${CARGO:-cargo}" build --release --bin readiness-lsp --target "$rust_target")
    binary=../../${CARGO_TARGET_DIR:-target}/$rust_target/release/$name
  fi
  mkdir server
  cp "$binary" "server/$name"
  chmod 755 "server/$name"
fi
npx --no-install vsce package "${options[@]}"
