#!/bin/sh
# Checks who may import whom.
set -eu

cd "$(dirname -- "$0")/.."

cruise() {
  node_modules/node/bin/node node_modules/dependency-cruiser/bin/dependency-cruiser.mjs \
    --output-type err-long --config "$@"
}

cruise .dependency-cruiser.mjs packages services bench infra tests
cruise .dependency-cruiser.pure-core.mjs packages/cli services
