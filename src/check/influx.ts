/** InfluxDB: reachable, and whether its token may write to the bucket of the organization, found out by a write of no point. */
import type { InfluxdbOutput } from '../config/config.ts';
import { field, list, parse, text } from '../watch/json.ts';
import { openInfluxRequests } from './influx-requests.ts';
import type { InfluxAnswer, InfluxRequests } from './influx-requests.ts';
import { checkClock, clockKinds } from './clock.ts';
import { finding } from './finding.ts';
import type { Finding, Kind, Kinds } from './finding.ts';
import { reachKinds, reasonOf } from './reach.ts';

const what = 'InfluxDB';
const write = 'InfluxDB write';
const tokenFile = '--influx-token-file (INFLUX_TOKEN_FILE)';
const bucket = '--influx-bucket (INFLUX_BUCKET)';
const org = '--influx-org (INFLUX_ORG)';

export const influxReach = reachKinds({
  what,
  address: '--influx-url (INFLUX_URL)',
  trust: '--influx-ca-file (INFLUX_CA_FILE)',
  files: `${tokenFile}, --influx-ca-file, --influx-cert-file and --influx-key-file`,
});

export const influxClock = clockKinds('InfluxDB clock', 'InfluxDB');

export const influxKinds = {
  healthy: { level: 'ok', what, when: 'it answers, and is well by its own word' },
  sick: { level: 'warn', what, when: 'it answers, and is not well by its own word', remedy: 'look at its log' },
  other: {
    level: 'warn',
    what,
    when: 'something answers that does not say it is InfluxDB',
    remedy: 'set --influx-url (INFLUX_URL) to InfluxDB, unless a proxy in front of it hides /health and /ping',
  },
  https: {
    level: 'FAIL',
    what,
    when: 'it serves https:// where http:// was asked for',
    remedy: 'set --influx-url (INFLUX_URL) to the same address with https://',
  },
  allowed: { level: 'ok', what: write, when: 'the token may write to the bucket: a write of no point was taken' },
  token: {
    level: 'FAIL',
    what: write,
    when: 'the token is not known (HTTP 401), or there is none',
    remedy: `set ${tokenFile} to a file with a token of this InfluxDB`,
  },
  denied: {
    level: 'FAIL',
    what: write,
    when: 'the token may not write to the bucket',
    remedy: 'make one that may: influx auth create --write-bucket BUCKET_ID',
  },
  org: {
    level: 'FAIL',
    what: write,
    when: 'there is no organization of that name or id',
    remedy: `set ${org} to one that "influx org list" shows`,
  },
  bucket: {
    level: 'FAIL',
    what: write,
    when: 'there is no bucket of that name or id in the organization',
    remedy: `set ${bucket} to one that "influx bucket list" shows, or make it: influx bucket create --retention 30d`,
  },
  failed: {
    level: 'FAIL',
    what: write,
    when: 'a write is answered with something else',
    remedy: 'look at the log of InfluxDB, and at what stands before it',
  },
  kept: { level: 'ok', what: 'retention', when: 'the bucket forgets points after a day or more' },
  forever: {
    level: 'warn',
    what: 'retention',
    when: 'the bucket keeps points for ever: it grows with each pod that ever ran',
    remedy: 'set one: influx bucket update --id BUCKET_ID --retention 30d',
  },
  short: {
    level: 'warn',
    what: 'retention',
    when: 'the bucket forgets points in less than a day: what waited in an outage may be refused, and a day cannot be shown',
    remedy: 'set a longer one: influx bucket update --id BUCKET_ID --retention 30d',
  },
  unseen: {
    level: 'ok',
    what: 'retention',
    when: 'it is not known, since the token may not read the bucket: one that only writes is best',
  },
} as const satisfies Kinds;

export interface InfluxCheckOptions {
  readonly output: InfluxdbOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds for each request. */
  readonly timeoutMs: number;
  /** Unix time in milliseconds. */
  wall(): number;
}

/** Rejects only when the signal aborts. */
export async function checkInflux(options: InfluxCheckOptions, signal: AbortSignal): Promise<readonly Finding[]> {
  const { output, wall } = options;
  const opened = openInfluxRequests(options, signal);
  if ('failure' in opened) return [finding(influxReach[reasonOf(opened.failure)], opened.failure.message)];
  const { requests } = opened;
  try {
    const sent = wall();
    const health = await requests.send('GET', '/health');
    signal.throwIfAborted();
    if ('failure' in health)
      return [finding(influxReach[reasonOf(health.failure)], `${output.url}: ${health.failure.message}`)];
    const clock = checkClock(influxClock, health.headers.date, sent, wall());
    const self = await healthOf(requests, health, output.url);
    if (self.kind === influxKinds.https) return [self];
    const written = await checkWrite(requests, output);
    signal.throwIfAborted();
    if (written.kind !== influxKinds.allowed) return [self, ...clock, written];
    return [self, ...clock, written, await checkRetention(requests, output)];
  } finally {
    requests.close();
  }
}

