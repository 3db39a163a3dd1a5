/** What holds for every parser, whatever is in the file. */
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCgroupProcs } from '../../../src/host/cgroup-procs.ts';
import { parseCpuacctStat } from '../../../src/host/cpuacct.ts';
import { parseCpuStatV1, parseCpuStatV2 } from '../../../src/host/cpu-stat.ts';
import { parseOpenFilesLimit } from '../../../src/host/limits.ts';
import { parseMemoryStatV1, parseMemoryStatV2 } from '../../../src/host/memory-stat.ts';
import { parseMountinfo } from '../../../src/host/mountinfo.ts';
import { parseNetDev } from '../../../src/host/net-dev.ts';
import { parseNetIpv6Route } from '../../../src/host/net-ipv6-route.ts';
import { parseNetRoute } from '../../../src/host/net-route.ts';
import type { Parser } from '../../../src/host/parser.ts';
import { parseProcCgroup } from '../../../src/host/proc-cgroup.ts';
import { parseProcStat } from '../../../src/host/proc-stat.ts';
import { parseLimit, parseSingleValue } from '../../../src/host/single-value.ts';
import { parseBytes, parseText, runs } from './parse-text.ts';
import * as texts from './texts.ts';

interface Case {
  readonly name: string;
  readonly parser: Parser<unknown>;
  readonly text: string;
  /** What one more line, of garbage, does. */
  readonly garbage: 'is reported' | 'is passed over' | 'costs all';
  /** Lines at the start that have to be the first. */
  readonly header?: number;
}

const cases: readonly Case[] = [
  { name: 'parseSingleValue', parser: parseSingleValue, text: '18446744073709551615\n', garbage: 'costs all' },
  { name: 'parseLimit', parser: parseLimit, text: 'max\n', garbage: 'costs all' },
  { name: 'parseProcStat', parser: parseProcStat, text: texts.procStat, garbage: 'costs all' },
  { name: 'parseOpenFilesLimit', parser: parseOpenFilesLimit, text: texts.limits, garbage: 'is passed over' },
  { name: 'parseCpuStatV1', parser: parseCpuStatV1, text: texts.cpuStatV1, garbage: 'is reported' },
  { name: 'parseCpuStatV2', parser: parseCpuStatV2, text: texts.cpuStatV2, garbage: 'is reported' },
  { name: 'parseCpuacctStat', parser: parseCpuacctStat, text: texts.cpuacctStat, garbage: 'is reported' },
  { name: 'parseMemoryStatV1', parser: parseMemoryStatV1, text: texts.memoryStatV1, garbage: 'is reported' },
  { name: 'parseMemoryStatV2', parser: parseMemoryStatV2, text: texts.memoryStatV2, garbage: 'is reported' },
  { name: 'parseNetDev', parser: parseNetDev, text: texts.netDev, garbage: 'is reported', header: 2 },
  { name: 'parseNetRoute', parser: parseNetRoute, text: texts.netRoute, garbage: 'is reported', header: 1 },
  { name: 'parseNetIpv6Route', parser: parseNetIpv6Route, text: texts.netIpv6Route, garbage: 'is reported' },
  { name: 'parseProcCgroup', parser: parseProcCgroup, text: texts.procCgroup, garbage: 'is reported' },
  { name: 'parseMountinfo', parser: parseMountinfo, text: texts.mountinfo, garbage: 'is reported' },
  { name: 'parseCgroupProcs', parser: parseCgroupProcs, text: texts.cgroupProcs, garbage: 'is reported' },
];

const newline = 10;

/** Lines that are none in any of the files. */
const garbageLine = fc.oneof(
  fc.constantFrom('', ' ', 'garbage', '\0', ':', '::', '-', '|', '\t\t\t\t', 'x'.repeat(5000)),
  fc
    .array(fc.constantFrom('\u0001', 'é', '🐳', '|', '"'), { minLength: 1, maxLength: 40 })
    .map((characters) => characters.join('')),
);

/**
 * Whether everything in `part` is in `whole` too: no value invented. A list may be shorter, a field may be absent, and a
 * count of lines may be lower.
 */
function isPartOf(part: unknown, whole: unknown): boolean {
  if (part === undefined || Object.is(part, whole)) return true;
  if (Array.isArray(part) && Array.isArray(whole)) {
    return part.length <= whole.length && part.every((item, index) => isDeepStrictEqual(item, whole[index]));
  }
  if (typeof part !== 'object' || typeof whole !== 'object' || part === null || whole === null) return false;
  const other = new Map<string, unknown>(Object.entries(whole));
  return Object.entries(part).every(([key, value]) =>
    key === 'foreign' ? value <= Number(other.get(key)) : isPartOf(value, other.get(key)),
  );
}

describe.each(cases)('$name', ({ parser, text, garbage, header = 0 }) => {
  const whole = parseText(parser, text);

  test('understands the whole file', () => {
    expect(whole.malformed).toEqual([]);
    expect(isPartOf(whole.value, undefined)).toBe(false);
  });

  test('an empty file invents nothing and reports nothing', () => {
    const { value, malformed } = parseText(parser, '');
    expect(malformed).toEqual([]);
    expect(isPartOf(value, whole.value)).toBe(true);
  });

  test('cut inside any line: no value that the whole file does not have, and the cut is reported', () => {
    const bytes = Buffer.from(text);
    const cuts = bytes.keys().filter((end) => end > 0 && bytes[end - 1] !== newline);
    for (const end of cuts) {
      const { value, malformed } = parseBytes(parser, bytes.subarray(0, end));
      expect(malformed.length, `cut after ${end}`).toBe(1);
      expect(isPartOf(value, whole.value), `cut after ${end}`).toBe(true);
    }
  });

  test('any bytes at all give a result, in which nothing comes from a file before', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 30 }), (bytes, after) => {
        expect(parseBytes(parser, bytes, after)).toEqual(parseBytes(parser, bytes));
      }),
      { numRuns: runs },
    );
  });

  test('so does the file with bytes changed, taken out or put in anywhere', () => {
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.nat(20), fc.uint8Array({ maxLength: 20 }), (at, gone, more) => {
        const content = Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at + gone)]);
        expect(parseBytes(parser, content, bytes)).toEqual(parseBytes(parser, content));
      }),
      { numRuns: runs },
    );
  });

  test(`a line of garbage: ${garbage}`, () => {
    const lines = text.split('\n').slice(0, -1);
    fc.assert(
      fc.property(garbageLine, fc.integer({ min: header, max: lines.length }), (line, at) => {
        const content = `${lines.toSpliced(at, 0, line).join('\n')}\n`;
        const expected = {
          'costs all': [undefined, [content]],
          'is reported': [whole.value, [line]],
          'is passed over': [whole.value, []],
        };
        const { value, malformed } = parseText(parser, content);
        expect([value, malformed]).toEqual(expected[garbage]);
      }),
      { numRuns: runs },
    );
  });
});
