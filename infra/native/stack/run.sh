#!/bin/sh
# The commands of the stack, on the Node that Partitura is pinned to.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/../../.." && pwd -P)
node=$root/node_modules/node/bin/node
if ! [ -x "$node" ]; then
  echo 'Nothing is installed in this checkout yet; infra/native/up does that.' >&2
  exit 1
fi
exec "$node" --disable-warning=ExperimentalWarning "$root/infra/native/stack/main.ts" "$@"
