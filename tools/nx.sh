#!/bin/sh
# Nx on the pinned Node, without its daemon, its full-screen output or the network.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
PATH=$root/node_modules/.bin:$PATH
NX_DAEMON=false NX_NO_CLOUD=true NX_TUI=false
export PATH NX_DAEMON NX_NO_CLOUD NX_TUI

exec "$root/node_modules/node/bin/node" "$root/node_modules/nx/dist/bin/nx.js" "$@"
