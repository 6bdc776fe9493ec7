#!/bin/sh
# npm run test:whole: what runs the whole program again and again. Arguments go to Jest.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
cd "$root"
exec "$root/node_modules/node/bin/node" --experimental-vm-modules --disable-warning=ExperimentalWarning \
  node_modules/jest/bin/jest.js --config=jest.whole.config.mjs --rootDir="$root" "$@"
