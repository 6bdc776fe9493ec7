#!/bin/sh
# Jest on the pinned Node, with native ES modules.
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
exec "$root/node_modules/node/bin/node" --experimental-vm-modules --disable-warning=ExperimentalWarning \
  "$root/node_modules/jest/bin/jest.js" --config="$root/jest.config.mjs" "$@"
