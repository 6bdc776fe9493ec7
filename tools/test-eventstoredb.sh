#!/bin/sh
# The event store's contract against the EventStoreDB server at PARTITURA_EVENT_STORE_URL.
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
exec sh "$root/tools/jest.sh" --testTimeout=60000 \
  --testMatch='**/event-store/eventstoredb/testing/against-real-server.ts' "$@"
