import { operations } from '@partitura/shared/http';

/**
 * What narrows a key below its role:
 *
 * - `read`: everything that changes nothing; `write`: everything.
 * - `<resource>:read`, `<resource>:write`: of that resource alone. Who may write it may read it.
 *
 * The resource of an operation is the last part of its path that is a collection of its own: `POST /projects/:id/runs` needs
 * `runs:write`, `POST /runs/:id/pause` too, `GET /organizations/:id/members` needs `organizations:read`.
 */
export interface ScopeNeed {
  readonly resource: string;
  readonly access: 'read' | 'write';
}

/** Routes that stand beside the table of operations. */
const beside = ['events'];

/** Every resource that a scope can name. */
export const scopeResources: ReadonlySet<string> = new Set([
  ...beside,
  ...Object.values(operations).map(({ path }) => path.split('/')[1] ?? ''),
]);

export const scopeName = ({ resource, access }: ScopeNeed): string => `${resource}:${access}`;

export const isScope = (scope: string): boolean =>
  scope === 'read' || scope === 'write' || parseScope(scope) !== null;

const parseScope = (scope: string): ScopeNeed | null => {
  const [resource = '', access, ...rest] = scope.split(':');
  if (rest.length > 0 || !scopeResources.has(resource)) return null;
  return access === 'read' || access === 'write' ? { resource, access } : null;
};

export const resourceOf = (path: string): string =>
  path.split('/').findLast((part) => scopeResources.has(part)) ?? '';

/** Null scopes leave everything to the role. */
export const scopesCover = (scopes: readonly string[] | null, need: ScopeNeed): boolean =>
  scopes === null ||
  scopes.includes('write') ||
  scopes.includes(`${need.resource}:write`) ||
  (need.access === 'read' && (scopes.includes('read') || scopes.includes(`${need.resource}:read`)));

/** Whether who has these scopes may give that one away. Those that nobody knows cover nothing and are covered by nothing. */
export const scopeWithin = (scopes: readonly string[] | null, scope: string): boolean => {
  if (scopes === null || scopes.includes('write')) return true;
  if (scope === 'read') return scopes.includes('read');
  const need = parseScope(scope);
  return need !== null && scopesCover(scopes, need);
};
