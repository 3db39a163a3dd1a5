import type { Format } from './exposition.ts';

/**
 * Which format a client likes best by its `Accept` header (RFC 9110, 12.5.1): OpenMetrics where it likes both alike or says nothing, as
 * curl does, and Prometheus' older text where it does not accept OpenMetrics.
 */
export function preferredFormat(accept: string | undefined): Format {
  const ranges = (accept ?? '*/*').split(',').map(readRange);
  const openmetrics = qualityOf(ranges, ['application/openmetrics-text', 'application/*', '*/*']);
  const prometheus = qualityOf(ranges, ['text/plain', 'text/*', '*/*']);
  return openmetrics > 0 && openmetrics >= prometheus ? 'openmetrics' : 'prometheus';
}

interface Range {
  readonly type: string;
  /** From 0, which is a refusal, to 1. */
  readonly quality: number;
}

function readRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

/** The most specific name decides; of several ranges with that name, that liked best. */
function qualityOf(ranges: readonly Range[], names: readonly string[]): number {
  for (const name of names) {
    const found = ranges.filter(({ type }) => type === name);
    if (found.length > 0) return Math.max(...found.map(({ quality }) => quality));
  }
  return 0;
}
