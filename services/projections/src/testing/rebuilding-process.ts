/**
 * Projections as a process of their own, for a test that kills it. It begins to build a read model again and comes no further than
 * its first page. Arguments: the data directory, the read model.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { openSqliteEventStore } from '@partitura/shared/event-store';
import { openSqliteReadModels, type ReadModels } from '@partitura/shared/read-models';
import { silentLogger, systemClock } from '@partitura/shared/runtime';
import { buildName } from '../engine/build.ts';
import { projectionEngine } from '../engine/engine.ts';
import { poisonReport } from '../engine/poison.ts';
import { pastIn } from '../folding/past.ts';
import { projections } from '../projections.ts';

const [directory = '', name = ''] = process.argv.slice(2);
const store = openSqliteEventStore({ path: join(directory, 'events.db') });
const file = openSqliteReadModels({ path: join(directory, 'read-models.db') });
const [clock, logger] = [systemClock, silentLogger];

let beside = '';
const readModels: ReadModels = {
  ...file,
  write: async (checkpoint, ...given) => {
    await file.write(checkpoint, ...given);
    if (checkpoint !== beside) return;
    process.stdout.write(`${checkpoint}\n`);
    // Here it is killed, or was left alone.
    await once(process.stdin.resume(), 'end');
    process.exit();
  },
};
const report = poisonReport(store, clock, logger);
const pastOf = pastIn(store);
const engine = projectionEngine({ store, readModels, clock, logger, projections, report, pastOf });
await engine.start();
await engine.waitFor(await store.head(), 20_000);
const { version, generation } = engine.collection(name);
beside = buildName({ name }, { version, generation: generation + 1 });
await engine.rebuild(name);
