import type { Kind } from './kinds.ts';

/** One row of the table of options. */
export interface Option<T> {
  /** Absent for a secret: every process of the host can read command lines. */
  readonly flag?: string;
  readonly env: string;
  readonly kind: Kind<T>;
  /** As a user would write it; it is parsed like the other layers. */
  readonly default?: string;
  /** What holds without a setting, in words, where that depends on something. */
  readonly otherwise?: string;
  readonly help: string;
  /** Not a key of the config file. */
  readonly notInFile?: true;
  /** The value is never shown. */
  readonly secret?: true;
}
