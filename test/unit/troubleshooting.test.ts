/** What docs/troubleshooting.md tells people to look for is what the program says. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { catalogue } from '../../src/check/catalogue.ts';
import { rowsOf } from '../../src/metrics/table.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(`${root}docs/troubleshooting.md`, 'utf8');
const code = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(`${root}src/${path}`, 'utf8'))
  .join('\n');

/** What stands in code after that word, and after `or` and `and` behind it. */
function quotedAfter(word: string): string[] {
  const found = page.matchAll(new RegExp(`\\b${word} ((?:\`[^\`]+\`(?:,? (?:or|and)?\\s?)?)+)`, 'g'));
  return Array.from(found, ([, quotes = '']) => Array.from(quotes.matchAll(/`([^`]+)`/g), ([, quote = '']) => quote)).flat();
}

test('each line of the log is one that the program can write', () => {
  const lines = quotedAfter('log');
  expect(lines.length).toBeGreaterThan(20);
  const isKnown = (part: string) => code.includes(part.replaceAll(/^[: ]+|[ ;]+$/g, ''));
  const unknown = lines.filter((line) => !line.split('…').every(isKnown));
  expect(unknown).toEqual([]);
});

test('each finding of the check is in its catalogue', () => {
  const findings = quotedAfter('check');
  expect(findings.length).toBeGreaterThan(15);
  const known = new Set(catalogue.map(({ level, what }) => `${level} ${what}`));
  expect(findings.filter((finding) => !known.has(finding))).toEqual([]);
});

test('each number of the heartbeat is one of its fields', () => {
  const fields = quotedAfter('heartbeat');
  expect(fields.length).toBeGreaterThan(8);
  const known = new Set<string>(rowsOf('podgauge').map(({ field }) => field));
  expect(fields.filter((field) => !known.has(field))).toEqual([]);
});

test('each value that is to be set is one of the chart', () => {
  const values: unknown = parse(readFileSync(`${root}charts/podgauge/values.yaml`, 'utf8'));
  const named = page.matchAll(/^\|.*\| ([^|]*) \|$/gm);
  const set = Array.from(named, ([, cell = '']) =>
    Array.from(cell.matchAll(/`([a-z]\w*(?:\.\w+)*)(?:: [^`]*)?`/g), ([, name = '']) => name),
  );
  const others = new Set([
    'authentication.webhook.enabled',
    'serverTLSBootstrap',
    'dmesg',
    'spec.nodeName',
    'hostPath',
    'k8s_node_network',
    'queue_bytes',
  ]);
  const unknown = set.flat().filter((name) => !others.has(name) && valueAt(values, name) === undefined);
  expect(unknown).toEqual([]);
});

function valueAt(values: unknown, name: string): unknown {
  let value = values;
  for (const key of name.split('.')) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}
