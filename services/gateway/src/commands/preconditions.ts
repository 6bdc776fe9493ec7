import { PartituraError } from '@partitura/shared/runtime';

export const etagOf = (result: unknown): string | null => {
  if (typeof result !== 'object' || result === null) return null;
  const revision: unknown = Reflect.get(result, 'revision');
  return typeof revision === 'number' ? `"${revision}"` : null;
};

/**
 * The revision that `If-Match` names; null when it does not matter.
 * @throws {PartituraError} `BAD_IF_MATCH`
 */
export const revisionOf = (ifMatch: string | undefined): number | null => {
  if (ifMatch === undefined || ifMatch.trim() === '*') return null;
  const revision = /^"(\d{1,15})"$/.exec(ifMatch.trim())?.[1];
  if (revision === undefined)
    throw new PartituraError('BAD_IF_MATCH', 'If-Match is one ETag, as a GET of the resource answered it.');
  return Number(revision);
};

/** Whether one of the ETags that `If-None-Match` names is this one: a cache need not be told again. Weak ones are as good here. */
export const isUnchanged = (ifNoneMatch: string | undefined, etag: string): boolean => {
  const named = (ifNoneMatch ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''));
  return named.includes('*') || named.includes(etag);
};
