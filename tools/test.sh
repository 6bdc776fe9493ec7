#!/bin/sh
# npm test: installs what is missing, then runs every project's tests.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
sh "$root/tools/bootstrap.sh" nx jest

cd "$root"
exec node_modules/node/bin/node tools/test.mjs "$@"
