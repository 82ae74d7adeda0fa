#!/usr/bin/env bash
# Writes what names the repository, the version and the archives: the installers, and the entries for Homebrew, mason and Zed.
#
#   packaging/render.sh REPOSITORY ARCHIVES OUTPUT
#
# REPOSITORY is the address of the repository on GitHub. ARCHIVES is the folder with the `.sha256` of all archives.
set -euo pipefail

usage="usage: packaging/render.sh REPOSITORY ARCHIVES OUTPUT"
repository=${1:?$usage} archives=${2:?$usage} output=${3:?$usage}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' "$here/../Cargo.toml")
[[ $repository =~ ^https://[^/]+/([^/]+/[^/]+)$ ]] || { echo "render.sh: $repository is no repository" >&2 && exit 2; }

substitutions=(
  -e "s#@REPOSITORY@#$repository#g"
  -e "s#@OWNER_AND_NAME@#${BASH_REMATCH[1]}#g"
  -e "s#@DOWNLOAD_URL@#$repository/releases/download/v$version#g"
  -e "s#@VERSION@#$version#g"
)
for sum in "$archives"/readiness-lsp-*.sha256; do
  target=$(basename "$sum" | sed -E 's/^readiness-lsp-(.*)\.(tar\.gz|zip)\.sha256$/\1/')
  substitutions+=(-e "s#@SHA256:$target@#$(cut -d ' ' -f 1 "$sum")#g")
done

mkdir -p "$output/zed/src"
# render FILE TO
render() {
  sed "${substitutions[@]}" "$here/$1" > "$output/$2"
  if grep -En '@[A-Z_]+(:[a-z0-9_-]+)?@' "$output/$2" >&2; then
    echo "render.sh: $2 has places that nothing is known for" >&2
    exit 1
  fi
}
render install.sh install.sh
render install.ps1 install.ps1
render homebrew/readiness-lsp.rb.in readiness-lsp.rb
render mason/package.yaml.in package.yaml
render zed/extension.toml.in zed/extension.toml
cp "$here/zed/Cargo.toml" "$output/zed/"
cp "$here/zed/src/lib.rs" "$output/zed/src/"
