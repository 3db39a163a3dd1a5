import { readFileSync } from 'node:fs';

/** Bytes of anonymous memory that a process holds now: its heap and its buffers, not the pages of its program file. */
export function anonymousBytes(pid: number): number {
  const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kibibytes === undefined) throw new Error(`No RssAnon of process ${pid}`);
  return Number(kibibytes) * 1024;
}
