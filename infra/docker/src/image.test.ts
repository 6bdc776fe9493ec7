import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Copy, type Dockerfile, DockerfileParser, type Instruction } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { ignores } from './testing/ignore-file.ts';
import { readRepositoryFile, root } from './testing/places.ts';

const content = await readRepositoryFile('infra/docker/Dockerfile');
const dockerfile = DockerfileParser.parse(content);
const ignored = ignores(await readRepositoryFile('.dockerignore'));

const instructions = (of: Dockerfile, keyword: string): Instruction[] =>
  of.getInstructions().filter((instruction) => instruction.getKeyword() === keyword);

const valuesOf = (instruction: Instruction): string[] =>
  instruction.getArguments().map((argument) => argument.getValue());

/** What is copied out of the context: without those that are copied from another stage. */
const copied = dockerfile
  .getCOPYs()
  .filter((copy: Copy) => !copy.getFlags().some((flag) => flag.getName() === 'from'))
  .flatMap((copy) => valuesOf(copy).slice(0, -1));

/** Files below a folder, relative to the root. */
const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .filter((path) => !path.includes('node_modules/'));

describe('the Dockerfile', () => {
  it('has nothing that its linter minds', () => {
    expect(validate(content).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
    expect(validate(content.replace('WORKDIR /manifests', 'WORKDIR manifests'))).not.toEqual([]);
    expect(validate(content.replace('USER 10001', 'USERS 10001'))).not.toEqual([]);
  });

  it('starts from images of a version, which a digest can be given with', () => {
    const bases = dockerfile.getFROMs().map((from) => from.getImage());
    const stages = dockerfile.getFROMs().map((from) => from.getBuildStage());
    expect(new Set(bases)).toEqual(new Set(['$' + '{NODE_IMAGE}', '$' + '{BASE_IMAGE}']));
    expect(stages).toEqual(['manifests', 'build', 'service']);
    for (const argument of dockerfile.getInitialARGs())
      expect(argument.getProperty()?.getValue()).toMatch(/^[a-z]+:\d+\.\d+[\w.-]*$/);
  });

  it('ends as a user with a number, a health check and the signal that services drain on', () => {
    expect(valuesOf(instructions(dockerfile, 'USER').at(-1) ?? fail())).toEqual(['10001:10001']);
    expect(instructions(dockerfile, 'STOPSIGNAL').map(valuesOf)).toEqual([['SIGTERM']]);
    expect(dockerfile.getHEALTHCHECKs()).toHaveLength(1);
    const argumentsOf = (keyword: string) => instructions(dockerfile, keyword).at(-1)?.getArgumentsContent();
    expect(JSON.parse(argumentsOf('ENTRYPOINT') ?? '')).toEqual(expect.arrayContaining(['tini', 'node']));
    const [program] = JSON.parse(argumentsOf('CMD') ?? '') as [string];
    expect(ignored(program)).toBe(false);
    expect(content).toContain('"node", "infra/docker/src/ready.ts"');
  });

  it('copies what there is, and what the .dockerignore lets through', async () => {
    expect(copied).toContain('services');
    for (const path of copied) {
      expect(existsSync(join(root, path))).toBe(true);
      const files =
        (await readdir(root)).includes(path) && !path.includes('.') ? await filesIn(path) : [path];
      if (path !== 'infra/docker/src') expect(files.filter((file) => !ignored(file))).not.toEqual([]);
    }
  });

  it('adds nothing from elsewhere and has no secret in it', () => {
    expect(instructions(dockerfile, 'ADD')).toEqual([]);
    const named = [...dockerfile.getENVs(), ...dockerfile.getARGs()].flatMap((setting) =>
      setting.getArgumentsContent()?.match(/[A-Za-z_]+(?==)/g),
    );
    expect(named.filter((name) => /KEY|SECRET|TOKEN|PASSWORD/i.test(name ?? ''))).toEqual([]);
  });

  it('installs every workspace, as the launcher does but for development tools', async () => {
    const { workspaces } = JSON.parse(await readRepositoryFile('package.json')) as { workspaces: string[] };
    expect(copied).toEqual(expect.arrayContaining(workspaces.map((pattern) => pattern.replace('/*', ''))));
    const flags = (text: string): Set<string> =>
      new Set(/npm ci ([^&]*?)(?:&&|\n[^ ]|\n$|$)/.exec(text)?.[1]?.match(/--\S+/g));
    const bootstrap = flags(await readRepositoryFile('tools/bootstrap.sh'));
    expect(bootstrap.delete('--include=dev')).toBe(true);
    expect(flags(content)).toEqual(new Set([...bootstrap, '--omit=dev']));
  });
});

describe('the context of the image', () => {
  it.each(['packages', 'services', 'infra/docker/src'])(
    'has the sources of %s and nothing of their tests',
    async (folder) => {
      const files = await filesIn(folder);
      const sent = files.filter((path) => !ignored(path));
      const sources = files.filter((path) => !/\.test\.ts$|\/testing\//.test(path));
      expect(sources.length).toBeGreaterThan(1);
      expect(sent).toEqual(expect.arrayContaining(sources));
      expect(sent.filter((path) => /\.test\.ts$|\/testing\//.test(path))).toEqual([]);
    },
  );

  it.each([
    '.git/config',
    '.env',
    '.partitura/events.db',
    'node_modules/node/bin/node',
    'docs/README.md',
    'services/x/.partitura/a',
  ])('leaves out %s', (path) => {
    expect(ignored(path)).toBe(true);
  });

  it('has the manifests that npm reads', () => {
    for (const path of ['package.json', 'package-lock.json', '.npmrc', 'bench/package.json'])
      expect(ignored(path)).toBe(false);
    expect(ignored('bench/src/main.ts')).toBe(true);
  });
});

const fail = (): never => {
  throw new Error('It is not there.');
};
