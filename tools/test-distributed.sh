#!/bin/sh
# The tests that need real servers (Redis and others of the system, see infra/native), one file after the other.
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
exec "$root/node_modules/node/bin/node" --experimental-vm-modules --disable-warning=ExperimentalWarning \
  "$root/node_modules/jest/bin/jest.js" --config="$root/jest.distributed.config.mjs" --rootDir="$root" --runInBand "$@"
