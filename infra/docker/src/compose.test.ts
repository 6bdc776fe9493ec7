import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '@partitura/shared/runtime';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { makeSecrets } from './make-secrets.ts';
import { type ComposeFile, type ComposeService, parseYaml, readCompose } from './testing/compose-file.ts';
import { breaches } from './testing/compose-rules.ts';
import { ignores } from './testing/ignore-file.ts';
import { readRepositoryFile, root, type TemporaryFolder, temporaryFolder } from './testing/places.ts';

const content = await readRepositoryFile('docker-compose.yml');
const compose = readCompose(content);
const ignored = ignores(await readRepositoryFile('.dockerignore'));
const { version } = JSON.parse(await readRepositoryFile('package.json')) as { version: string };

const schema = JSON.parse(await readRepositoryFile('infra/docker/fixtures/compose-spec.json')) as object;

const ourImage = `partitura:${version}`;
const mainOf = (name: string): string => `services/${name}/src/main.ts`;
const ours = Object.entries(compose.services).flatMap(([name, service]) =>
  service.command[0] === mainOf(name) ? [{ name, service }] : [],
);

const engineVariable = /^PARTITURA_(EVENT_STORE|BUS|QUEUE|READ_MODELS|KNOWLEDGE|BLOBS)_URL(_FILE)?$/;

const enginesOf = ({ environment }: ComposeService): string[] =>
  Object.keys(environment)
    .flatMap((variable) => engineVariable.exec(variable)?.[1] ?? [])
    .sort();

