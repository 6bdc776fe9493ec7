#!/bin/sh
# What the engines need from the system. Installed where apt-get is and we are root; else what is missing is said.
# Does nothing, quickly, when all is there.
set -eu

# The first version in a text as one number that can be compared: 1.26.8 → 1026, 21 → 21000.
version_of() {
  major=0 minor=0
  read -r major minor <<END || :
$(sed -n 's/^[^0-9]*\([0-9][0-9]*\)\.\{0,1\}\([0-9]*\).*/\1 \2/p' | head -n 1)
END
  echo $((${major:-0} * 1000 + ${minor:-0}))
}

has() { command -v "$1" >/dev/null 2>&1; }
has_redis() { has redis-server; }
has_openssl() { has openssl; }
has_git() { has git; }
has_maven() { has mvn; }
has_java() { has java && [ "$(java -version 2>&1 | version_of)" -ge 17000 ]; }
# 1.21 and later fetch the version that a module asks for.
oldest_go=1021
has_go() { has go && [ "$(GOTOOLCHAIN=local go version 2>/dev/null | sed 's/^go version go//' | version_of)" -ge "$oldest_go" ]; }

missing() {
  for what in redis openssl git java maven go; do
    "has_$what" || printf '%s ' "$what"
  done
}

package_for() {
  case $1 in
    redis) echo redis-server ;;
    java) echo openjdk-17-jre-headless ;;
    go) go_package ;;
    *) echo "$1" ;;
  esac
}

# Nothing when what Debian has is too old to be of use.
go_package() {
  candidate=$(apt-cache policy golang-go 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9]*:\)\{0,1\}//p' | version_of)
  [ "$candidate" -lt "$oldest_go" ] || echo golang-go
}

explain() {
  case $1 in
    redis) echo 'Redis 6.2 or newer, redis-server on the PATH (Debian: redis-server; https://redis.io)' ;;
    openssl) echo 'openssl on the PATH: certificates for tests' ;;
    git) echo 'git on the PATH' ;;
    java) echo 'Java 17 or newer, java on the PATH: Kafka runs on it (Debian: openjdk-17-jre-headless)' ;;
    maven) echo 'Maven, mvn on the PATH: fetches Kafka (Debian: maven)' ;;
    go) echo 'Go 1.21 or newer, go on the PATH: builds FerretDB and the Versity S3 Gateway (https://go.dev/dl; Debian 12: golang-go of bookworm-backports)' ;;
  esac
}

# Debian's package of Redis starts a server of its own at once; that is not wanted here.
install() {
  packages=
  for what in "$@"; do packages="$packages $(package_for "$what")"; done
  [ -n "${packages# }" ] || return 0
  echo "Installing:$packages" >&2
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  log=$(mktemp)
  # Lists that are there are tried first: to update them takes longer than the rest. One that cannot be had does not keep back the others.
  # shellcheck disable=SC2086
  if ! apt-get install -y -qq --no-install-recommends $packages >"$log" 2>&1; then
    apt-get update -qq >>"$log" 2>&1 || :
    for package in $packages; do
      apt-get install -y -qq --no-install-recommends "$package" >>"$log" 2>&1 || cat "$log" >&2
    done
  fi
  rm -f "$log"
}

lacking=$(missing)
[ -n "$lacking" ] || exit 0
if [ "$(id -u)" -eq 0 ] && has apt-get; then
  # shellcheck disable=SC2086
  install $lacking
  lacking=$(missing)
fi
[ -n "$lacking" ] || exit 0
echo 'These are missing for the engines of the distributed profile:' >&2
for what in $lacking; do echo "  - $(explain "$what")" >&2; done
exit 1
