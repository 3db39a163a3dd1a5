/** The chart, rendered by the real helm. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseAllDocuments, stringify } from 'yaml';
import type { ApiObject } from '../servers/api-client.ts';
import { ensureClients } from '../servers/kubectl.ts';

const root = join(import.meta.dirname, '../..');
export const chartFolder = join(root, 'charts/podgauge');

/** An object as a template has it. */
export interface Manifest extends ApiObject {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly rules?: readonly Rule[];
}

export interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The values files that the chart is tried with, by the part of the name that tells them apart. */
export function valuesFiles(): readonly string[] {
  return readdirSync(join(chartFolder, 'ci')).map((name) => name.replace('-values.yaml', ''));
}

export function valuesFile(name: string): string {
  return join(chartFolder, 'ci', `${name}-values.yaml`);
}

/** What the cluster is said to be: a new one, with the Prometheus Operator, and OpenShift as well. */
export const newCluster = [
  ...['--kube-version', '1.36.0', '--api-versions', 'monitoring.coreos.com/v1', '--api-versions', 'security.openshift.io/v1'],
];

export interface Rendering {
  readonly release?: string;
  readonly file?: string;
  readonly values?: object;
  readonly cluster?: readonly string[];
  readonly namespace?: string;
}

export async function helm(args: readonly string[], input = ''): Promise<Outcome> {
  const clients = await ensureClients();
  return runWithInput(clients.helm, args, input);
}

export async function runWithInput(command: string, args: readonly string[], input: string): Promise<Outcome> {
  const child = spawn(command, args, { stdio: 'pipe' });
  child.stdin.end(input);
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number>((resolve, reject) => child.once('error', reject).once('close', (status) => resolve(status ?? -1))),
  ]);
  return { code, stdout, stderr };
}

export async function template({
  release = 'podgauge',
  file,
  values = {},
  cluster = newCluster,
  namespace = 'podgauge',
}: Rendering): Promise<Outcome> {
  const files = file === undefined ? [] : ['--values', valuesFile(file)];
  const args = ['template', release, chartFolder, '--namespace', namespace, ...cluster, ...files, '--values', '-'];
  return helm(args, stringify(values));
}

/** Throws what helm complained about. */
export async function render(rendering: Rendering): Promise<string> {
  const { code, stdout, stderr } = await template(rendering);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

export function manifestsIn(rendered: string): readonly Manifest[] {
  return parseAllDocuments(rendered).flatMap((document): readonly Manifest[] => {
    for (const error of document.errors) throw error;
    const object: Manifest | null = document.toJS();
    return object === null ? [] : [object];
  });
}