/** InfluxDB 2 says how it is at /health; all versions name theirs in a header at /ping. */
async function healthOf(requests: InfluxRequests, health: InfluxAnswer, url: string): Promise<Finding> {
  if (health.status === 400 && /HTTP request to an HTTPS server/i.test(health.text)) return finding(influxKinds.https, url);
  const body = parse(health.text);
  const status = text(field(body, 'status'), 20);
  const ping = status === undefined ? await requests.send('GET', '/ping') : health;
  const header = 'failure' in ping ? undefined : ping.headers['x-influxdb-version'];
  const version = text(field(body, 'version'), 40) ?? text(header, 40);
  const answers = `answers at ${url}`;
  if (status === 'fail') return finding(influxKinds.sick, `${answers}: ${text(field(body, 'message'), 200) ?? status}`);
  if (status === undefined && version === undefined) return finding(influxKinds.other, `${answers} with HTTP ${health.status}`);
  return finding(influxKinds.healthy, `${answers}, version ${version ?? 'unknown'}`);
}

/** A comment is line protocol without a point: it goes the way of a write, with its rights, and leaves nothing behind. */
const noPoint = '# podgauge check\n';

async function checkWrite(requests: InfluxRequests, output: InfluxdbOutput): Promise<Finding> {
  const query = new URLSearchParams({ org: output.org, bucket: output.bucket, precision: 'ns' });
  const answer = await requests.send('POST', `/api/v2/write?${query.toString()}`, noPoint);
  if ('failure' in answer) {
    const files = reasonOf(answer.failure) === 'files';
    return finding(files ? influxReach.files : influxKinds.failed, answer.failure.message);
  }
  const { status } = answer;
  const body = parse(answer.text);
  const said = text(field(body, 'message'), 200) ?? text(field(body, 'error'), 200) ?? answer.text.slice(0, 200);
  if (isTaken(status, said)) {
    const place = `bucket ${JSON.stringify(output.bucket)} of organization ${JSON.stringify(output.org)}`;
    return finding(influxKinds.allowed, `the token may write to ${place}`);
  }
  const says = `HTTP ${status}${said === '' ? '' : `: ${said.replaceAll(/\s+/g, ' ').trim()}`}`;
  const kind = refusals.find(([statuses, words]) => statuses.includes(status) && words.test(said))?.[2] ?? influxKinds.failed;
  return finding(kind, kind === influxKinds.token && output.token === undefined ? `${says}; none is configured` : says);
}

/** Whoever may not write never gets so far as to be told that there is no point. */
function isTaken(status: number, said: string): boolean {
  return (status >= 200 && status < 300) || (status === 400 && /requires points|no (?:points|lines)/i.test(said));
}

/** In InfluxDB 2, 3 and the clouds; a bucket is a database in 1.8 and 3. The first row that fits counts. */
const refusals: readonly (readonly [statuses: readonly number[], words: RegExp, Kind])[] = [
  [[403], /^/, influxKinds.denied],
  [[401], /is unauthorized|insufficient permissions/i, influxKinds.denied],
  [[401], /^/, influxKinds.token],
  [[400, 404], /organization.*not found/i, influxKinds.org],
  [[400, 404], /(?:bucket|database).*not found/i, influxKinds.bucket],
];

const day = 86_400;
const id = /^[0-9a-f]{16}$/;

async function checkRetention(requests: InfluxRequests, output: InfluxdbOutput): Promise<Finding> {
  const query = new URLSearchParams({
    [id.test(output.org) ? 'orgID' : 'org']: output.org,
    [id.test(output.bucket) ? 'id' : 'name']: output.bucket,
  });
  const answer = await requests.send('GET', `/api/v2/buckets?${query.toString()}`);
  const found = 'failure' in answer || answer.status !== 200 ? undefined : list(field(parse(answer.text), 'buckets'))[0];
  if (found === undefined) return finding(influxKinds.unseen, 'not shown to this token');
  const seconds = Number(field(list(field(found, 'retentionRules'))[0], 'everySeconds') ?? 0);
  if (!(seconds > 0)) return finding(influxKinds.forever, 'infinite');
  const says = seconds % day === 0 ? `${seconds / day} d` : `${(seconds / 3600).toFixed(1)} h`;
  return finding(seconds < day ? influxKinds.short : influxKinds.kept, says);
}
