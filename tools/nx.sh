#!/bin/sh
# Nx on the pinned Node, without its daemon, its full-screen output or the network. Its cache belongs to this checkout: the one
# it keeps for the whole machine answered a fresh clone with the results of another.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
PATH=$root/node_modules/.bin:$PATH
NX_DAEMON=false NX_NO_CLOUD=true NX_TUI=false NX_CACHE_DIRECTORY=$root/.nx/cache NX_WORKSPACE_DATA_DIRECTORY=$root/.nx/workspace-data
export PATH NX_DAEMON NX_NO_CLOUD NX_TUI NX_CACHE_DIRECTORY NX_WORKSPACE_DATA_DIRECTORY

exec "$root/node_modules/node/bin/node" "$root/node_modules/nx/dist/bin/nx.js" "$@"
