import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStore, openSqliteEventStore } from '@partitura/shared/event-store';
import { asOrganizationId, beginning } from '@partitura/shared/events';
import { runStory, tellStore } from '@partitura/shared/http/testing';
import { openSqliteReadModels, type ReadModels } from '@partitura/shared/read-models';
import { silentLogger, systemClock } from '@partitura/shared/runtime';
import { pastIn } from '../folding/past.ts';
import { projections } from '../projections.ts';
import { documentsOf, foldOfTheLog } from '../testing/documents.ts';
import { forkStory, knownStory } from '../testing/past-stories.ts';
import { buildName } from './build.ts';
import { type ProjectionEngine, projectionEngine } from './engine.ts';
import { poisonReport } from './poison.ts';

let directory: string;
let store: EventStore;
let readModels: ReadModels;
let engine: ProjectionEngine | null;

const open = (): void => {
  store = openSqliteEventStore({ path: join(directory, 'events.db') });
  readModels = openSqliteReadModels({ path: join(directory, 'read-models.db') });
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rebuild-'));
  open();
  engine = null;
});
afterEach(async () => {
  await engine?.stop(1_000);
  await readModels.close();
  await store.close();
  await rm(directory, { recursive: true });
});

/** All kinds of runs: to the end and not, of two organisations, with what is known, forked, and the fork forked. */
const tellEverything = async (): Promise<void> => {
  const stories = [
    ...runStory({ tasks: 4, deadLetter: true }),
    ...runStory({ projectId: 'p_2', runId: 'r_7', tasks: 2, organizationId: asOrganizationId('acme') }),
    ...knownStory('p_1', 'r_1'),
  ];
  await tellStore(store, stories);
  let told = stories.length;
  for (const [parentId, runId] of [
    ['r_1', 'r_2'],
    ['r_2', 'r_3'],
  ] as const) {
    const fork = await forkStory(store, { parentId, runId, at: await store.head() });
    await tellStore(store, fork, told);
    told += fork.length;
  }
};

const start = async (log = store): Promise<ProjectionEngine> => {
  const [clock, logger] = [systemClock, silentLogger];
  const report = poisonReport(store, clock, logger);
  const given = { store: log, readModels, clock, logger, projections, report, pastOf: pastIn(store) };
  const started = projectionEngine({ ...given, retireAfterMs: 0 });
  engine = started;
  await started.start();
  await started.waitFor(await store.head(), 60_000);
  return started;
};

/** Begins to build it again in a process of its own, and kills that when it has stored a page. Answers the name of its build. */
const beginAndKill = async (name: string): Promise<string> => {
  const script = fileURLToPath(new URL('../testing/rebuilding-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, directory, name], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
  });
  const closed = once(child, 'close');
  const [said] = await Promise.race([once(child.stdout, 'data'), closed]);
  child.kill('SIGKILL');
  expect(await closed).toEqual([null, 'SIGKILL']);
  return String(said).trim();
};

/** The same log, and after which positions all streams together were read in it. */
const watched = (log: EventStore): { readonly log: EventStore; readonly read: string[] } => {
  const read: string[] = [];
  const readAll: EventStore['readAll'] = (options = {}) => {
    read.push(options.after ?? beginning);
    return log.readAll(options);
  };
  return { log: { ...log, readAll }, read };
};

describe('a rebuild', () => {
  it('of every read model ends with the live documents, byte for byte, and nobody reads a gap', async () => {
    await tellEverything();
    const running = await start();
    const live = await documentsOf(running, readModels);
    expect(live).toEqual(await foldOfTheLog(store));
    expect(
      Object.values(live).filter((documents) => Object.keys(documents).length > 0).length,
    ).toBeGreaterThan(9);

    let done = false;
    let reads = 0;
    const reading = (async () => {
      for (; !done; reads += 1) {
        expect(await documentsOf(running, readModels)).toEqual(live);
        await othersTurn();
      }
    })();
    for (const { name } of projections) await running.rebuild(name);
    const told = running.progress().filter(({ status }) => status === 'rebuilding');
    expect(told.map(({ name }) => name)).toEqual(projections.map(({ name }) => name));
    await running.rebuilt();
    done = true;
    await reading;
    expect(reads).toBeGreaterThan(0);
    expect(await documentsOf(running, readModels)).toEqual(live);
    expect(projections.map(({ name }) => running.collection(name).generation)).toEqual(
      projections.map(() => 1),
    );
  });

  it('goes on where it was when it was killed with -9', async () => {
    const happenings = runStory({ tasks: 40 });
    // All at once, so that they are synced together.
    await Promise.all(happenings.map((happening, index) => tellStore(store, [happening], index)));
    const build = await beginAndKill('history');
    await readModels.close();
    await store.close();
    open();
    const reached = await readModels.checkpoint(build);
    expect(reached > beginning).toBe(true);
    expect(reached < (await store.head())).toBe(true);

    const { log, read } = watched(store);
    const running = await start(log);
    await running.rebuilt();
    const { name, version, generation } = running.collection('history');
    expect(buildName({ name }, { version, generation })).toBe(build);
    // The feed subscribes; only a rebuild reads the log by itself.
    expect(read.toSorted()[0]).toBe(reached);
    expect(await documentsOf(running, readModels)).toEqual(await foldOfTheLog(store));
  });
});
