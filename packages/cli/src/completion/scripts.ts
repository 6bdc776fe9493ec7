import type { CommandNode } from './command-tree.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A script that completes commands and flags of this very program. */
export const completionScript = (shell: Shell, tree: readonly CommandNode[]): string => {
  switch (shell) {
    case 'bash':
      return bash(tree);
    case 'zsh':
      return zsh(tree);
    case 'fish':
      return fish(tree);
  }
};

const wordsOf = ({ subcommands, flags }: CommandNode): string =>
  [...subcommands.map(({ name }) => name), ...flags.flatMap(({ names }) => names)].join(' ');

/** The path is what was typed before, without flags, as far as it names commands. */
const bash = (tree: readonly CommandNode[]): string => `# bash completion for partitura
# Load it with: source <(partitura completion bash)
_partitura() {
  local word path="" candidate current="\${COMP_WORDS[COMP_CWORD]}"
  local paths=" ${tree
    .map(({ path }) => path.replaceAll(' ', '/'))
    .filter((path) => path !== '')
    .join(' ')} "
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    candidate="\${path:+$path/}$word"
    [[ "$paths" == *" $candidate "* ]] && path="$candidate"
  done
  local words="" files=0
  case "$path" in
${tree.map((node) => `    ${node.path === '' ? '""' : node.path.replaceAll(' ', '/')}) words="${wordsOf(node)}"; files=${node.takesFiles ? 1 : 0} ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ $files == 1 && "$current" != -* ]]; then COMPREPLY+=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _partitura partitura
`;

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const described = (name: string, summary: string): string =>
  quoted(`${name.replaceAll(':', '\\:')}:${summary}`);

const zsh = (tree: readonly CommandNode[]): string => `#compdef partitura
# zsh completion for partitura
# Load it with: source <(partitura completion zsh)
_partitura() {
  local word pathname="" candidate
  local -a names
  for word in "\${(@)words[2,CURRENT-1]}"; do
    candidate="\${pathname:+$pathname/}$word"
    case "$candidate" in
      ${tree
        .map(({ path }) => path.replaceAll(' ', '/'))
        .filter((path) => path !== '')
        .join('|')}) pathname="$candidate" ;;
    esac
  done
  case "$pathname" in
${tree.map(zshCase).join('\n')}
  esac
  _describe 'partitura' names
}
compdef _partitura partitura
`;

const zshCase = (node: CommandNode): string => {
  const names = [
    ...node.subcommands.map(({ name, summary }) => described(name, summary)),
    ...node.flags.flatMap(({ names: all, summary }) => all.map((name) => described(name, summary))),
  ];
  const pattern = node.path === '' ? '""' : node.path.replaceAll(' ', '/');
  return `    ${pattern}) names=(${names.join(' ')})${node.takesFiles ? '; _files' : ''} ;;`;
};

const fish = (tree: readonly CommandNode[]): string =>
  `# fish completion for partitura
# Load it with: partitura completion fish | source
complete -c partitura -f
${tree.flatMap(fishLines).join('\n')}
`;

const fishLines = (node: CommandNode): readonly string[] => {
  const condition = fishCondition(node);
  return [
    ...node.subcommands.map(
      ({ name, summary }) => `complete -c partitura -n ${quoted(condition)} -a ${name} -d ${quoted(summary)}`,
    ),
    ...node.flags.map(({ names, summary, takesValue, choices }) => {
      const long = names.find((name) => name.startsWith('--'))?.slice(2);
      const short = names.find((name) => /^-[^-]$/.test(name))?.slice(1);
      return [
        `complete -c partitura -n ${quoted(condition)}`,
        long === undefined ? '' : `-l ${long}`,
        short === undefined ? '' : `-s ${short}`,
        takesValue ? '-r' : '',
        choices.length === 0 ? '' : `-a ${quoted(choices.join(' '))}`,
        `-d ${quoted(summary)}`,
      ]
        .filter((part) => part !== '')
        .join(' ');
    }),
    ...(node.takesFiles ? [`complete -c partitura -n ${quoted(condition)} -F`] : []),
  ];
};

const fishCondition = ({ path, subcommands }: CommandNode): string => {
  if (path === '') return '__fish_use_subcommand';
  const seen = path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
  const none =
    subcommands.length === 0
      ? []
      : [`not __fish_seen_subcommand_from ${subcommands.map(({ name }) => name).join(' ')}`];
  return [...seen, ...none].join('; and ');
};
