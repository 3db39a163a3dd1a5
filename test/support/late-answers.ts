import { until } from './until.ts';

/** Whether what podgauge says of a server is that it was too busy to answer in time. */
function isLate(text: string): boolean {
  return /no answer (?:for|within) |not over after |silent for /.test(text);
}

/** What a check says once no server is late. */
export async function inTime(check: () => Promise<string>): Promise<string> {
  let findings = '';
  await until('all to answer in time', async () => !isLate((findings = await check())), { seconds: 400 });
  return findings;
}
