import { preferredFormat } from './accept.ts';
import { contentTypes, exposition } from './exposition.ts';
import { whyDead, whyNotReady } from './health.ts';
import type { Vitals } from './health.ts';
import { selfMetrics } from './self-metrics.ts';
import type { Answer, Question } from './server.ts';

/** What is served, and nothing else: there is no directory of it. */
export function answerTo({ path, accept }: Question, vitals: Vitals): Answer {
  switch (path) {
    case '/healthz':
      return healthAnswer(whyDead(vitals));
    case '/readyz':
      return healthAnswer(whyNotReady(vitals));
    case '/metrics': {
      const format = preferredFormat(accept);
      return { status: 200, type: contentTypes[format], body: exposition(selfMetrics, vitals.own, format) };
    }
    default:
      return plain(404, 'not found');
  }
}

function healthAnswer(trouble: string | undefined): Answer {
  return trouble === undefined ? plain(200, 'ok') : plain(503, trouble);
}

function plain(status: number, line: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${line}\n` };
}
