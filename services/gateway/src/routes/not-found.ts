import { PartituraError } from '@partitura/shared/runtime';
import type { FastifyInstance } from 'fastify';

interface Known {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Unknown paths are 404; known ones with another method 405, with what there is. Routes have to be registered after it. */
export const registerNotFound = (app: FastifyInstance): void => {
  const known = new Map<string, Known>();
  app.addHook('onRoute', ({ url, method }) => {
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
    const allowed = [...new Set(methods)].join(', ');
    void reply.header('allow', allowed);
    throw new PartituraError('METHOD_NOT_ALLOWED', `${request.method} is not for ${path}; ${allowed} is.`);
  });
};

const patternOf = (url: string): RegExp =>
  new RegExp(`^${url.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/:[A-Za-z]+/g, '[^/]+')}$`);