describe('docker-compose.yml', () => {
  const validate = new Ajv2020({ strict: false, allErrors: true, logger: false }).compile(schema);

  it('is what the Compose Specification says', () => {
    validate(parseYaml(content));
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each([
    ['a key that there is not', 'stop_grace_period: 60s', 'stop_grace_time: 60s'],
    ['a condition that there is not', 'condition: service_healthy', 'condition: service_well'],
    ['a limit that is none', 'pids: 512', 'pids: [512]'],
  ])('would not be with %s', (_, text, instead) => {
    expect(content).toContain(text);
    expect(validate(parseYaml(content.replace(text, instead)))).toBe(false);
  });

  it('breaks none of our rules', () => {
    expect(breaches(compose)).toEqual([]);
  });

  it('needs no .env: every variable is optional', () => {
    expect(content.match(/(?<!\$)\$\{?[A-Z_]+(?!\w*:-)\}/g)).toBeNull();
  });
});

describe('our rules', () => {
  const changed = (text: string, instead: string): ComposeFile => {
    expect(content).toContain(text);
    return readCompose(content.replace(text, instead));
  };

  it.each([
    ['redis:8.2.7-alpine', 'redis:latest', 'redis redis:latest is not pinned'],
    ['redis:8.2.7-alpine', 'redis', 'redis redis is not pinned'],
    ["user: '999:1000'", "user: '0:0'", 'redis has to run as a user of its own, by its number'],
    ["user: '999:1000'", 'user: redis', 'redis has to run as a user of its own, by its number'],
    ['cap_drop: [ALL]', 'cap_drop: []', 'relay keeps capabilities'],
    ['cap_drop: [ALL]', 'privileged: true', 'relay has more rights than it needs'],
    ['- no-new-privileges:true', '- label=disable', 'agent-runner can get new privileges'],
    ["{ cpus: '1', memory: 768M, pids: 128 }", "{ cpus: '1', pids: 128 }", 'redis has no limit of memory'],
    ['restart: unless-stopped', 'restart: always', 'relay is not restarted'],
    ['stop_grace_period: 30s', 'init: false', 'relay has no time to stop in'],
    ['test: [CMD, mc, ready, local]', 'disable: true', 'minio has no health check'],
    ['image: redis:8', 'container_name: redis\n    image: redis:8', 'redis has a fixed name'],
    ['image: redis:8', "ports: ['127.0.0.1:6379:6379']\n    image: redis:8", 'redis has a port on the host'],
    ['127.0.0.1:4600:', '4600:', 'gateway publishes 4600:4600 to more than loopback'],
    ['postgres: *healthy', 'postgers: *healthy', 'agent-runner waits for postgers, which is not there'],
    ['{ secrets: *done }', '{ secrets: *healthy }', 'not service_completed_successfully'],
    [
      'networks: [engines, outside]',
      'networks: [engine]',
      'gateway is on a network engine that is not declared',
    ],
    ['- queue:/data', '- jobs:/data', 'redis has a volume jobs that is not declared'],
    [
      'MINIO_ROOT_PASSWORD_FILE:',
      'MINIO_ROOT_PASSWORD:',
      'minio has the secret MINIO_ROOT_PASSWORD in its environment',
    ],
    ['esdb://eventstoredb', 'esdb://admin:changeit@eventstoredb', 'relay has a password in a URL'],
  ])('would be broken by %s → %s', (text, instead, problem) => {
    expect(breaches(changed(text, instead))).toContainEqual(expect.stringContaining(problem));
  });
});

describe('the services of Partitura in docker-compose.yml', () => {
  it('are those of services/, each alone but for the embedded profile', async () => {
    const folders = (await readdir(join(root, 'services'))).filter((name) => name !== 'standalone');
    expect(ours.map(({ name }) => name).sort()).toEqual(folders.sort());
  });

  it.each(ours)('run $name from the one image', ({ name, service }) => {
    expect(service).toMatchObject({ image: ourImage, read_only: true, restart: 'unless-stopped' });
    expect(existsSync(join(root, mainOf(name)))).toBe(true);
    expect(ignored(mainOf(name))).toBe(false);
  });

  it('wait for the service that builds the image, so that starting any of them builds it', () => {
    const builders = Object.entries(compose.services).filter(([, { build }]) => build);
    expect(builders.map(([name, { image }]) => [name, image])).toEqual([['secrets', ourImage]]);
    for (const { service } of ours) expect(service.depends_on).toHaveProperty('secrets');
  });

  it('each listen on a port of their own', () => {
    const ports = Object.fromEntries(
      ours.map(({ name, service }) => [name, service.environment.PARTITURA_PORT]),
    );
    expect(ports).toEqual({
      gateway: '4600',
      orchestrator: '4601',
      planner: '4602',
      'agent-runner': '4603',
      knowledge: '4604',
      projections: '4605',
      notifier: '4607',
      relay: '4606',
    });
  });

  it('keep clones of their own in each replica', () => {
    const places = ours.flatMap(({ name, service }) =>
      service.volumes
        .filter(({ target }) => target === '/var/lib/partitura')
        .map(({ source }) => [name, source]),
    );
    expect(places).toEqual([
      ['planner', null],
      ['agent-runner', null],
    ]);
  });

  // What has no way to an engine can do nothing to it, and what lacks one does not start.
  it.each(ours)('give $name the engines that it opens, and no others', async ({ name, service }) => {
    const opened = (await readRepositoryFile(mainOf(name))).matchAll(/\bopen([A-Z]\w+)\(/g);
    const engineOf: Readonly<Record<string, string>> = {
      EventStore: 'EVENT_STORE',
      EventBus: 'BUS',
      EventOutlet: 'BUS',
      JobQueue: 'QUEUE',
      ReadModels: 'READ_MODELS',
      KnowledgeIndex: 'KNOWLEDGE',
      BlobStore: 'BLOBS',
    };
    const needed = new Set([...opened].map(([, port = '']) => engineOf[port] ?? port));
    expect(enginesOf(service)).toEqual([...needed].sort());
  });
});

describe('docs/distributed.md', () => {
  it('names the port and the engines of each service', async () => {
    const guide = await readRepositoryFile('docs/distributed.md');
    const rows = [...guide.matchAll(/^\| `([a-z-]+)` \| (\d+) \| ([a-z, ]+) \|/gm)].map(
      ([, name, port, engines = '']) => ({
        name,
        port,
        engines: engines
          .split(', ')
          .map((engine) => engine.toUpperCase().replace(' ', '_'))
          .sort(),
      }),
    );
    const told = ours.map(({ name, service }) => ({
      name,
      port: service.environment.PARTITURA_PORT,
      engines: enginesOf(service),
    }));
    const byPort = (rows: { port: unknown }[]) => rows.sort((a, b) => Number(a.port) - Number(b.port));
    expect(byPort(rows)).toEqual(byPort(told));
  });
});

describe('the environment in docker-compose.yml', () => {
  let secrets: TemporaryFolder;
  beforeAll(async () => {
    secrets = await temporaryFolder();
    await makeSecrets(secrets.path);
  });
  afterAll(() => secrets.remove());

  const load = (environment: ComposeService['environment'], changed: ComposeService['environment'] = {}) =>
    loadConfiguration({
      environment: Object.fromEntries(
        Object.entries({ ...environment, ...changed }).map(([name, value]) => [
          name,
          value?.replace('/run/partitura', secrets.path),
        ]),
      ),
      userFile: null,
      projectFile: null,
      flags: {},
    });

  it.each(ours)('is one that $name understands', async ({ name, service }) => {
    const { values, origins } = await load(service.environment);
    expect(values.host).toBe('0.0.0.0');
    expect(values.serviceKey).toMatch(/^[0-9a-f]{64}$/);
    if (name === 'gateway') expect(values.apiKey).toMatch(/^ptk_\w+_\w+$/);
    expect(origins.drainSeconds).toBe('default');
    expect(values.drainSeconds).toBeLessThan(Number.parseInt(service.stop_grace_period ?? '0', 10));
  });

  it('would be refused with a variable that there is not', async () => {
    for (const variable of ['PARTITURA_QUEUE_URI_FILE', 'PARTITURA_PORT_FILE'])
      await expect(load({}, { [variable]: '/run/partitura/queue-url' })).rejects.toThrow(variable);
  });

  it('names the engines and services as they are called here', async () => {
    for (const { service } of ours) {
      const { values } = await load(service.environment);
      const urls = [
        values.eventStoreUrl,
        values.busUrl,
        values.queueUrl,
        values.readModelsUrl,
        values.knowledgeUrl,
        values.blobsUrl,
        ...(service.environment.PARTITURA_API_KEY_FILE
          ? [
              values.orchestratorServiceUrl,
              values.plannerServiceUrl,
              values.agentRunnerServiceUrl,
              values.knowledgeServiceUrl,
              values.projectionsServiceUrl,
              values.notifierServiceUrl,
            ].flat()
          : []),
      ].filter((url) => url.includes('//'));
      for (const url of urls) {
        const { hostname, port } = new URL(url);
        expect(Object.keys(compose.services)).toContain(hostname);
        const called = ours.find(({ name }) => name === hostname);
        if (called) expect(called.service.environment.PARTITURA_PORT).toBe(port);
      }
    }
  });
});
