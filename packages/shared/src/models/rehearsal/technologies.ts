import type { Architecture } from '../../planning/plan-document.ts';
import { short } from './naming.ts';

type Technology = Architecture['technologies'][number];

const known: readonly (readonly [RegExp, string, string])[] = [
  [/\bpython\b/i, 'Python', 'language'],
  [/\btypescript\b/i, 'TypeScript', 'language'],
  [/\b(?:javascript|node(?:\.js)?)\b/i, 'JavaScript on Node.js', 'language and runtime'],
  [/\belixir\b/i, 'Elixir', 'language'],
  [/\brust\b/i, 'Rust', 'language'],
  [/\bgolang\b|\bGo \d/, 'Go', 'language'],
  [/\b(?:java|kotlin)\b/i, 'Java or Kotlin', 'language'],
  [/\bphoenix\b/i, 'Phoenix', 'web framework'],
  [/\bfastapi\b/i, 'FastAPI', 'web framework'],
  [/\bdjango\b/i, 'Django', 'web framework'],
  [/\bflask\b/i, 'Flask', 'web framework'],
  [/\bexpress(?:\.js)?\b(?= (?:js|server|app|framework)|\.js)/i, 'Express', 'web framework'],
  [/\bfastify\b/i, 'Fastify', 'web framework'],
  [/\brails\b/i, 'Ruby on Rails', 'web framework'],
  [/\breact\b/, 'React', 'user interface'],
  [/\bReact\b/, 'React', 'user interface'],
  [/\bvue(?:\.js)?\b/i, 'Vue', 'user interface'],
  [/\bsvelte\b/i, 'Svelte', 'user interface'],
  [/\bliveview\b/i, 'LiveView', 'user interface'],
  [/\bpostgres(?:ql)?\b/i, 'PostgreSQL', 'storage'],
  [/\bsqlite\b/i, 'SQLite', 'storage'],
  [/\bmysql|mariadb\b/i, 'MySQL', 'storage'],
  [/\bmongo(?:db)?\b/i, 'MongoDB', 'storage'],
  [/\bdynamodb\b/i, 'DynamoDB', 'storage'],
  [/\bredis\b/i, 'Redis', 'cache and queues'],
  [/\bkafka\b/i, 'Kafka', 'events between services'],
  [/\brabbitmq\b/i, 'RabbitMQ', 'queues'],
  [/\bcelery\b/i, 'Celery', 'background work'],
  [/\boban\b/i, 'Oban', 'background work'],
  [/\belasticsearch\b/i, 'Elasticsearch', 'search'],
  [/\bpgvector\b/i, 'pgvector', 'vector search'],
  [/\bS3\b/, 'S3-compatible storage', 'files'],
  [/\bdocker\b/i, 'Docker', 'packaging'],
  [/\bkubernetes\b/i, 'Kubernetes', 'deployment'],
  [/\bprometheus\b/i, 'Prometheus', 'metrics'],
  [/\bgrafana\b/i, 'Grafana', 'dashboards'],
  [/\bgraphql\b/i, 'GraphQL', 'interface'],
  [/\bstripe\b/i, 'Stripe', 'payments'],
  [/\boauth\b/i, 'OAuth', 'signing in'],
];

const standard: Technology = {
  name: 'JavaScript on Node.js',
  purpose: 'language and runtime',
  reason: 'The PRD names none. Without dependencies there is nothing to install, and `node:test` is there.',
};

/** What the PRD, the stack and the constraints name, with where; plain JavaScript where they name no language. */
export const technologiesIn = (prd: string, elsewhere: string): Technology[] => {
  const lines = prd.split('\n');
  const found = known.flatMap(([pattern, name, purpose]): Technology[] => {
    const line = lines.findIndex((one) => pattern.test(one));
    if (line !== -1)
      return [
        { name, purpose, reason: `Line ${line + 1} of the PRD names it: “${short(lines[line] ?? '', 120)}”` },
      ];
    return pattern.test(elsewhere)
      ? [{ name, purpose, reason: 'The project’s stack and constraints name it.' }]
      : [];
  });
  const distinct = [...new Map(found.toReversed().map((one) => [one.name, one])).values()].reverse();
  return distinct.some(({ purpose }) => purpose.startsWith('language')) ? distinct : [standard, ...distinct];
};
