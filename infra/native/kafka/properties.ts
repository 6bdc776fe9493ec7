export interface ServerProperties {
  readonly data: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly users: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string>>;
}

/** One node on loopback that is broker and controller, with one replica of everything. */
export const serverProperties = (options: ServerProperties): string => {
  const { data, port, controllerPort, users, settings } = options;
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': data,
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    // A group that is away keeps its place for as long as there can be said.
    'offsets.retention.minutes': '2147483647',
    // The default of 128 MB for the cleaner is a quarter of our heap.
    'log.cleaner.dedupe.buffer.size': '8388608',
    'num.network.threads': '2',
    'num.io.threads': '4',
    ...listeners(port, controllerPort),
    ...(Object.keys(users).length === 0 ? {} : security(users)),
    ...settings,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${escaped(value)}\n`)
    .join('');
};

const listeners = (port: number, controllerPort: number): Record<string, string> => ({
  listeners: `CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
  'advertised.listeners': `CLIENT://127.0.0.1:${port}`,
  'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'inter.broker.listener.name': 'CLIENT',
});

/** Clients are asked who they are; the node speaks with itself as the first of the users. */
const security = (users: Readonly<Record<string, string>>): Record<string, string> => {
  const [administrator = ['', '']] = Object.entries(users);
  const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
  const logins = Object.entries(users).map(([name, password]) => `user_${name}=${quoted(password)}`);
  const own = `username=${quoted(administrator[0])} password=${quoted(administrator[1])}`;
  return {
    'listener.security.protocol.map': 'CLIENT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
    'sasl.enabled.mechanisms': 'PLAIN',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'listener.name.client.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${own} ${logins.join(' ')};`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // The controller's listener knows nobody by name, and only the node itself talks to it.
    'super.users': `User:${administrator[0]};User:ANONYMOUS`,
  };
};

/** As `java.util.Properties` reads it. */
const escaped = (value: string): string => value.replace(/\\/g, '\\\\');
