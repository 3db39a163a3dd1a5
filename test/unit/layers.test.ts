import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../src/', import.meta.url));

interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** The text without comments: what is only talked about does not count. */
  readonly code: string;
  /** Paths of what it imports from src/, by type or not. */
  readonly imports: readonly string[];
}

const files: readonly SourceFile[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readSource(path.replaceAll('\\', '/')));

function readSource(path: string): SourceFile {
  const text = readFileSync(root + path, 'utf8');
  const code = text.replaceAll(/\/\*.*?\*\/|^\s*\/\/.*$/gms, '');
  return { path, text, code, imports: importsOf(path, code) };
}

function importsOf(path: string, code: string): string[] {
  const found = code.matchAll(/(?:\bfrom\s+|^import\s+|\bimport\(\s*)['"](?<from>\.[^'"]*)['"]/gm);
  return Array.from(found, (match) => posix.join(posix.dirname(path), match.groups?.['from'] ?? ''));
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : path;
}

/** What each folder may import beside itself. A stage may look back along the way of the data, never ahead. */
const everyone = ['model.ts', 'metrics', 'problems.ts', 'grid.ts', 'until-aborted.ts'];
const allowed: Readonly<Record<string, readonly string[]>> = {
  host: everyone,
  watch: [...everyone, 'host'],
  locate: [...everyone, 'host', 'watch'],
  'file-systems': [...everyone, 'host', 'watch'],
  collect: [...everyone, 'host', 'watch', 'locate', 'file-systems'],
  derive: [...everyone, 'host', 'watch', 'locate', 'file-systems', 'collect'],
  // The shape of what was configured for the target: config.ts holds nothing but types.
  write: [...everyone, 'host', 'watch', 'locate', 'file-systems', 'collect', 'derive', 'config/config.ts'],
  // A sub-command: it looks at all of the way with the parts of the way, and nothing but main.ts loads it.
  check: [...everyone, 'host', 'watch', 'locate', 'file-systems', 'write', 'config/config.ts'],
  serve: [...everyone, 'locate', 'config', 'own.ts', 'progress.ts', 'version.ts'],
  config: everyone,
  'model.ts': everyone,
  metrics: ['model.ts'],
  'grid.ts': [],
  'until-aborted.ts': [],
  'problems.ts': ['model.ts'],
};

/** The files of `group` for which `wrong` names something. */
function violations(wrong: (file: SourceFile) => readonly string[]): string[] {
  return files.flatMap((file) => wrong(file).map((what) => `${file.path}: ${what}`));
}

describe('layers', () => {
  test('the reader of imports sees every form of them', () => {
    const code = `import { a } from './a.ts';
import type {
  B,
} from '../host/b.ts';
import '../c.ts';
export { d } from './d.ts';
import outside from 'node:fs';
const e = await import('../e.ts');
type F = import('./f.ts').F;
`;
    expect(importsOf('watch/x.ts', code)).toEqual(['watch/a.ts', 'host/b.ts', 'c.ts', 'watch/d.ts', 'e.ts', 'watch/f.ts']);
  });

  test('there are files to look at, and every import of one names one', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(violations(({ imports }) => imports.filter((path) => !files.some((file) => file.path === path)))).toEqual([]);
  });

  test('every folder is known here', () => {
    const folders = new Set(files.filter(({ path }) => path.includes('/')).map(({ path }) => folderOf(path)));
    expect([...folders].filter((folder) => allowed[folder] === undefined)).toEqual([]);
  });

  test('a lower folder never imports a higher one', () => {
    const ahead = violations(({ path, imports }) => {
      const mayImport = allowed[folderOf(path)];
      if (mayImport === undefined) return [];
      return imports.filter(
        (other) => folderOf(other) !== folderOf(path) && ![folderOf(other), other].some((one) => mayImport.includes(one)),
      );
    });
    expect(ahead).toEqual([]);
  });

  test('no file imports itself through others', () => {
    const importsByPath = new Map(files.map(({ path, imports }) => [path, imports]));
    const reachable = (start: string): Set<string> => {
      const seen = new Set<string>();
      const pending = [...(importsByPath.get(start) ?? [])];
      for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
        if (seen.has(next)) continue;
        seen.add(next);
        pending.push(...(importsByPath.get(next) ?? []));
      }
      return seen;
    };
    expect(files.map(({ path }) => path).filter((path) => reachable(path).has(path))).toEqual([]);
  });
});

describe('files', () => {
  test('only where a process or a thread begins the time, the environment, the arguments and chance are known', () => {
    const edges = ['main.ts', 'file-systems/walk-worker.ts'];
    const ambient =
      /\b(?:process\.(?:env|argv)|Date\.now|Math\.random|performance\.now|randomUUID|randomBytes)\b|\bnew Date\(\)/g;
    const users = violations(({ path, code }) => (edges.includes(path) ? [] : (code.match(ambient) ?? [])));
    expect(users).toEqual([]);
  });

  test('none has more than 250 lines', () => {
    const long = files.filter(({ text }) => text.split('\n').length > 251);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test('none has a default export or a name that says nothing', () => {
    expect(violations(({ code }) => code.match(/^export default\b|\bas default\b/gm) ?? [])).toEqual([]);
    expect(files.filter(({ path }) => /(?:^|\/)(?:utils?|helpers?|common|misc|index|types)\.ts$/.test(path))).toEqual([]);
  });

  test('none starts a process', () => {
    expect(violations(({ code }) => code.match(/['"](?:node:)?child_process['"]/g) ?? [])).toEqual([]);
  });
});
