/** Runs a command to its end. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What it wrote to stdout. A failure quotes the end of what it wrote to both. */
export async function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const env = { ...process.env, ...options.env };
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  execFile(command, args, { cwd: options.cwd, env, maxBuffer: 64 << 20, encoding: 'utf8' }, (error, stdout, stderr) => {
    if (error === null) return resolve(stdout);
    const how = typeof error.code === 'number' ? `ended with code ${error.code}` : (error.code ?? error.signal ?? 'failed');
    reject(new Error(`${command} ${args.slice(0, 2).join(' ')}: ${how}\n${lastLines(stdout + stderr, 15)}`));
  });
  return promise;
}

/** Where a command is. The system folders count too, which are not on every user's PATH, and the one of CNI's plugins. */
export function findCommand(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/lib/cni'];
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder: the next one may have it.
    }
  }
  return undefined;
}

export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
