import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort, type NativeServer, startProgram } from './program.ts';

export interface S3ServerOptions {
  /** Where it keeps buckets and their objects. */
  readonly directory: string;
  readonly port?: number;
  /** Created when it is not there. Default `partitura`. */
  readonly bucket?: string;
  readonly accessKey?: string;
  readonly secretKey?: string;
  readonly outlives?: boolean;
}

const moduleName = 'github.com/versity/versitygw/cmd/versitygw';
const version = 'v1.8.0';
const cache = fileURLToPath(new URL(`../../.cache/native/versitygw-${version}`, import.meta.url));
const program = join(cache, 'versitygw');

/**
 * The Versity S3 Gateway over a directory: a real S3 server in one program. Built once from its Go module, whose content Go
 * checks against its checksum database; later starts use what was built.
 */
export const startS3 = async (options: S3ServerOptions): Promise<NativeServer> => {
  const { directory, bucket = 'partitura', accessKey = 'partitura', outlives = false } = options;
  const secretKey = options.secretKey ?? 'partitura-secret';
  if (!existsSync(program)) await build();
  const [objects, attributes] = [join(directory, 'objects'), join(directory, 'attributes')];
  await mkdir(join(objects, bucket), { recursive: true });
  // Beside the objects, because not every file system has extended attributes.
  await mkdir(attributes, { recursive: true });
  const port = options.port ?? (await freePort());
  const running = await startProgram({
    name: 'Versity S3 Gateway',
    command: program,
    arguments: [
      '--port',
      `127.0.0.1:${port}`,
      '--keep-alive',
      '--quiet',
      'posix',
      '--sidecar',
      attributes,
      objects,
    ],
    environment: { ROOT_ACCESS_KEY_ID: accessKey, ROOT_SECRET_ACCESS_KEY: secretKey },
    directory,
    outlives,
    isReady: async () => {
      // Refused without a signature, but by S3.
      const answer = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1_000) });
      await answer.arrayBuffer();
    },
  });
  const credentials = `${encodeURIComponent(accessKey)}:${encodeURIComponent(secretKey)}`;
  return { ...running, url: `s3://${credentials}@127.0.0.1:${port}/${bucket}?tls=false&pathStyle=true` };
};

/** Beside, then renamed: several may build at once, and a program that is there is whole. */
const build = async (): Promise<void> => {
  const unfinished = `${cache}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    await promisify(execFile)('nice', ['go', 'install', '-p', '2', `${moduleName}@${version}`], {
      env: { ...process.env, GOBIN: unfinished, GOFLAGS: '-mod=mod', GOMAXPROCS: '2' },
    });
    await mkdir(cache, { recursive: true });
    await rename(join(unfinished, 'versitygw'), program);
  } catch (error) {
    throw new Error(`${moduleName} could not be built; it needs Go (https://go.dev)`, { cause: error });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
};
