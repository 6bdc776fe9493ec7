/** What one command may use, beyond time and output. */
export const limits = {
  /** In all, resident, of the whole process tree. */
  memoryBytes: 4 * 1024 ** 3,
  processes: 512,
  /** Of one file. */
  fileBytes: 2 * 1024 ** 3,
  openFiles: 4096,
  /** Of the file systems in memory (/tmp, HOME). */
  temporaryBytes: 1024 ** 3,
} as const;

/**
 * Set by the shell right before the command, inside of the confinement: the number of processes is counted there, and not together
 * with whatever else its user runs. The private memory of one process is limited here, that of all together by the watch.
 */
export const limitScript = [
  `ulimit -c 0`,
  `ulimit -f ${limits.fileBytes / 512}`,
  `ulimit -n ${limits.openFiles} 2>/dev/null || :`,
  `ulimit -d ${limits.memoryBytes / 1024} 2>/dev/null || :`,
].join('\n');

/** bash calls it -u, dash -p (which in bash is something else that cannot be set). */
export const processLimitScript = `(ulimit -u ${limits.processes}) 2>/dev/null && ulimit -u ${limits.processes} || ulimit -p ${limits.processes} 2>/dev/null || :`;

/** One stream, so that what the command says stands in the order it was said; the outer standard error is the sandbox's own. */
export const commandScript = (confined: boolean): string =>
  `${limitScript}\n${confined ? `${processLimitScript}\n` : ''}exec "$@" 2>&1`;

export const argumentsOf = (command: string | readonly string[]): readonly string[] =>
  typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
