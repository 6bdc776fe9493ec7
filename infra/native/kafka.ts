import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command } from './kafka/command.ts';
import { serverProperties } from './kafka/properties.ts';
import { freePort, type NativeServer, startProgram } from './program.ts';

export interface KafkaServerOptions {
  /** Where it keeps its log; the same directory again is the same log again. */
  readonly directory: string;
  /** Default: any that is free. */
  readonly port?: number;
  /**
   * Passwords by user: clients need SASL/PLAIN, and rights. The first user may do everything, the others only what ACLs allow them.
   * Default: nobody is asked, everybody may do everything.
   */
  readonly users?: Readonly<Record<string, string>>;
  /** Settings of the broker beside ours, or instead of them. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly outlives?: boolean;
}

const version = '4.3.1';
const sha256 = 'b098abef5ff878e76f60cd6c559b9baa5663ccb1b55f2837558b22c329d32423';
const cache = fileURLToPath(new URL(`../../.cache/native/kafka-${version}`, import.meta.url));
const pom = fileURLToPath(new URL('kafka/pom.xml', import.meta.url));

/**
 * Apache Kafka, one node that is broker and controller (KRaft), on the Java that is there (17 or newer). Its artifacts are fetched
 * once with Maven, which checks their checksums; later starts use what was fetched.
 */
export const startKafka = async (options: KafkaServerOptions): Promise<NativeServer> => {
  const { directory, users = {}, settings = {}, outlives = false } = options;
  if (!existsSync(cache)) await fetchArtifacts();
  await mkdir(directory, { recursive: true });
  const [port, controllerPort] = [options.port ?? (await freePort()), await freePort()];
  const properties = join(directory, 'server.properties');
  await writeFile(
    properties,
    serverProperties({ data: join(directory, 'data'), port, controllerPort, users, settings }),
    // It may hold passwords.
    { mode: 0o600 },
  );
  if (!existsSync(join(directory, 'data', 'meta.properties'))) await format(directory, properties);
  const running = await startProgram({
    name: 'Apache Kafka',
    command: 'java',
    arguments: javaArguments(512, 'kafka.Kafka', properties),
    directory,
    outlives,
    timeoutMs: 120_000,
    isReady: () => accepts(port),
  });
  const [administrator] = Object.entries(users);
  const credentials = administrator ? `${administrator.map(encodeURIComponent).join(':')}@` : '';
  return { ...running, url: `kafka://${credentials}127.0.0.1:${port}/` };
};

/** The serial collector and the first compiler: a broker for tests starts in half the time and with half the memory. */
const javaArguments = (heapMegabytes: number, main: string, ...rest: readonly string[]): string[] => [
  ...[
    `-Xmx${heapMegabytes}m`,
    `-Xms${Math.min(heapMegabytes, 128)}m`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
  ],
  ...['-Xshare:auto', '-Djava.awt.headless=true', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'],
  ...['-cp', join(cache, '*'), main, ...rest],
];

const format = async (directory: string, properties: string): Promise<void> => {
  const clusterId = createHash('sha256').update(directory).digest('base64url').slice(0, 22);
  await command(
    'java',
    javaArguments(
      128,
      'kafka.tools.StorageTool',
      'format',
      // In one word: one of 64 begins with a hyphen, and would be taken for an option.
      `--cluster-id=${clusterId}`,
      '--config',
      properties,
    ),
    'The storage of Apache Kafka could not be formatted; it needs Java 17 or newer',
  );
};

/** Beside, then renamed: a directory that is there is whole. */
const fetchArtifacts = async (): Promise<void> => {
  const unfinished = `${cache}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    await command(
      'mvn',
      [
        ...['--batch-mode', '--quiet', '--strict-checksums', '--file', pom, 'dependency:copy-dependencies'],
        ...['-DincludeScope=runtime', `-DoutputDirectory=${unfinished}`],
      ],
      'The artifacts of Apache Kafka could not be fetched; that needs Maven and Java 17 or newer',
    );
    const jar = await readFile(join(unfinished, `kafka_2.13-${version}.jar`));
    const found = createHash('sha256').update(jar).digest('hex');
    if (found !== sha256)
      throw new Error(`kafka_2.13-${version}.jar has SHA-256 ${found}; expected was ${sha256}.`);
    await rename(unfinished, cache).catch((error: unknown) => {
      // Another process was faster.
      if (!existsSync(cache)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
};

const accepts = async (port: number): Promise<void> => {
  const socket = connect(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  }).finally(() => socket.destroy());
};
