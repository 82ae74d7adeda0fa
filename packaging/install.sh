#!/bin/sh
# Installs readiness-lsp: downloads the archive for this machine, compares its SHA-256, unpacks the program.
#
#   READINESS_INSTALL_DIR   where the program goes; ~/.local/bin by default
#   READINESS_DOWNLOAD_URL  where the archives are; the release that this script came with by default
set -eu

main() {
  url=${READINESS_DOWNLOAD_URL:-@DOWNLOAD_URL@}
  folder=${READINESS_INSTALL_DIR:-$HOME/.local/bin}
  case $url in @*) fail "this script is not from a release: set READINESS_DOWNLOAD_URL" ;; esac

  case $(uname -s) in
    Linux) system=unknown-linux-gnu ;;
    Darwin) system=apple-darwin ;;
    *) fail "there is no archive for $(uname -s); on Windows use install.ps1" ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) machine=x86_64 ;;
    aarch64 | arm64) machine=aarch64 ;;
    *) fail "there is no archive for $(uname -m)" ;;
  esac
  if [ "$system" = unknown-linux-gnu ] && [ -e /etc/alpine-release ]; then
    fail "the program needs glibc, which Alpine does not have; build it with cargo"
  fi
  name=readiness-lsp-$machine-$system

  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' INT TERM HUP
  download "$url/$name.tar.gz" "$work/archive"
  download "$url/$name.tar.gz.sha256" "$work/sum"
  expected=$(cut -d ' ' -f 1 "$work/sum")
  actual=$(digest "$work/archive")
  [ -n "$expected" ] && [ "$actual" = "$expected" ] ||
    fail "$name.tar.gz is not what the release has: its SHA-256 is $actual and not $expected"

  tar -xzf "$work/archive" -C "$work"
  mkdir -p "$folder"
  # Renamed into place: a server that runs keeps its own file.
  cp "$work/$name/readiness-lsp" "$folder/.readiness-lsp.new"
  chmod 755 "$folder/.readiness-lsp.new"
  mv -f "$folder/.readiness-lsp.new" "$folder/readiness-lsp"
  echo "installed $("$folder/readiness-lsp" --version) as $folder/readiness-lsp"
  case :$PATH: in
    *:"$folder":*) ;;
    *) echo "$folder is not on PATH: add it, or name the program by its path" ;;
  esac
}

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

# download URL FILE
download() {
  if command -v curl > /dev/null; then
    curl --proto '=https,file' --fail --silent --show-error --location "$1" --output "$2" ||
      fail "cannot download $1"
  elif command -v wget > /dev/null; then
    wget --quiet --https-only "$1" --output-document "$2" || fail "cannot download $1"
  else
    fail "curl or wget is needed"
  fi
}

digest() {
  if command -v sha256sum > /dev/null; then
    sha256sum "$1" | cut -d ' ' -f 1
  else
    shasum -a 256 "$1" | cut -d ' ' -f 1
  fi
}

# All of the script is there before any of it runs: a download may break off.
main
