import { expect, test } from 'vitest';
import { join } from 'node:path';
import { runInUml } from '../servers/uml.ts';
import { bundle } from '../support/bundle.ts';
import { parseLine } from '../unit/write/parse-line.ts';

test('a wall clock that is set back by an hour stops nothing: the next cycle comes a period later, under the new time', async () => {
  const { code, stdout, stderr } = await runInUml({
    program: process.execPath,
    args: [join(import.meta.dirname, 'clock-program.ts'), await bundle()],
    // The agent's first line asks for a `node`.
    env: { PATH: `${join(process.execPath, '..')}:/usr/sbin:/usr/bin:/sbin:/bin` },
    timeoutMs: 120_000,
  });
  const beats = stdout.split('\n').filter((line) => line !== '');
  expect(code, stderr).toBe(0);
  const points = beats.map((line) => parseLine(line));
  expect(points.map(({ fields }) => fields['sequence'])).toEqual(points.map((_, i) => BigInt(i + 1)));
  const seconds = points.map(({ time }) => Math.floor(Number(time) / 1e9));
  const steps = seconds.slice(1).map((second, i) => second - (seconds[i] ?? 0));
  // Once back by an hour, and forward by some periods otherwise.
  expect(steps.filter((step) => step < 0)).toHaveLength(1);
  expect(Math.min(...steps)).toBeLessThan(-3500);
});
