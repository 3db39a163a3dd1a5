import { setTimeout } from 'node:timers/promises';

/** Asks again and again until the answer is yes. An error after `seconds` says what was waited for, and what `describe` adds. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  { seconds = 180, describe = () => '' }: { readonly seconds?: number; readonly describe?: () => string } = {},
): Promise<void> {
  const deadline = AbortSignal.timeout(seconds * 1000);
  while (!(await condition())) {
    if (deadline.aborted) throw new Error(`Not within ${seconds} s: ${what}\n${describe()}`);
    await setTimeout(100);
  }
}
