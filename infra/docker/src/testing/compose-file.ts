import { parse } from 'yaml';
import { z } from 'zod';

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const volume = z.union([
  z.string().transform((short) => {
    const [source, target] = short.split(':');
    return target === undefined
      ? { source: null, target: source ?? '', readOnly: false }
      : { source: source ?? null, target, readOnly: short.endsWith(':ro') };
  }),
  z
    .object({
      type: z.string(),
      source: z.string(),
      target: z.string(),
      read_only: z.boolean().default(false),
    })
    .transform(({ source, target, read_only }) => ({ source, target, readOnly: read_only })),
]);

const service = z.object({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  container_name: z.string().optional(),
  hostname: z.string().optional(),
  command: z.array(text).default([]),
  environment: z.record(z.string(), text.nullable()).default({}),
  ports: z.array(z.string()).default([]),
  networks: z.array(z.string()).default([]),
  volumes: z.array(volume).default([]),
  tmpfs: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(text).optional(), disable: z.boolean().default(false) }).optional(),
  user: z.string().optional(),
  privileged: z.boolean().default(false),
  read_only: z.boolean().default(false),
  restart: z.string().optional(),
  stop_grace_period: z.string().optional(),
  cap_add: z.array(z.string()).default([]),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  deploy: z
    .object({
      resources: z.object({ limits: z.object({ cpus: text, memory: text, pids: z.number() }).partial() }),
    })
    .optional(),
});

const file = z.object({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.object({ internal: z.boolean().default(false) })),
  volumes: z.record(z.string(), z.unknown()),
});

export type ComposeFile = z.output<typeof file>;
export type ComposeService = ComposeFile['services'][string];

/** As YAML says it, with anchors and merges resolved, nothing filled in. */
export const parseYaml = (content: string): unknown => parse(content, { merge: true });

/** `${NAME:-default}` and `${NAME}` as in a shell in which none of them is set; `$$` is a dollar. */
const interpolated = (content: string): string =>
  content
    .replace(/(?<!\$)\$\{[A-Z_]+(?::-([^}]*))?\}/g, (_, otherwise?: string) => otherwise ?? '')
    .replaceAll('$$', '$');

export const readCompose = (content: string): ComposeFile => file.parse(parseYaml(interpolated(content)));
