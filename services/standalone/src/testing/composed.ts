import { inProcessCaller } from '@partitura/gateway';
import { acquireDataDirectory } from '@partitura/shared/event-store';
import {
  asProjectId,
  asRunId,
  beginning,
  type DomainEvent,
  type EventMetadata,
  type OrganizationId,
  type RecordedEvent,
  type RunConfiguration,
  streamName,
  versionOf,
} from '@partitura/shared/events';
import { createHost, dataPaths } from '@partitura/shared/hosting';
import type { CallContext, OperationInput, OperationName, Operations } from '@partitura/shared/http';
import { readPrd } from '@partitura/shared/prd';
import { loadConfiguration, runComponents, silentLogger, systemClock } from '@partitura/shared/runtime';
import { architectPlanSwarm } from '@partitura/shared/workflows';
import { openPorts, type Ports } from '../ports.ts';
import { composeServices } from '../services.ts';
import { shortPrd } from './places.ts';

/** All services as the program composes them, without a server in front, so that a test can get at the ports too. */
export interface Composed {
  readonly ports: Ports;
  /** Asks for a run without a repository: its agents only answer. */
  requestRun(runId: string, changes?: Partial<RunConfiguration>, prd?: string): Promise<void>;
  /** What an operator would call through the API: somebody for the whole installation, or for an organisation. */
  call<Name extends OperationName>(
    name: Name,
    input: OperationInput<Operations[Name]>,
    organizationId?: OrganizationId,
  ): Promise<unknown>;
  /** Waits for the n-th event of one of the types in the run, whenever it was recorded. */
  until(runId: string, types: readonly string[], count?: number): Promise<RecordedEvent>;
  events(runId: string): Promise<readonly RecordedEvent[]>;
  stop(graceMs?: number): Promise<void>;
}

const projectId = 'p_test';

export const startComposed = async (
  data: string,
  environment: Readonly<Record<string, string>>,
): Promise<Composed> => {
  const configuration = await loadConfiguration({
    environment: { ...environment, PARTITURA_DATA: data },
    userFile: null,
    projectFile: null,
    flags: {},
  });
  const directory = await acquireDataDirectory(configuration.values.data, { clock: systemClock });
  const { values } = configuration;
  const host = createHost({ configuration, paths: dataPaths(values.data, values), logger: silentLogger });
  const ports = await openPorts(host);
  const { working, reading } = composeServices(ports);
  const services = [...reading, ...working];
  const components = services.flatMap((service) => service.components);
  const running = await runComponents(components, { clock: systemClock, logger: silentLogger });
  const caller = inProcessCaller(services);
  const stopped = new AbortController();
  let calls = 0;

  const metadata: EventMetadata = {
    source: '/orchestrator',
    actor: 'user:test',
    correlationId: 'test',
    causationId: null,
    projectId: asProjectId(projectId),
  };
  const append = async (id: string, { type, data: content }: DomainEvent) => {
    const time = new Date(systemClock.now()).toISOString();
    const event = { id, type, data: content, time, metadata, version: versionOf(type) };
    await ports.store.append(streamName('project', projectId), [event], 'any');
  };

  const requestRun: Composed['requestRun'] = async (runId, changes = {}, text = shortPrd) => {
    const bytes = new TextEncoder().encode(text);
    const content = {
      hash: await ports.blobs.put(bytes),
      size: bytes.byteLength,
      preview: text.slice(0, 200),
      contentType: 'text/markdown',
    };
    const { title, words } = readPrd(text);
    const prd = { name: 'PRD.md', title, words, content };
    const wanted = { stack: [], constraints: [], successCriteria: [] };
    const repository = { url: '/nowhere', baseBranch: 'main' };
    const workflow = architectPlanSwarm.name;
    const created = { projectId, name: title, prd, repository, ...wanted, budget: null, workflow };
    await append('project', { type: 'project.created', data: created });
    const model = ports.models.defaultModel();
    const runConfiguration: RunConfiguration = {
      ...wanted,
      prd,
      repository: null,
      branch: null,
      workflow: architectPlanSwarm,
      model,
      fallbackModels: [],
      rehearsal: model.startsWith('rehearsal/'),
      maxAgents: values.maxAgents,
      budget: null,
      sandbox: 'required',
      step: false,
      planOnly: false,
      ...changes,
    };
    const requested = { runId, reserved: null, configuration: runConfiguration };
    await append(runId, { type: 'project.run_requested', data: requested });
  };

  return {
    ports,
    requestRun,
    call: (name, input, organizationId) => {
      calls += 1;
      const context: CallContext = {
        actor: 'user:test',
        organizationId: organizationId ?? null,
        correlationId: 'test',
        commandId: `call-${calls}`,
        expectedRevision: null,
      };
      return caller.call(name, input as { params: unknown; query: unknown; body: unknown }, context);
    },
    until: async (runId, types, count = 1) => {
      let seen = 0;
      const { signal } = stopped;
      const filter = { runId: asRunId(runId), types };
      for await (const { events } of ports.store.subscribe({ after: beginning, filter, signal })) {
        for (const event of events) {
          seen += 1;
          if (seen === count) return event;
        }
      }
      throw new Error(`It was stopped before ${types.join(' or ')} came.`);
    },
    events: async (runId) => {
      const all: RecordedEvent[] = [];
      for await (const { events } of ports.store.readAll({ filter: { runId: asRunId(runId) } }))
        all.push(...events);
      return all;
    },
    stop: async (graceMs = 5_000) => {
      if (stopped.signal.aborted) return;
      stopped.abort();
      await running.stop(graceMs);
      await ports.opened.closeAll();
      await directory.release();
    },
  };
};
