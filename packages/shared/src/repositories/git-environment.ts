/**
 * Whose configuration git reads. `isolated` is for what is our own (the bare clones and the work trees in them): nothing that stands
 * on the machine may change what we do. `user` is for the project's repository, local or remote: its credentials, proxies, rewritten
 * URLs and `safe.directory` are the user's to configure, and are needed to reach it.
 */
export type GitAccess = 'isolated' | 'user';

/** Nothing that a repository's own configuration says may start a program or change what a command means. */
const hardening = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.quotePath=false',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'push.recurseSubmodules=no',
  'diff.ignoreSubmodules=all',
  'commit.gpgSign=false',
  'tag.gpgSign=false',
  'merge.conflictStyle=merge',
  'rerere.enabled=false',
  // Nothing of ours goes on in the background: a clone that is being repacked cannot be told from one that is in use.
  'gc.auto=0',
  'maintenance.auto=false',
];

/** The bare clones are ours, whoever owns the directory they are on; line endings are kept as committed. */
const isolation = [
  'safe.directory=*',
  'core.autocrlf=false',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
];

export const configurationArguments = (access: GitAccess): string[] =>
  [...hardening, ...(access === 'isolated' ? isolation : [])].flatMap((setting) => ['-c', setting]);

/** What git needs to find its programs, and nothing of an outer git command (as in a hook that started us). */
const inheritedAlways = ['PATH', 'TMPDIR', 'TMP', 'TEMP', 'SYSTEMROOT', 'LD_LIBRARY_PATH'];

/** What the user's way to the repository may stand on. */
const inheritedForUser = [
  'HOME',
  'USER',
  'LOGNAME',
  'XDG_CONFIG_HOME',
  'XDG_RUNTIME_DIR',
  'SSH_AUTH_SOCK',
  'GNUPGHOME',
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_ASKPASS',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_SYSTEM',
  'GIT_CONFIG_NOSYSTEM',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'CURL_CA_BUNDLE',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
];

const fixed = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  // Nobody is there to answer: a question is a refusal. (ssh asks through this program when it has no terminal.)
  SSH_ASKPASS: 'false',
  SSH_ASKPASS_REQUIRE: 'force',
  GIT_EDITOR: 'false',
  GIT_PAGER: 'cat',
};

const isolated = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ATTR_NOSYSTEM: '1',
};

export const gitEnvironment = (
  access: GitAccess,
  outer: Readonly<Record<string, string | undefined>>,
): Record<string, string> => {
  const names = access === 'user' ? [...inheritedAlways, ...inheritedForUser] : inheritedAlways;
  const inherited: Record<string, string> = {};
  for (const name of names) {
    const value = outer[name];
    if (value !== undefined) inherited[name] = value;
  }
  return { ...inherited, ...fixed, ...(access === 'isolated' ? isolated : {}) };
};
