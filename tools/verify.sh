#!/bin/sh
# Everything a change must pass, with the time each step took. Stops at the first that fails.
set -eu

cd "$(dirname -- "$0")/.."

step() {
  printf '\n── %s\n' "$*"
  started=$(date +%s)
  status=0
  "$@" || status=$?
  printf '── %s: %s in %s s\n' "$*" "$([ "$status" -eq 0 ] && echo passed || echo "FAILED ($status)")" "$(($(date +%s) - started))"
  [ "$status" -eq 0 ] || exit "$status"
}

step npm test
step npm run --silent test:whole
step npm run --silent test:distributed
step npm run --silent typecheck
step npm run --silent lint
step npm run --silent boundaries
