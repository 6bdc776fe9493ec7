#!/bin/sh
# Makes node_modules what package-lock.json says; does nothing when it already is.
# Arguments: packages that must be there (an installation without development tools lacks some).
set -u

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
stamp=$root/node_modules/.partitura-installed
lock=$root/.cache/installing
log=$root/.cache/install.log

say() { printf '%s\n' "$*" >&2; }
fail() { say "partitura: $*"; exit 1; }

# What the installation depends on: the lockfile and the kind of machine (native packages).
fingerprint() { printf '%s %s' "$(uname -sm)" "$(cksum <"$root/package-lock.json")"; }

installed() {
  [ -x "$root/node_modules/node/bin/node" ] || return 1
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ] || return 1
  for package; do
    [ -d "$root/node_modules/$package" ] || return 1
  done
}

require_node_and_npm() {
  command -v node >/dev/null 2>&1 || fail "Node.js 20 or newer is needed, and there is no node on the PATH (https://nodejs.org)"
  version=$(node --version 2>/dev/null)
  major=${version#v}
  major=${major%%.*}
  [ "${major:-0}" -ge 20 ] 2>/dev/null || fail "Node.js 20 or newer is needed, and $(command -v node) is ${version:-unusable}"
  command -v npm >/dev/null 2>&1 || fail "npm is needed to install what Partitura runs on, and there is no npm on the PATH"
}

# The lock is a symbolic link whose target is the owner's process id: made and filled in one step.
acquire() {
  mkdir -p "$root/.cache" || fail "cannot write to $root"
  waited=0
  until ln -s "$$" "$lock" 2>/dev/null; do
    owner=$(readlink "$lock") || { [ -w "$root/.cache" ] && continue; fail "cannot write to $root/.cache"; }
    if kill -0 "$owner" 2>/dev/null; then
      [ "$waited" -eq 0 ] && say "Waiting for another installation (process $owner) …"
      waited=$((waited + 1))
      [ "$waited" -le 900 ] || fail "process $owner has been installing for too long; if it is not, remove $lock"
      sleep 1
    else
      take_over "$owner"
    fi
  done
  trap 'rm -f "$lock"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

# Moving is atomic, so one process removes a dead owner's lock; a live one moved by mistake is put back.
take_over() {
  mv "$lock" "$lock.$$" 2>/dev/null || return 0
  moved=$(readlink "$lock.$$")
  rm -f "$lock.$$"
  [ "$moved" = "$1" ] || ln -s "$moved" "$lock" 2>/dev/null || :
}

# No package runs code at install time, except `node`, which fetches its binary. The flags are spelt out
# because a user's npm settings, or NODE_ENV=production, would otherwise leave out what is needed.
install_packages() {
  rm -f "$stamp"
  npm ci --include=dev --include=optional --ignore-scripts --install-strategy=hoisted \
    --engine-strict=false --audit=false --fund=false --no-progress --loglevel=error
}

# npm links a command only when its file is there while it installs, so the link is made here.
install_node() {
  if ! [ -x node_modules/node/bin/node ]; then
    (cd node_modules/node && npm_config_ignore_scripts=true node installArchSpecificPackage) || return 1
  fi
  ln -sf ../node/bin/node node_modules/.bin/node && node_modules/.bin/node --version
}

# Packages first, then the binary; a tree that lacks only the binary gets only that.
install_all() {
  cd "$root" || return 1
  if ! { [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ] && only_node_is_missing "$@"; }; then
    install_packages || return 1
  fi
  install_node || return 1
  fingerprint >"$stamp"
}

only_node_is_missing() {
  for package in node "$@"; do
    [ -d "$root/node_modules/$package" ] || return 1
  done
}

installed "$@" && exit 0
require_node_and_npm
acquire
installed "$@" && exit 0
say 'Installing what Partitura runs on (once) …'
if ! install_all "$@" >"$log" 2>&1; then
  cat "$log" >&2
  fail "the installation failed; what npm said is above and in $log"
fi
