/** What the text is read on. */
export interface Terminal {
  /** A person may be watching: a footer may be redrawn. */
  readonly interactive: boolean;
  readonly colour: boolean;
  readonly unicode: boolean;
  /** In columns, as it is now: a window may be resized. */
  readonly width: () => number;
}

export interface TerminalStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const usualWidth = 80;
/** For a pipe: long enough that nothing is cut that a program might look for. */
const pipeWidth = 200;

/** By the stream and the usual variables: NO_COLOR, FORCE_COLOR, TERM, CI, and the locale. */
export const terminalOf = (stream: TerminalStream, environment: Environment): Terminal => {
  const tty = stream.isTTY === true;
  const dumb = environment.TERM === 'dumb';
  return {
    interactive: tty && !dumb && !isSet(environment.CI),
    colour: wantsColour(tty && !dumb, environment),
    unicode: hasUnicode(environment),
    width: () => (tty ? stream.columns || usualWidth : pipeWidth),
  };
};

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '' && value !== '0';

/** https://no-color.org: present and not empty means no, whatever its value. It wins over FORCE_COLOR. */
const wantsColour = (capable: boolean, { NO_COLOR, FORCE_COLOR }: Environment): boolean => {
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0';
  return capable;
};

/** POSIX: LC_ALL, then LC_CTYPE, then LANG, the first that is set. None at all says nothing against it. */
const hasUnicode = ({ LC_ALL, LC_CTYPE, LANG }: Environment): boolean => {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== '');
  return locale === undefined || /utf-?8/i.test(locale);
};
