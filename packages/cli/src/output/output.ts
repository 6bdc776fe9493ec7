/** Where text can be written: a stream of the process, or a list in a test. */
export interface Sink {
  write(text: string): unknown;
}

export interface OutputOptions {
  /** One document on stdout. */
  readonly json: boolean;
  /** Events as NDJSON on stdout. */
  readonly events: boolean;
  /** Results and errors only. */
  readonly quiet: boolean;
  readonly stdout: Sink;
  readonly stderr: Sink;
}

/**
 * Who hears what. Where stdout carries data, nothing else is written there, and people read stderr.
 */
export interface Output {
  readonly json: boolean;
  readonly events: boolean;
  readonly quiet: boolean;
  /** True when stdout is for programs. */
  readonly carriesData: boolean;
  /** What people read: stdout, or stderr where stdout carries data. */
  readonly human: Sink;
  /** A line on how it goes; not with `--quiet`. */
  note(text: string): void;
  /** What was asked for: as lines for people, or, with `--json`, as one document. */
  result(document: unknown, lines: () => readonly string[]): void;
  /** One event, with `--events`. */
  event(event: unknown): void;
  /** For people, whatever was asked for. */
  warn(text: string): void;
}

export const outputTo = ({ json, events, quiet, stdout, stderr }: OutputOptions): Output => {
  const carriesData = json || events;
  const human = carriesData ? stderr : stdout;
  const lineTo = (sink: Sink, text: string): void => void sink.write(`${text}\n`);
  return {
    json,
    events,
    quiet,
    carriesData,
    human,
    note: (text) => {
      if (!quiet) lineTo(human, text);
    },
    result: (document, lines) => {
      if (json) lineTo(stdout, JSON.stringify(document, null, 2));
      else if (!events || !quiet) for (const line of lines()) lineTo(human, line);
    },
    event: (event) => {
      if (events) lineTo(stdout, JSON.stringify(event));
    },
    warn: (text) => lineTo(stderr, text),
  };
};
