import type { Parser } from '../../../src/host/parser.ts';

/** One reader of src/host with a whole file that it reads. */
export interface Reader {
  /** The export of src/host that makes or is the parser. */
  readonly reader: string;
  readonly file: string;
  readonly parser: Parser<unknown>;
  readonly text: string;
  /** What one more line, of garbage, does. */
  readonly garbage: 'is reported' | 'is passed over' | 'costs all';
  /** How many of the numbers in the text are counters, which go through exactly at any size. */
  readonly counters: number;
  /** Lines at the start that have to be the first. */
  readonly header?: number;
  /** What a number of the text may be multiplied by. */
  readonly factors?: readonly bigint[];
  /** All numbers that a text may give, where they are more than its integers times the factors. */
  readonly numbers?: (text: string) => Iterable<number | bigint>;
  /** What the kernel's words for "none" become. */
  readonly constants?: readonly string[];
  /** Fields that add up or count lines, so that they are no number of the text. */
  readonly sums?: readonly string[];
  /** Whether the file says other things when whole lines at its end are missing: nothing tells that. */
  readonly needsAllLines?: boolean;
  /** Whether one line of several is taken for all: a changed one may be taken in the place of one that was not touched. */
  readonly picksLine?: boolean;
  /** A last line without its newline that is the kernel's own. */
  readonly tornLine?: RegExp;
}
