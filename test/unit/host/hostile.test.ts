/** What holds for every parser, whatever is in the file. */
import fc from 'fast-check';
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
  /** Whether a line more, of garbage, leaves the result as it is, and is reported. */
  readonly garbage: 'reported' | 'passed over' | 'spoils it';
}

const cases: readonly Case[] = [
  { name: 'parseSingleValue', parser: parseSingleValue, text: '18446744073709551615\n', garbage: 'spoils it' },
  { name: 'parseLimit', parser: parseLimit, text: 'max\n', garbage: 'spoils it' },
  { name: 'parseProcStat', parser: parseProcStat, text: texts.procStat, garbage: 'spoils it' },
  { name: 'parseOpenFilesLimit', parser: parseOpenFilesLimit, text: texts.limits, garbage: 'passed over' },
  { name: 'parseCpuStatV1', parser: parseCpuStatV1, text: texts.cpuStatV1, garbage: 'reported' },
  { name: 'parseCpuStatV2', parser: parseCpuStatV2, text: texts.cpuStatV2, garbage: 'reported' },
  { name: 'parseCpuacctStat', parser: parseCpuacctStat, text: texts.cpuacctStat, garbage: 'reported' },
  { name: 'parseMemoryStatV1', parser: parseMemoryStatV1, text: texts.memoryStatV1, garbage: 'reported' },
  { name: 'parseMemoryStatV2', parser: parseMemoryStatV2, text: texts.memoryStatV2, garbage: 'reported' },
  { name: 'parseNetDev', parser: parseNetDev, text: texts.netDev, garbage: 'reported' },
  { name: 'parseNetRoute', parser: parseNetRoute, text: texts.netRoute, garbage: 'reported' },
  { name: 'parseNetIpv6Route', parser: parseNetIpv6Route, text: texts.netIpv6Route, garbage: 'reported' },
  { name: 'parseProcCgroup', parser: parseProcCgroup, text: texts.procCgroup, garbage: 'reported' },
  { name: 'parseMountinfo', parser: parseMountinfo, text: texts.mountinfo, garbage: 'reported' },
  { name: 'parseCgroupProcs', parser: parseCgroupProcs, text: texts.cgroupProcs, garbage: 'reported' },
];

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
    return part.length <= whole.length && part.every((item, index) => expectEqual(item, whole[index]));
  }
  if (typeof part !== 'object' || typeof whole !== 'object' || part === null || whole === null) return false;
  const other = new Map<string, unknown>(Object.entries(whole));
  return Object.entries(part).every(([key, value]) =>
    key === 'foreign' ? value <= Number(other.get(key)) : isPartOf(value, other.get(key)),
  );
}

function expectEqual(a: unknown, b: unknown): boolean {
  expect(a).toEqual(b);
  return true;
}

describe.each(cases)('$name', ({ parser, text, garbage }) => {
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

  test('cut at any byte: no value that the whole file does not have, and the cut is reported', () => {
    const bytes = Buffer.from(text);
    for (let end = 1; end < bytes.length; end += 1) {
      const { value, malformed } = parseBytes(parser, bytes.subarray(0, end));
      const atLineEnd = bytes[end - 1] === 10;
      if (!atLineEnd) {
        expect(malformed.length, `cut after ${end}`).toBe(1);
        expect(isPartOf(value, whole.value), `cut after ${end}`).toBe(true);
      }
    }
  });

  test('any bytes at all are parsed without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        parseBytes(parser, bytes);
      }),
      { numRuns: runs },
    );
  });

  test('bytes changed, taken out or put in anywhere never throw', () => {
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.nat(20), fc.uint8Array({ maxLength: 20 }), (at, gone, more) => {
        parseBytes(parser, Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at + gone)]));
      }),
      { numRuns: runs },
    );
  });

  test('lines of garbage between the others cost none of them', () => {
    const lines = text.split('\n').slice(0, -1);
    fc.assert(
      fc.property(garbageLine, fc.integer({ min: 1, max: lines.length }), (line, at) => {
        const { value, malformed } = parseText(parser, `${lines.toSpliced(at, 0, line).join('\n')}\n`);
        if (garbage === 'spoils it') expect([value, malformed.length]).toEqual([undefined, 1]);
        else expect([value, malformed]).toEqual([whole.value, garbage === 'reported' ? [line] : []]);
      }),
      { numRuns: runs },
    );
  });
});
