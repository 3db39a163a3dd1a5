import { disagreementsOf, type Agreement } from './agreement.ts';
import { otherNumbers, otherThings } from './summary-numbers.ts';

export interface AccuracyTable {
  /** Of what the kubelet's own numbers are compared with, and of what the walk found. */
  readonly agreements: readonly Agreement[];
  readonly walked: readonly Agreement[];
}

/** In Markdown. */
export function accuracyTable({ agreements, walked }: AccuracyTable): string {
  const rows = [
    ...agreements.map((agreement) => rowOf(agreement, '')),
    ...walked.map((agreement) => rowOf(agreement, ', by its own walk')),
    ...[...otherNumbers, ...otherThings].map(([what, , why]) => [what, '–', '–', '–', '–', why]),
  ];
  const head = ['Summary API', 'podgauge', 'compared', 'equal', 'largest difference', 'verdict'];
  return [head, head.map(() => '--'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function rowOf(agreement: Agreement, source: string): readonly string[] {
  const { place, own, compared, equal } = agreement;
  const of = own.tags?.['slice'] === undefined ? '' : ` of \`${own.tags['slice']}\``;
  const ours = `\`${own.measurement}\` \`${own.field}\`${of}${own.more === undefined ? '' : `, less ${own.more.of}`}${source}`;
  return [`\`${place}\``, ours, String(compared), String(equal), differenceIn(agreement), verdictOn(agreement)];
}

function differenceIn({ own: { kind }, largest }: Agreement): string {
  return kind === 'rate' ? `${(largest * 100).toFixed(2)} %` : largest.toLocaleString('en-US');
}

function verdictOn(agreement: Agreement): string {
  const { own, compared, failures } = agreement;
  const { other, kind } = own;
  if (other !== undefined) return `another meaning: ${other}`;
  if (compared === 0) return 'not compared';
  if (disagreementsOf(agreement).length > 0) return `${failures.length} times too far away`;
  if (failures.length > 0) return 'agrees but for one';
  return kind === 'rate' ? 'agrees, as a mean' : 'agrees';
}
