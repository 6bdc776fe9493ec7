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
  # Adapters, and the whole where it waits out absences, leave half of two processors to others: two files at once. The rest of the
  # whole is busy all the time, is measured, or is asked for answers in seconds.
  run --maxWorkers=2 packages services infra
  patient='tests/distributed/src/(engines|main-job|refusals)'
  run --maxWorkers=2 "$patient"
  run --runInBand --testPathIgnorePatterns /node_modules/ "$patient" -- tests
fi
