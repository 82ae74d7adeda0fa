#!/usr/bin/env bash
# Puts the editors that the tests drive under one folder, without touching the rest of the system.
#
#   provision.sh DIR nvim|nvim-old|stylua|vscode|helix|emacs...
#
# The terminal editors are unpacked from Debian packages with their libraries and are started by
# the loader that comes with them: the system's own libc stays as it is. VS Code is code-server
# from the npm registry. Chromium, tmux and git, which have no state worth keeping apart, are
# installed as system packages when they are missing.
set -euo pipefail

dir=$(realpath -m "$1")
shift

code_server_version=4.100.3
playwright_version=1.52.0
stylua_version=2.5.2
# Debian releases with the version that is wanted.
nvim_suite=sid
nvim_old_suite=trixie
helix_suite=trixie
emacs_suite=trixie

say() { echo "provision: $*" >&2; }

# The mirror that this machine already uses.
debian_mirror() {
  if [ -n "${DEBIAN_MIRROR:-}" ]; then
    echo "$DEBIAN_MIRROR"
    return
  fi
  apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -m 1 '/debian/$' ||
    grep -rhoE 'https?://[^ ]+/debian/?' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null |
    head -n 1
}

# unpack PREFIX SUITE PACKAGE...: the packages and all that they depend on, below PREFIX.
unpack() {
  local prefix=$1 suite=$2
  shift 2
  local state=$prefix/.apt mirror
  mirror=$(debian_mirror)
  if [ -z "$mirror" ]; then
    say "no Debian mirror is known; set DEBIAN_MIRROR"
    return 1
  fi
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  : >"$state/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
    >"$state/sources.list"
  cat >"$state/apt.conf" <<CONF
Dir::State "$state";
Dir::State::lists "$state/lists";
Dir::State::status "$state/status";
Dir::State::extended_states "$state/extended";
Dir::Cache "$state/cache";
Dir::Etc::sourcelist "$state/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Debug::NoLocking "true";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
  APT_CONFIG=$state/apt.conf apt-get -q update
  APT_CONFIG=$state/apt.conf apt-get -q -y --download-only install "$@"
  local package
  for package in "$state"/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$prefix"
  done
  rm -rf "$state"
}

# wrapper FILE PREFIX PROGRAM ARGUMENTS [VARIABLE=VALUE]...: a script that starts an unpacked
# program with these arguments, quoted for the shell, before its own.
wrapper() {
  local file=$1 prefix=$2 program=$3 arguments=$4
  shift 4
  local libraries
  libraries=$prefix/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null ||
    echo "$(uname -m)-linux-gnu")
  local loader
  loader=$(find "$libraries" -maxdepth 1 -name 'ld-linux-*.so.*' | head -n 1)
  mkdir -p "$(dirname "$file")"
  {
    echo '#!/bin/sh'
    local variable
    for variable in "$@"; do
      printf "export %s='%s'\n" "${variable%%=*}" "${variable#*=}"
    done
    printf "exec '%s' --library-path '%s' '%s' %s \"\$@\"\n" \
      "$loader" "$libraries" "$prefix$program" "$arguments"
  } >"$file"
  chmod +x "$file"
}

# system PACKAGE PROGRAM: a system package, when its program is missing.
system() {
  command -v "$2" >/dev/null && return
  say "installing the system package $1"
  apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends "$1"
}

neovim() {
  local name=$1 suite=$2 prefix=$dir/$1
  system git git
  system tmux tmux
  [ -x "$dir/bin/$name" ] && return
  unpack "$prefix" "$suite" neovim
  # Its parsers are where it would not look for them.
  wrapper "$dir/bin/$name" "$prefix" /usr/bin/nvim \
    "--cmd 'let &runtimepath .= \",$prefix/usr/lib/nvim\"'" "VIMRUNTIME=$prefix/usr/share/nvim/runtime"
}

# npm_package NAME PACKAGE@VERSION: a package by itself, below a folder of this name.
npm_package() {
  [ -e "$dir/$1/node_modules" ] && return
  mkdir -p "$dir/$1"
  echo '{"private":true}' >"$dir/$1/package.json"
  (cd "$dir/$1" && npm install --no-audit --no-fund --ignore-scripts "$2")
}

helix() {
  local prefix=$dir/helix
  system tmux tmux
  [ -x "$dir/bin/hx" ] && return
  unpack "$prefix" "$helix_suite" hx
  wrapper "$dir/bin/hx" "$prefix" /usr/lib/hx/hx "" "HELIX_RUNTIME=$prefix/usr/lib/hx/runtime"
}

emacs() {
  local prefix=$dir/emacs
  [ -x "$dir/bin/emacs" ] && return
  unpack "$prefix" "$emacs_suite" emacs-nox
  local share lib program image
  share=$(dirname "$(find "$prefix/usr/share/emacs" -path '*/lisp/subr.el*' | head -n 1)")
  # The dumped image is found by the name of the program, which is the loader's here.
  image=$(find "$prefix/usr/lib" "$prefix/usr/libexec" -name 'emacs*.pdmp' 2>/dev/null | head -n 1)
  lib=$(dirname "$image")
  program=$(cd "$prefix" && find usr/bin -name 'emacs-nox' | head -n 1)
  wrapper "$dir/bin/emacs" "$prefix" "/$program" "--dump-file='$image'" \
    "EMACSLOADPATH=$(find "$share" -type d -not -path '*/obsolete*' | sort | paste -sd:)" \
    "EMACSDATA=$(dirname "$share")/etc" "EMACSPATH=$lib"
}

# code-server from npm. Its own install script would download from GitHub and build what is not
# needed here, so no scripts run, and only the native modules that it starts with are built.
vscode() {
  local root=$dir/code-server
  system chromium chromium
  system git git
  npm_package playwright "playwright-core@$playwright_version"
  [ -e "$root/.complete" ] && return
  mkdir -p "$root"
  cd "$root"
  echo '{"private":true}' >package.json
  local quiet=(--no-audit --no-fund --ignore-scripts --omit=dev)
  npm install "${quiet[@]}" "code-server@$code_server_version"
  local server=$root/node_modules/code-server/lib/vscode
  (cd "$server" && npm install "${quiet[@]}")
  (cd "$server/extensions" && npm install "${quiet[@]}")
  local npm_home gyp module
  npm_home=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  gyp=$npm_home/node_modules/node-gyp/bin/node-gyp.js
  local headers=()
  [ -e /usr/include/node/node.h ] && headers=(--nodedir=/usr)
  for module in @vscode/spdlog native-watchdog node-pty; do
    [ -d "$server/node_modules/$module" ] || continue
    (cd "$server/node_modules/$module" && node "$gyp" rebuild "${headers[@]}")
  done
  (cd node_modules/argon2 && PATH="$root/node_modules/.bin:$PATH" npm run --if-present install)
  ln -sfn node_modules "$server/node_modules.asar"
  ln -sfn code-linux.sh "$server/bin/remote-cli/code-server"
  ln -sfn browser-linux.sh "$server/bin/helpers/browser.sh"
  touch "$root/.complete"
}

for editor in "$@"; do
  say "$editor"
  case $editor in
    nvim) neovim nvim "$nvim_suite" ;;
    nvim-old) neovim nvim-old "$nvim_old_suite" ;;
    stylua) npm_package stylua "@johnnymorganz/stylua@$stylua_version" ;;
    helix) helix ;;
    emacs) emacs ;;
    vscode) (vscode) ;;
    *) say "there is no editor $editor" && exit 2 ;;
  esac
done
