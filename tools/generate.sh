#!/bin/sh
# What is generated from what stands elsewhere, and kept in the repository: the types of the API's client.
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
cd "$root" || exit 1
calls=packages/shared/src/http/generated/calls.ts
before=$(mktemp)
cp "$calls" "$before" 2>/dev/null
# The generator loads the client: where two branches generated, what is there does not even parse.
grep -q '^<<<<<<< ' "$calls" 2>/dev/null || [ ! -f "$calls" ] && {
  mkdir -p "$(dirname "$calls")"
  printf 'export interface Calls {}\nexport const fingerprint = "";\nexport const routes = {};\n' >"$calls"
}
node_modules/node/bin/node --disable-warning=ExperimentalWarning services/gateway/src/documents/generate-client.ts
status=$?
[ "$status" -eq 0 ] || cp "$before" "$calls"
rm -f "$before"
exit "$status"
