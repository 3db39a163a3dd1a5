/** Serves health and self-metrics for as long as the agent runs. */
import type { Listen } from '../config/config.ts';
import { ConfigError } from '../config/error.ts';
import { options } from '../config/options.ts';
import { nameOf } from '../config/settings.ts';
import type { Logger } from '../problems.ts';
import type { Vitals } from './health.ts';
import { answerTo } from './routes.ts';
import { startServer } from './server.ts';
import type { Server } from './server.ts';

const causes: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'another program has it'],
  ['EADDRNOTAVAIL', 'this host has no such address'],
  ['EACCES', 'this user may not have it'],
]);

/**
 * Resolves with nothing where the default address cannot be had, which a person who tries podgauge beside another must not stumble over:
 * the log says so.
 * @throws ConfigError when it is an address that somebody chose, whose probes would fail for ever
 */
export async function serve(listen: Listen, vitals: Vitals, log: Logger): Promise<Server | undefined> {
  let told: string | undefined;
  /** Each cause once: a client may ask again and again. */
  function fault(err: unknown): void {
    if (String(err) === told) return;
    told = String(err);
    log.error({ err }, 'Cannot serve a request');
  }
  try {
    const server = await startServer({
      address: listen,
      answer: (question) => answerTo(question, vitals),
      fault,
    });
    const { address, port } = server.address;
    log.info({ address, port }, 'Serving /healthz, /readyz and /metrics');
    return server;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const cause = `Cannot listen on ${listen.text}: ${causes.get(code) ?? code}`;
    const { flag } = options.listen;
    if (listen.chosen) throw new ConfigError(`${cause}: set ${nameOf(options.listen)} to another address, or to off`);
    log.warn({}, `${cause}, so nobody is told of health or self-metrics: set ${flag} to another address, or to off`);
    return undefined;
  }
}
