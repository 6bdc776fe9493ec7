#!/bin/sh
# npm run test:distributed: the tests that need real servers (see infra/native).
# Without arguments all of them, after every engine was started once, which also fetches and builds what is not there yet.
# Arguments go to Jest: a path runs the tests below it.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
node=$root/node_modules/node/bin/node
sh "$root/infra/native/requirements.sh"
[ -x "$node" ] || sh "$root/tools/bootstrap.sh" jest

if [ $# -eq 0 ]; then
  echo 'The tests run against:'
  tried=$(mktemp -d)
  trap 'sh "$root/infra/native/down" --wipe --directory "$tried" >/dev/null' EXIT
  sh "$root/infra/native/stack/run.sh" up --any-port --directory "$tried"
  sh "$root/infra/native/down" --wipe --directory "$tried" >/dev/null
  trap - EXIT
fi

run() {
  "$node" --experimental-vm-modules --disable-warning=ExperimentalWarning \
    node_modules/jest/bin/jest.js --config=jest.distributed.config.mjs --rootDir="$root" "$@"
}

cd "$root"
if [ $# -gt 0 ]; then
  run --runInBand "$@"
else
  # Adapters spend most of their time on waiting out an absence: two files at once. The whole has fourteen processes of its own.
  run --maxWorkers=2 packages services infra
  run --runInBand tests
fi
