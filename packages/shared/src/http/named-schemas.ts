import { z } from 'zod';
import * as identity from './identity-resources.ts';
import { accepted } from './operations/shapes.ts';
import * as resources from './resources.ts';

const named = (module: object): [string, z.ZodType][] =>
  Object.entries(module).flatMap(([name, value]) =>
    value instanceof z.ZodType && /Resource$|^cloudEvent$|^costLine$/.test(name)
      ? [[`${name.charAt(0).toUpperCase()}${name.slice(1).replace(/Resource$/, '')}`, value]]
      : [],
  );

/** The shapes that documents call by a name of their own: `Run` for `runResource`. */
export const namedSchemas: Readonly<Record<string, z.ZodType>> = Object.fromEntries([
  ...named(resources),
  ...named(identity),
  ['Accepted', accepted],
]);
