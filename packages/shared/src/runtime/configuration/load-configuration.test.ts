import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { configurationFiles } from './files.ts';
import { type ConfigurationInput, loadConfiguration } from './load-configuration.ts';
import { settingNames } from './settings.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'configuration-'));
});
afterAll(() => rm(directory, { recursive: true }));

const file = async (name: string, content: unknown): Promise<string> => {
  const path = join(directory, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

const load = (given: Partial<ConfigurationInput>) =>
  loadConfiguration({ environment: {}, userFile: null, projectFile: null, flags: {}, ...given });

const refusal = async (given: Partial<ConfigurationInput>): Promise<string> => {
  const error: unknown = await load(given).then(
    () => new Error('it was accepted'),
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ code: 'CONFIGURATION' });
  return error instanceof Error ? error.message : '';
};

describe('configuration', () => {
  it('has a default for everything, and says that it is one', async () => {
    const { values, origins } = await load({});
    expect(values).toMatchObject({
      host: '127.0.0.1',
      port: 4_600,
      data: './.partitura',
      eventStoreUrl: 'sqlite:',
      busUrl: 'local:',
      model: null,
      fallbackModels: [],
      sandbox: 'required',
      logLevel: 'silent',
    });
    expect(Object.keys(values).sort()).toEqual([...settingNames].sort());
    expect(new Set(Object.values(origins))).toEqual(new Set(['default']));
  });

  it('lets a flag overrule the environment, that the project’s file, that the user’s file, that the default', async () => {
    const userFile = await file('user.json', { port: 1, maxAgents: 1, data: 'user', model: 'user/model' });
    const projectFile = await file('project.json', { port: 2, maxAgents: 2, data: 'project' });
    const { values, origins, show } = await load({
      userFile,
      projectFile,
      environment: { PARTITURA_PORT: '3', PARTITURA_MAX_AGENTS: '3' },
      flags: { port: 4, host: undefined },
    });
    expect(values).toMatchObject({
      port: 4,
      maxAgents: 3,
      data: 'project',
      model: 'user/model',
      host: '127.0.0.1',
    });
    expect(origins).toMatchObject({
      port: 'flag',
      maxAgents: 'environment',
      data: 'project file',
      model: 'user file',
      host: 'default',
    });
    const from = Object.fromEntries(show().map((setting) => [setting.name, setting.from]));
    expect(from).toMatchObject({
      port: '--port',
      maxAgents: 'PARTITURA_MAX_AGENTS',
      data: `${projectFile}: data`,
      model: `${userFile}: model`,
      host: null,
    });
  });

  it('reads lists and numbers from text', async () => {
    const { values } = await load({
      environment: {
        PARTITURA_FALLBACK_MODELS: 'openai/gpt-5, anthropic/claude',
        PARTITURA_MAX_AGENTS: '1000',
        PARTITURA_URL: 'http://127.0.0.1:4600/',
      },
    });
    expect(values).toMatchObject({
      fallbackModels: ['openai/gpt-5', 'anthropic/claude'],
      maxAgents: 1_000,
      url: 'http://127.0.0.1:4600',
    });
  });

  it('takes an empty variable and a missing file for nothing said', async () => {
    const { origins } = await load({
      environment: { PARTITURA_PORT: '', PARTITURA_UNHEARD_OF: '', ANTHROPIC_API_KEY: '' },
      userFile: join(directory, 'missing.json'),
      projectFile: join(directory, 'missing', 'too.json'),
    });
    expect(new Set(Object.values(origins))).toEqual(new Set(['default']));
  });

  it('leaves the variables of others alone', async () => {
    await load({ environment: { PATH: '/bin', OPENAI_ORGANIZATION: 'x', NOT_PARTITURA_PORT: 'x' } });
  });

  it('takes a secret from the file that a variable names, and the variable before it', async () => {
    const path = await file('key', 'in-the-file-0123456789\n');
    const { values, show } = await load({
      environment: {
        PARTITURA_API_KEY_FILE: path,
        OPENAI_API_KEY: 'in-the-variable',
        OPENAI_API_KEY_FILE: path,
        PARTITURA_QUEUE_URL_FILE: await file('queue', 'redis://:pass%20word@redis:6379\n'),
      },
    });
    expect(values).toMatchObject({
      apiKey: 'in-the-file-0123456789',
      openaiApiKey: 'in-the-variable',
      queueUrl: 'redis://:pass%20word@redis:6379',
    });
    const from = Object.fromEntries(show().map((setting) => [setting.name, setting.from]));
    expect(from).toMatchObject({ apiKey: 'PARTITURA_API_KEY_FILE', openaiApiKey: 'OPENAI_API_KEY' });
  });

  it('shows the engines without their passwords, and hands those to the redactor', async () => {
    const { secrets, show } = await load({
      environment: {
        PARTITURA_KNOWLEDGE_URL: 'postgres://user:p%40ssword@db:5432/partitura',
        PARTITURA_QUEUE_URL: 'redis://:s3cret-word@redis:6379',
        PARTITURA_BUS_URL: 'kafka://kafka:9092',
      },
    });
    expect(secrets).toEqual(['s3cret-word', 'p%40ssword', 'p@ssword']);
    const shown = Object.fromEntries(show().map(({ name, value }) => [name, value]));
    expect(shown).toMatchObject({
      knowledgeUrl: 'postgres://user:••••@db:5432/partitura',
      queueUrl: 'redis://:••••@redis:6379',
      busUrl: 'kafka://kafka:9092',
    });
  });

  it('masks secrets when it shows them, and hands them to the redactor', async () => {
    const key = 'sk-ant-0123456789abcdef';
    const { values, secrets, show } = await load({
      environment: { ANTHROPIC_API_KEY: key, PARTITURA_API_KEY: 'short' },
    });
    expect(values.anthropicApiKey).toBe(key);
    expect(secrets).toEqual(['short', key]);
    const shown = JSON.stringify(show());
    expect(shown).not.toContain(key);
    expect(shown).not.toContain('short');
    expect(shown).toContain('••••cdef');
  });

  it.each([
    ['PARTITURA_PORT', 'abc', 'PARTITURA_PORT has to be a whole number from 0 to 65535: it is "abc"'],
    ['PARTITURA_PORT', '65536', 'PARTITURA_PORT has to be a whole number from 0 to 65535'],
    ['PARTITURA_PORT', '-1', 'PARTITURA_PORT has to be a whole number'],
    ['PARTITURA_PORT', '1e3', 'PARTITURA_PORT has to be a whole number'],
    ['PARTITURA_MAX_AGENTS', '0', 'PARTITURA_MAX_AGENTS has to be a whole number from 1 to 10000'],
    ['PARTITURA_HOST', 'http://localhost', 'PARTITURA_HOST has to be a host name'],
    ['PARTITURA_DATA', '   ', 'PARTITURA_DATA is empty'],
    ['PARTITURA_URL', 'localhost:4600', 'PARTITURA_URL has to be a URL that begins with http:// or https://'],
    ['PARTITURA_AUTH', 'off', 'PARTITURA_AUTH has to be one of auto, required: it is "off"'],
    ['PARTITURA_SANDBOX', 'no', 'PARTITURA_SANDBOX has to be one of required, off'],
    ['PARTITURA_LOG_LEVEL', 'loud', 'PARTITURA_LOG_LEVEL has to be one of fatal, error'],
    ['PARTITURA_MODEL', 'gpt-5', 'PARTITURA_MODEL has to name a provider and a model'],
    ['PARTITURA_FALLBACK_MODELS', 'openai/gpt-5,,', 'PARTITURA_FALLBACK_MODELS is empty'],
    ['PARTITURA_SERVICE_KEY', 'short', 'PARTITURA_SERVICE_KEY has to have 32 characters'],
    ['PARTITURA_ORCHESTRATOR_SERVICE_URL', 'a:1', 'PARTITURA_ORCHESTRATOR_SERVICE_URL has to be a URL'],
    ['PARTITURA_API_KEY_FILE', '/not/there', 'PARTITURA_API_KEY_FILE names /not/there, which cannot be read'],
    ['PARTITURA_HOST_FILE', '/etc/hostname', 'PARTITURA_HOST_FILE is not a variable of Partitura'],
    [
      'PARTITURA_KNOWLEDGE_URL',
      'mysql://root:hunter22@db/x',
      'has to begin with sqlite: or postgres: or postgresql:: it is "mysql://root:••••@db/x"',
    ],
    [
      'PARTITURA_EVENT_STORE_URL',
      'events.db',
      'PARTITURA_EVENT_STORE_URL has to begin with sqlite: or esdb:',
    ],
    ['PARTITURA_BUS_URL', 'amqp://x', 'PARTITURA_BUS_URL has to begin with local: or kafka:'],
    [
      'PARTITURA_PROT',
      '4600',
      'PARTITURA_PROT is not a variable of Partitura; there are PARTITURA_HOST, PARTITURA_PORT',
    ],
    ['ANTHROPIC_BASE_URL', 'file:///etc/passwd', 'ANTHROPIC_BASE_URL has to be a URL'],
  ])('refuses %s=%s by name', async (variable, value, message) => {
    expect(await refusal({ environment: { [variable]: value } })).toContain(message);
  });

  it('does not repeat a bad secret', async () => {
    const message = await refusal({
      environment: { OPENAI_API_KEY: '   ' },
      flags: { apiKey: ['sk-secret-value'] },
    });
    expect(message).toContain('OPENAI_API_KEY is empty');
    expect(message).toContain('--api-key has to be text');
    expect(message).not.toContain('sk-secret-value');
  });

  it('refuses a bad value that another overrules, and all bad values at once', async () => {
    const message = await refusal({
      environment: { PARTITURA_PORT: 'x', PARTITURA_SANDBOX: 'maybe' },
      flags: { port: 4_600, maxAgents: '0' },
    });
    expect(message).toContain('PARTITURA_PORT');
    expect(message).toContain('PARTITURA_SANDBOX');
    expect(message).toContain('--max-agents');
  });

  it.each([
    ['no JSON', '{ port: 1 }', 'is not JSON'],
    ['a list', '[]', 'has to be a JSON object'],
    ['null', 'null', 'has to be a JSON object'],
    ['an unknown key', '{"prot": 1}', ': prot is not a setting; there are host, port'],
    ['a name every object has', '{"constructor": 1}', ': constructor is not a setting'],
    ['a bad value', '{"port": "x"}', ': port has to be a whole number from 0 to 65535: it is "x"'],
    ['another type', '{"model": 7}', ': model has to be text: it is 7'],
  ])('refuses a file that is %s, and names it', async (what, content, message) => {
    const path = await file(`bad ${what}.json`, content);
    expect(await refusal({ userFile: path })).toContain(path);
    expect(await refusal({ projectFile: path })).toContain(message);
  });

  it('says so when a file cannot be read', async () => {
    expect(await refusal({ userFile: directory })).toContain(`${directory} cannot be read`);
  });

  it.each(['anthropicBaseUrl', 'anthropicApiKey', 'sandbox', 'url', 'host', 'eventStoreUrl'])(
    'does not let the file of a project decide %s',
    async (key) => {
      const path = await file(`hostile ${key}.json`, { [key]: 'https://evil.example' });
      expect(await refusal({ projectFile: path })).toContain(`${key} is not taken from a project’s file`);
    },
  );
});

describe('where the files are', () => {
  it('follows XDG_CONFIG_HOME when it is absolute, else the home directory', () => {
    expect(configurationFiles({ HOME: '/home/a', XDG_CONFIG_HOME: '/xdg' }, '/project')).toEqual({
      userFile: '/xdg/partitura/config.json',
      projectFile: '/project/partitura.json',
    });
    expect(configurationFiles({ HOME: '/home/a', XDG_CONFIG_HOME: 'relative' }, '/project').userFile).toBe(
      '/home/a/.config/partitura/config.json',
    );
    expect(configurationFiles({}, '/project').userFile).toBeNull();
  });
});
