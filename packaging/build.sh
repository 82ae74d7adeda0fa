#!/usr/bin/env bash
# Builds what a release ships for one target, from a program that was built already.
#
#   packaging/build.sh BINARY TARGET OUTPUT [archive|wheel|npm|vsix]...
#
# TARGET is Rust's name of it, such as x86_64-unknown-linux-gnu. Without kinds all are built.
# What is in an archive has the same bytes each time: its dates are those of SOURCE_DATE_EPOCH.
set -euo pipefail

usage="usage: packaging/build.sh BINARY TARGET OUTPUT [archive|wheel|npm|vsix]..."
binary=$(realpath "${1:?$usage}") target=${2:?$usage}
mkdir -p "${3:?$usage}"
output=$(cd "$3" && pwd)
shift 3
[ $# -gt 0 ] || set -- archive wheel npm vsix

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/.." && pwd)
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' "$repository/Cargo.toml")
: "${SOURCE_DATE_EPOCH:=315532800}"
export SOURCE_DATE_EPOCH

# What Node and VS Code call the target.
case $target in
  x86_64-unknown-linux-gnu) platform=linux-x64 ;;
  aarch64-unknown-linux-gnu) platform=linux-arm64 ;;
  x86_64-apple-darwin) platform=darwin-x64 ;;
  aarch64-apple-darwin) platform=darwin-arm64 ;;
  x86_64-pc-windows-msvc) platform=win32-x64 ;;
  aarch64-pc-windows-msvc) platform=win32-arm64 ;;
  *) echo "build.sh: there is no target $target" >&2 && exit 2 ;;
esac
extension=
case $platform in win32-*) extension=.exe ;; esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The licences ask to be with the program.
texts=("$repository/README.md" "$repository/CHANGELOG.md" "$repository/LICENSE-MIT" "$repository/LICENSE-APACHE")

archive() {
  local name=readiness-lsp-$target file
  mkdir "$work/$name"
  cp "${texts[@]}" "$work/$name"
  install -m 755 "$binary" "$work/$name/readiness-lsp$extension"
  case $platform in
    win32-*)
      file=$name.zip
      (cd "$work" && python3 "$here/archive.py" zip "$output/$file" "$name")
      ;;
    *)
      file=$name.tar.gz
      (cd "$work" && python3 "$here/archive.py" tar "$output/$file" "$name")
      ;;
  esac
  python3 "$here/archive.py" sum "$output/$file"
}

wheel() {
  python3 "$here/wheel.py" "$binary" "$platform" "$version" "$output"
}

# The package with the program of this platform, and the one that everybody names.
npm() {
  local package=$work/npm/readiness-lsp-$platform
  mkdir -p "$package/bin" "$work/npm/readiness-lsp/bin"
  install -m 755 "$binary" "$package/bin/readiness-lsp$extension"
  cp "$repository/LICENSE-MIT" "$repository/LICENSE-APACHE" "$package"
  cp "$repository/LICENSE-MIT" "$repository/LICENSE-APACHE" "$here/npm/README.md" "$work/npm/readiness-lsp"
  install -m 755 "$here/npm/bin/readiness-lsp.js" "$work/npm/readiness-lsp/bin/"
  node "$here/npm/manifests.mjs" "$here/npm/package.json" "$version" "$platform" "$work/npm"
  (cd "$output" && command npm pack --silent "$package" "$work/npm/readiness-lsp" > "$work/packed")
}

vsix() {
  READINESS_BINARY=$binary "$repository/editors/vscode/scripts/package.sh" "$platform" \
    "$output/readiness-$platform.vsix" > "$work/vsix.log" 2>&1 || { cat "$work/vsix.log" >&2 && return 1; }
}

for kind in "$@"; do
  case $kind in
    archive | wheel | npm | vsix) "$kind" ;;
    *) echo "build.sh: there is no kind $kind" >&2 && exit 2 ;;
  esac
done
