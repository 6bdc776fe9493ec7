import type { ComposeFile, ComposeService } from './compose-file.ts';

/** A rule answers what is wrong with one service; nothing when all is well. */
type Rule = (service: ComposeService, file: ComposeFile, name: string) => readonly string[];

const when = (wrong: boolean, problem: string): readonly string[] => (wrong ? [problem] : []);

/** Does its work and ends. */
const isOneShot = ({ restart }: ComposeService): boolean => restart === 'no';

const pinned: Rule = ({ image }) =>
  when(!/:[^:@]*\d+\.\d+|:RELEASE\.\d{4}-\d{2}-\d{2}T|@sha256:/.test(image), `${image} is not pinned`);

const unprivileged: Rule = ({ user, privileged, cap_add, cap_drop, security_opt }) => [
  ...when(!/^[1-9]\d*:[1-9]\d*$/.test(user ?? ''), 'has to run as a user of its own, by its number'),
  ...when(privileged || cap_add.length > 0, 'has more rights than it needs'),
  ...when(!cap_drop.includes('ALL'), 'keeps capabilities'),
  ...when(!security_opt.includes('no-new-privileges:true'), 'can get new privileges'),
];

const limited: Rule = ({ deploy }) => {
  const limits = deploy?.resources.limits ?? {};
  return (['cpus', 'memory', 'pids'] as const)
    .filter((name) => limits[name] === undefined)
    .map((name) => `has no limit of ${name}`);
};

const watched: Rule = (service) =>
  isOneShot(service)
    ? []
    : [
        ...when(!service.healthcheck?.test || service.healthcheck.disable, 'has no health check'),
        ...when(service.restart !== 'unless-stopped', 'is not restarted'),
        ...when(service.stop_grace_period === undefined, 'has no time to stop in'),
      ];

/** Of what has a name or a port there can be only one. */
const scalable: Rule = ({ container_name, hostname, ports }, _file, name) => [
  ...when(container_name !== undefined || hostname !== undefined, 'has a fixed name'),
  ...when(ports.length > 0 && !['gateway', 'repositories'].includes(name), 'has a port on the host'),
  ...ports
    .filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))
    .map((port) => `publishes ${port} to more than loopback`),
];

const ordered: Rule = ({ depends_on }, { services }) =>
  Object.entries(depends_on).flatMap(([other, { condition }]) => {
    const needed = services[other];
    if (!needed) return [`waits for ${other}, which is not there`];
    const expected = isOneShot(needed) ? 'service_completed_successfully' : 'service_healthy';
    return when(condition !== expected, `waits for ${other} to be ${condition}, not ${expected}`);
  });

const declared: Rule = ({ volumes, networks }, file) => [
  ...volumes.flatMap(({ source }) =>
    when(
      source !== null && !Object.hasOwn(file.volumes, source),
      `has a volume ${source} that is not declared`,
    ),
  ),
  ...networks.flatMap((network) =>
    when(!Object.hasOwn(file.networks, network), `is on a network ${network} that is not declared`),
  ),
];

/** A secret is in a file; a password in the environment is in `docker inspect`. */
const discreet: Rule = ({ environment, command }) => [
  ...Object.entries(environment)
    .filter(([name, value]) => /(PASSWORD|SECRET|KEY)$/.test(name) && value !== null)
    .map(([name]) => `has the secret ${name} in its environment`),
  ...[...Object.values(environment), ...command]
    .filter((value) => /:\/\/[^/@\s]*:[^/@\s$]+@/.test(value ?? ''))
    .map(() => 'has a password in a URL'),
];

const rules: readonly Rule[] = [
  pinned,
  unprivileged,
  limited,
  watched,
  scalable,
  ordered,
  declared,
  discreet,
];

/** Everything that is wrong, each with the service's name before it. */
export const breaches = (file: ComposeFile): readonly string[] =>
  Object.entries(file.services).flatMap(([name, service]) =>
    rules.flatMap((rule) => rule(service, file, name)).map((problem) => `${name} ${problem}`),
  );
