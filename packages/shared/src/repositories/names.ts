import { PartituraError } from '../runtime/errors.ts';

// As in `git help check-ref-format`, and stricter: nothing that a shell, a URL or another system would read as something else.
const component = /^[A-Za-z0-9_+#@][A-Za-z0-9_.+#@=,-]*$/;
const maxLength = 200;

const isComponent = (part: string): boolean =>
  component.test(part) &&
  !part.endsWith('.') &&
  !part.endsWith('.lock') &&
  !part.includes('..') &&
  part !== '@';

export const isBranchName = (name: string): boolean =>
  name.length > 0 && name.length <= maxLength && name !== 'HEAD' && name.split('/').every(isComponent);

export const isCommitId = (value: string): boolean => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(value);

/** @throws {PartituraError} BRANCH_NAME_INVALID: such a name never gets near a command line */
export const requireBranchName = (name: string): string => {
  if (isBranchName(name)) return name;
  throw new PartituraError('BRANCH_NAME_INVALID', `${JSON.stringify(name)} cannot be the name of a branch.`, {
    advice: 'Use letters, digits, "-", "_", "." and "/", as in "feature/login".',
  });
};

const remoteUrl = /^(https?|ssh|git|git\+ssh):\/\/[^\s]+$/;
const scpLike = /^(?:[A-Za-z0-9_.-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*:(?!:)(?!\/\/)[^\s]+$/;

export type RepositoryAddress =
  | { readonly location: 'local'; readonly path: string }
  | { readonly location: 'remote'; readonly url: string };

const hasHost = (url: string): boolean => {
  const host = URL.parse(url)?.hostname ?? '';
  return host !== '' && !host.startsWith('-');
};

/** Why a text is no address of a repository at all; null when it may be one. */
const objection = (pathOrUrl: string): string | null => {
  if (pathOrUrl.trim() === '') return 'it is empty';
  if (pathOrUrl.includes('\0') || pathOrUrl.includes('\n')) return 'it has control characters';
  if (pathOrUrl.startsWith('-')) return 'it starts with "-"';
  if (/^[A-Za-z0-9+.-]+::/.test(pathOrUrl)) return 'remote helpers are not allowed';
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(pathOrUrl) || pathOrUrl.startsWith('file://')) return null;
  if (!remoteUrl.test(pathOrUrl)) return 'git has no such protocol';
  return hasHost(pathOrUrl) ? null : 'it has no host';
};

/**
 * A path stays a path even when it has a colon in it, as long as it starts with `/`, `.` or `~`. Remote helpers (`ext::…`) are
 * commands in disguise and are refused.
 * @throws {PartituraError} REPOSITORY_URL_INVALID
 */
export const parseRepositoryAddress = (pathOrUrl: string): RepositoryAddress => {
  const why = objection(pathOrUrl);
  if (why !== null) {
    throw new PartituraError(
      'REPOSITORY_URL_INVALID',
      `${JSON.stringify(pathOrUrl)} is no repository: ${why}.`,
      {
        advice: 'Give a path, or a URL as for "git clone": https://…, ssh://… or user@host:path.',
      },
    );
  }
  if (pathOrUrl.startsWith('file://'))
    return { location: 'local', path: decodeURIComponent(pathOrUrl.slice(7)) };
  if (/^[/.~]/.test(pathOrUrl)) return { location: 'local', path: pathOrUrl };
  const remote = remoteUrl.test(pathOrUrl) || scpLike.test(pathOrUrl);
  return remote ? { location: 'remote', url: pathOrUrl } : { location: 'local', path: pathOrUrl };
};
