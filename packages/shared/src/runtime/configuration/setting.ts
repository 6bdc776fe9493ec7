import type { z } from 'zod';

/** Who said so: the later overrule the earlier. */
export type Origin = 'default' | 'user file' | 'project file' | 'environment' | 'flag';

/** One thing that can be configured. */
export interface Setting<Schema extends z.ZodType = z.ZodType, Default = unknown> {
  readonly variable: string;
  readonly schema: Schema;
  readonly default: Default;
  /** One line for `config show` and the documentation. */
  readonly description: string;
  readonly secret: boolean;
  /** A URL that may have a password in it. */
  readonly credentials: boolean;
  /**
   * Whether the file of a project may set it. What decides where keys and code go may not come from there: the file is part of a
   * repository, and whoever wrote the repository would decide.
   */
  readonly inProjectFile: boolean;
}

export interface Trust {
  readonly secret: boolean;
  readonly credentials: boolean;
  readonly inProjectFile: boolean;
}

export const open: Trust = { secret: false, credentials: false, inProjectFile: true };
export const guarded: Trust = { secret: false, credentials: false, inProjectFile: false };
export const engine: Trust = { secret: false, credentials: true, inProjectFile: false };
export const secret: Trust = { secret: true, credentials: false, inProjectFile: false };

export const setting = <Schema extends z.ZodType, const Default>(
  variable: string,
  schema: Schema,
  standard: Default,
  description: string,
  trust: Trust,
): Setting<Schema, Default> => ({ variable, schema, default: standard, description, ...trust });
