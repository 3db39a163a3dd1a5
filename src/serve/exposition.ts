/**
 * Self-metrics as text, in OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/) or in Prometheus' older format
 * (https://prometheus.io/docs/instrumenting/exposition_formats/), which knows no units, no info and no end.
 */
import type { Own } from '../own.ts';
import type { SelfMetric } from './self-metrics.ts';

export type Format = 'openmetrics' | 'prometheus';

export const contentTypes: Readonly<Record<Format, string>> = {
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
};

export function exposition(metrics: readonly SelfMetric[], own: Own, format: Format): string {
  const families = metrics.map((metric) => familyOf(metric, own, format));
  return families.join('') + (format === 'openmetrics' ? '# EOF\n' : '');
}

/** The name of a family's only sample: of a counter or an info it has a suffix. */
export function sampleName({ name, type }: Pick<SelfMetric, 'name' | 'type'>): string {
  if (type === 'counter') return `${name}_total`;
  return type === 'info' ? `${name}_info` : name;
}

/** Nothing where nothing is known of it. */
function familyOf(metric: SelfMetric, own: Own, format: Format): string {
  const samples = samplesOf(metric, own);
  if (samples.length === 0) return '';
  const { type, unit } = metric;
  const help = metric.help.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`);
  if (format === 'prometheus') {
    const name = sampleName(metric);
    return `# HELP ${name} ${help}\n# TYPE ${name} ${type === 'info' ? 'gauge' : type}\n${samples.join('')}`;
  }
  const { name } = metric;
  const unitLine = unit === undefined ? '' : `# UNIT ${name} ${unit}\n`;
  return `# TYPE ${name} ${type}\n${unitLine}# HELP ${name} ${help.replaceAll('"', String.raw`\"`)}\n${samples.join('')}`;
}

function samplesOf(metric: SelfMetric, own: Own): readonly string[] {
  const name = sampleName(metric);
  if (metric.type === 'info') return [line(name, metric.labels, 1)];
  if ('readDistribution' in metric) {
    const { count, sum, buckets = [] } = metric.readDistribution(own);
    const bounded = buckets.map((bucket) => line(`${name}_bucket`, { le: boundText(bucket.bound) }, bucket.count));
    return [...bounded, line(`${name}_count`, {}, count), line(`${name}_sum`, {}, sum)];
  }
  if ('readEach' in metric) {
    return Array.from(metric.readEach(own), ([value, number]) => line(name, { [metric.label]: value }, number));
  }
  const number = metric.read(own);
  return number === undefined ? [] : [line(name, {}, number)];
}

function line(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numberText(value)}\n`;
}

function escaped(text: string): string {
  return text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);
}

function numberText(value: number): string {
  return value === Infinity ? '+Inf' : String(value);
}

/** As a float, `1.0` too: the text of a bound is a label, and must be the same from all who expose it. */
function boundText(bound: number): string {
  return Number.isInteger(bound) ? bound.toFixed(1) : numberText(bound);
}
