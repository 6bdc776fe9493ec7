import type { ClientCall } from './client-document.ts';

const json = 'application/json';

const isBytes = (types: readonly string[]): boolean => types.some((type) => type !== json);

/** By the operation's name, what its types are called in what the generator wrote. */
const typesOf = ({ name, status, takes, answers, params, query }: ClientCall): string => {
  const of = `operations['${name}']`;
  const fields = [
    params ? `params: ${of}['parameters']['path']` : 'params?: undefined',
    query ? `query: NonNullable<${of}['parameters']['query']>` : 'query?: undefined',
    bodyOf(of, takes),
    `answer: ${isBytes(answers) ? 'ByteAnswer' : `${of}['responses'][${status}]['content']['${json}']`}`,
  ];
  return `  ${name}: {\n${fields.map((field) => `    ${field};\n`).join('')}  };\n`;
};

const bodyOf = (of: string, takes: readonly string[]): string => {
  if (takes.length === 0) return 'body?: undefined';
  return isBytes(takes) ? 'body: ByteBody' : `body: NonNullable<${of}['requestBody']>['content']['${json}']`;
};

const routeOf = ({ name, method, path, takes, answers }: ClientCall): string => {
  const route = {
    method: method.toUpperCase(),
    path,
    ...(takes.length === 0 ? {} : { takesBody: true }),
    ...(isBytes(answers) ? { answers } : {}),
  };
  return `  ${name}: ${JSON.stringify(route)},\n`;
};

/** Of all operations: what each takes and answers, and where it is. */
export const callsSource = (calls: readonly ClientCall[], fingerprint: string): string =>
  [
    `import type { ByteAnswer, ByteBody } from '../bytes.ts';\nimport type { operations } from './api.ts';\n`,
    `/** Of the document that this was generated from. */\nexport const fingerprint = '${fingerprint}';\n`,
    `export interface Calls {\n${calls.map(typesOf).join('')}}\n`,
    `export const routes = {\n${calls.map(routeOf).join('')}} as const;\n`,
  ].join('\n');

/** `name?: …`, whole or as far as its first line goes. */
const optional = /^(\s*)\S+\?: (?!never;)(?:.*;|.*[{(|]|)$/;

/**
 * What may be left out may be undefined too, as everywhere in this program: the generator only writes the question mark. It writes one
 * field a line, and the end of a longer one below its beginning.
 */
export const withUndefined = (types: string): string => {
  const open: string[] = [];
  return types
    .split('\n')
    .map((line) => {
      const [, indent] = optional.exec(line) ?? [];
      if (indent !== undefined && line.endsWith(';')) return `${line.slice(0, -1)} | undefined;`;
      if (indent !== undefined) open.push(indent);
      const end = open.at(-1);
      if (end === undefined || !line.endsWith(';') || !new RegExp(`^${end}[})]`).test(line)) return line;
      open.pop();
      return `${line.slice(0, -1)} | undefined;`;
    })
    .join('\n');
};
