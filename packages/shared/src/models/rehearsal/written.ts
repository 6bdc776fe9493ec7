/** A file as an agent writes it. */
export interface WrittenFile {
  readonly path: string;
  readonly content: string;
}

/** What one task is to write, and how its tests are run. */
export interface Writing {
  readonly files: readonly WrittenFile[];
  /** What a person would type to run the tests; null where there are none. */
  readonly testCommand: string | null;
  /** Exported names, for reports. */
  readonly exported: readonly string[];
}
