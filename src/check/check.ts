/** `podgauge check`: can this node and this InfluxDB work? A line for each finding, each with its remedy. */
import type { Config } from '../config/config.ts';
import { createDescriptors } from '../host/descriptors.ts';
import { createProcessFinder } from '../locate/process.ts';
import { joinTargets } from '../locate/targets.ts';
import type { Target } from '../locate/targets.ts';
import { createCgroupTree } from '../locate/tree.ts';
import type { CgroupTree } from '../locate/tree.ts';
import { podsOfTree } from '../locate/unlabelled.ts';
import type { Pod } from '../model.ts';
import { createProblems } from '../problems.ts';
import type { Logger } from '../problems.ts';
import type { ClusterAccess } from '../watch/credentials.ts';
import type { Wait } from '../watch/reflector.ts';
import type { Selection } from '../watch/selection.ts';
import { checkApi } from './api.ts';
import type { ApiReport } from './api.ts';
import { checkCgroupMount, checkPodCgroups } from './cgroups.ts';
import { configurationFindings } from './configuration.ts';
import { checkFileSystems } from './file-systems.ts';
import { finding as found, lineOf } from './finding.ts';
import type { Finding, Kinds } from './finding.ts';
import { checkInflux } from './influx.ts';
import { checkOutput } from './output.ts';
import { checkDescriptors, checkMemory } from './own-limits.ts';
import { checkPodsFound } from './pods-found.ts';
import { checkProcesses } from './processes.ts';
import { checkSelinux } from './selinux.ts';

export interface CheckSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absent where no API server is asked. */
  readonly access: ClusterAccess | undefined;
  readonly selection: Selection;
  /** Of this process. */
  readonly pid: number;
  /** Takes a line without its newline. */
  print(line: string): void;
  /** Monotonic milliseconds. */
  now(): number;
  /** Unix time in milliseconds. */
  wall(): number;
  /** From 0 to below 1. */
  random(): number;
  readonly wait: Wait;
}

export const checkKinds = {
  stopped: { level: 'FAIL', what: 'check', when: 'it was stopped (SIGINT, SIGTERM) before all was looked at' },
} as const satisfies Kinds;

/** Of one request. */
const requestMilliseconds = 5000;

const quiet: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {
  // What would be logged is a finding.
}

/**
 * Prints what it finds as it finds it. Resolves with the exit code: 0 where all works, warnings or not, 1 where something does not,
 * or the signal aborted before all was looked at.
 */
export async function check(config: Config, surroundings: CheckSurroundings, signal: AbortSignal): Promise<number> {
  let failed = false;
  const tell = (findings: readonly Finding[]): void => {
    for (const finding of findings) {
      failed ||= finding.kind.level === 'FAIL';
      surroundings.print(lineOf(finding));
    }
  };
  tell(configurationFindings(config));
  const host = openHost(config, surroundings);
  tell(host.findings);
  try {
    // Both remotes at once: each may take its time to say nothing. Their lines do not mix.
    const influx = sink(config, surroundings, signal);
    influx.catch(ignore);
    const api = await cluster(config, surroundings, signal);
    tell(api.findings);
    tell(host.podFindings(api.pods));
    tell([await fileSystems(config, surroundings, api, signal)]);
    tell(await influx);
  } catch (error) {
    if (!signal.aborted) throw error;
    tell([found(checkKinds.stopped, 'stopped before all was looked at')]);
    return 1;
  } finally {
    host.close();
  }
  return failed ? 1 : 0;
}

/** What is found on this host, and what can only be said once the API server has told of the pods. */
function openHost({ host: { procRoot, cgroupRoot, maxDescriptors } }: Config, { now, pid }: CheckSurroundings) {
  const problems = createProblems(quiet);
  const reading = { procRoot, problems, descriptors: createDescriptors({ max: 0 }), now };
  const { hierarchy, findings } = checkCgroupMount(cgroupRoot);
  const tree: CgroupTree | undefined = hierarchy && createCgroupTree({ hierarchy, problems, now });
  tree?.refresh();
  const pods = tree?.pods() ?? new Map();
  return {
    findings: [
      ...findings,
      ...(hierarchy === undefined ? [] : checkPodCgroups(hierarchy, pods, problems)),
      checkSelinux({ procRoot, cgroupRoot }),
      ...checkDescriptors(reading, procRoot, maxDescriptors),
      ...(hierarchy === undefined ? [] : checkMemory({ ...reading, hierarchy, pods, pid })),
    ],
    podFindings(known: ReadonlyMap<string, Pod> | undefined): readonly Finding[] {
      if (hierarchy === undefined || tree === undefined) return [];
      const options = { ...reading, hierarchy };
      const targets: readonly Target[] = joinTargets(known ?? podsOfTree(tree), tree);
      return [
        ...(known === undefined ? [] : [checkPodsFound(known, targets, pods.size)]),
        ...checkProcesses(options, createProcessFinder(options), targets),
      ];
    },
    close: () => tree?.close(),
  };
}

async function cluster(config: Config, surroundings: CheckSurroundings, signal: AbortSignal): Promise<ApiReport> {
  const { access, selection, wall } = surroundings;
  if (access === undefined) return { findings: [] };
  const needsNode = config.collectors.includes('node') || config.fileSystems?.kind === 'kubelet';
  const problems = createProblems(quiet);
  const options = { access, node: config.nodeName, needsNode, selection, problems, timeout: requestMilliseconds, wall };
  return checkApi(options, signal);
}

function fileSystems(config: Config, surroundings: CheckSurroundings, api: ApiReport, signal: AbortSignal): Promise<Finding> {
  return checkFileSystems(
    {
      ...surroundings,
      fileSystems: config.fileSystems,
      procRoot: config.host.procRoot,
      node: config.nodeName,
      nodeRecord: api.nodeRecord,
      timeout: requestMilliseconds,
      problems: createProblems(quiet),
      log: quiet,
    },
    signal,
  );
}

async function sink({ output }: Config, { env, wall }: CheckSurroundings, signal: AbortSignal): Promise<readonly Finding[]> {
  if (output.kind !== 'influxdb') return [checkOutput(output)];
  return checkInflux({ output, env, timeoutMs: requestMilliseconds, wall }, signal);
}
