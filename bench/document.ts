import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';

/** Puts the text between the marks `<!-- bench -->` of a page of docs/. */
export function intoDocument(name: string, text: string): void {
  const path = join(import.meta.dirname, '../docs', name);
  const document = readFileSync(path, 'utf8');
  const [start, end] = ['<!-- bench -->', '<!-- /bench -->'];
  const before = document.slice(0, document.indexOf(start) + start.length);
  writeFileSync(path, `${before}\n${text}\n${document.slice(document.indexOf(end))}`);
}

/** When and where. */
export function measuredNow(): string {
  const today = new Date().toISOString().slice(0, 10);
  return `Measured ${today} on ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Linux ${release()}`;
}
