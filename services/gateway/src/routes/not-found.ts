import { PartituraError } from '@partitura/shared/runtime';
import type { FastifyInstance } from 'fastify';

interface Known {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/**
 * Unknown paths are 404; known ones with another method 405, with what there is, which is also what OPTIONS answers. Routes have to be
 * registered after it.
 */
export const registerNotFound = (app: FastifyInstance): void => {
  const known = new Map<string, Known>();
  app.addHook('onRoute', ({ url, method }) => {
    // Of CORS: it is at every path, and says nothing of any.
    if (url === '*') return;
    const entry = known.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    known.set(url, entry);
    for (const one of [method].flat()) entry.methods.add(one);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const methods = [...known.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((one) => [...one.methods]);
    if (methods.length === 0)
      throw new PartituraError('NO_SUCH_ROUTE', `There is nothing at ${path}.`, {
        advice: 'See /api/openapi.json for what there is.',
      });
    const allowed = [...new Set([...methods, 'OPTIONS'])].join(', ');
    void reply.header('allow', allowed);
    if (request.method === 'OPTIONS') return reply.code(204).send();
    throw new PartituraError('METHOD_NOT_ALLOWED', `${request.method} is not for ${path}; ${allowed} is.`);
  });
};

/** Parameters and a wildcard at the end match as the router has them. */
const patternOf = (url: string): RegExp => {
  const escaped = url.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\*$/, '.*').replaceAll(/:[A-Za-z]+/g, '[^/]+')}$`);
};
