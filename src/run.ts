/** Puts the parts together for one run, and takes them apart again. */
import type { Writable } from 'node:stream';
import { createAgent } from './agent.ts';
import type { Clock } from './agent.ts';
import { createHost } from './collect/host.ts';
import type { BetweenCycles } from './collect/host.ts';
import { openCardinality } from './cardinality.ts';
import { accessOf, openAlways, openCluster } from './cluster.ts';
import type { Learning } from './cluster.ts';
import { createEventWatches } from './collect/event-watches.ts';
import { createTracker } from './collect/tracker.ts';
import type { Config } from './config/config.ts';
import { configured } from './config/error.ts';
import { createHeld, withoutHeld } from './derive/held.ts';
import { createRates } from './derive/rates.ts';
import { phaseOf } from './grid.ts';
import { createHeartbeat } from './heartbeat.ts';
import { createDescriptors, reservedDescriptors } from './host/descriptors.ts';
import { parseOpenFilesLimit } from './host/limits.ts';
import { readLastRun } from './last-run.ts';
import { detectHierarchy } from './locate/hierarchy.ts';
import { readOnce } from './locate/process-files.ts';
import { createProcessFinder } from './locate/process.ts';
import { createSliceList } from './locate/slices.ts';
import { cgroupSource, kubernetesSource } from './locate/source.ts';
import { createCgroupTree } from './locate/tree.ts';
import { podsOfTree } from './locate/unlabelled.ts';
import { diagnoseVisibility } from './locate/visibility.ts';
import type { Pod } from './model.ts';
import { openFileSystems } from './open-file-systems.ts';
import type { Own, OwnUsage } from './own.ts';
import { createProblems, faultOf } from './problems.ts';
import type { Logger } from './problems.ts';
import { createProgress } from './progress.ts';
import { serve } from './serve/serve.ts';
import { createTarget } from './write/create-target.ts';
import { createWriter } from './write/writer.ts';

/** What the process has from outside. */
export interface Surroundings extends Clock {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Writable;
  readonly log: Logger;
  /** From 0 to below 1. */
  random(): number;
  ownUsage(): OwnUsage;
}

/** Slices and services of the host that are read. */
const mostSlices = 500;
/** Event files of cgroups that are watched: two of a pod, one of a container. */
const mostEventWatches = 4096;

function build(config: Config, surroundings: Surroundings, learning: Learning, stop: AbortController) {
  const { log, now, wall, wait, random } = surroundings;
  const problems = createProblems(log);
  const hierarchy = configured(() => detectHierarchy(config.host.cgroupRoot));
  const { procRoot } = config.host;
  const open = readOnce(
    { problems, descriptors: createDescriptors({ max: 0 }), now },
    '/proc/self/limits',
    '',
    parseOpenFilesLimit,
  )?.soft;
  const room = open === undefined || open === 'unlimited' ? Infinity : Number(open) - reservedDescriptors;
  const descriptors = createDescriptors({ max: Math.max(0, Math.min(config.host.maxDescriptors, room)) });
  const processHost = { hierarchy, procRoot, problems, descriptors, now };
  for (const line of diagnoseVisibility(processHost)) log.warn({}, line);

  const startedAt = Math.round(wall());
  const startedNow = now();
  const host = createHost({
    ...processHost,
    processes: createProcessFinder(processHost),
    collectors: config.collectors,
    startedAt: () => Math.round(wall() - (now() - startedNow)),
    exists: (uid) => exists(uid),
    between: hierarchy.version === 2 && config.periodMs > 0 ? openBetween() : undefined,
  });
  const nodeTags = { cluster: config.clusterName, node: config.nodeName };
  const rates = createRates();
  const tree = createCgroupTree(processHost);
  const cluster = openCluster({ ...surroundings, ...learning, config, host: processHost });
  const fileSystems = openFileSystems({ config, host, cluster, log, wall, random, wait, targets: () => source.look().targets });
  const pods = (): ReadonlyMap<string, Pod> => cluster?.pods.snapshot() ?? podsOfTree(tree);
  const exists = (uid: string): boolean =>
    cluster === undefined ? tree.find(uid) !== undefined : cluster.pods.snapshot().has(uid);
  const isStarting = (): boolean => cluster?.pods.ready === false;
  const cardinality = openCardinality({ config, nodeTags, log, now, exists, isStarting });
  const { podTags } = cardinality;
  const held = cluster === undefined ? undefined : createHeld({ podTags, watch: cluster.pods, log, now });
  const always = openAlways({ config, host, nodeTags, podTags, cluster, fileSystems, pods });
  const tracker = createTracker({ host, nodeTags, podTags, forget: rates.forget, always });
  const slices = config.collectors.includes('system') ? createSliceList({ ...processHost, limit: mostSlices }) : undefined;
  // One collection alone waits for the names.
  const isSandbox = config.periodMs > 0 ? host.processes.isSandbox : undefined;
  const source = cluster === undefined ? cgroupSource(tree, slices) : kubernetesSource(cluster.pods, tree, slices, isSandbox);
  const reader = new AbortController();
  const onClosed = (): void => {
    reader.abort();
    stop.abort();
  };
  const target = configured(() => createTarget(config, { ...surroundings, onClosed }));
  const { encoder } = cardinality;
  const writer = createWriter({ maxBytes: config.queueMaxBytes, target, now, random, wait, log, encoder });
  const progress = createProgress(now);
  const own: Own = {
    startedAt,
    progress,
    tracker,
    rates,
    descriptors,
    problems,
    writer,
    queueMaxBytes: config.queueMaxBytes,
    watch: cluster?.pods,
    held: held?.stats,
    savingProblems: cluster?.savingProblems,
    meters: host.meters,
    cardinality,
    now,
    usage: surroundings.ownUsage,
  };
  const agent = createAgent({
    source,
    tracker,
    rates,
    fold: withoutHeld(cardinality.fold, held),
    named: () => held?.named() ?? [],
    clock: surroundings,
    progress,
    concurrency: config.concurrency,
    write: writer.write,
    flush: writer.flush,
    heartbeat: createHeartbeat(own, nodeTags),
    fault: (unit, err) => problems.report(faultOf(unit.owner, err, 'Cannot read a unit')),
  });
  function openBetween(): BetweenCycles {
    const fault = (err: unknown): void => problems.report(faultOf('', err, 'Cannot read what the kernel told of'));
    const events = createEventWatches({ max: mostEventWatches, problems, now, wait, signal: stop.signal, fault });
    return { events, tell: (readings) => agent.tell(readings) };
  }
  /** What is learned from elsewhere than this host's own kernel, until the signal aborts. */
  const learn = async (signal: AbortSignal): Promise<void> => {
    await Promise.all([cluster?.run(signal), fileSystems?.run(signal)]);
  };
  return { agent, learn, source, own, writer, hierarchy, readerGone: reader.signal };
}

/** Collects every period until it is told to stop, then sends what is left. Resolves with the exit code. */
export async function run(config: Config, surroundings: Surroundings, stop: AbortController): Promise<number> {
  const { log } = surroundings;
  for (const warning of config.warnings) log.warn({}, warning);
  const { signal } = stop;
  const access = await accessOf(config.source, surroundings.env);
  const lastRun = await readLastRun(config, surroundings.wait, signal);
  const { agent, learn, source, own, writer, hierarchy, readerGone } = build(config, surroundings, { access, lastRun }, stop);
  const { listen, periodMs } = config;
  const server = listen && (await serve(listen, { own, source, periodMs }, log));
  log.info({ source: config.source.kind, cgroups: hierarchy.kind, periodMs }, 'podgauge has started');

  // Sending goes on through the drain, on a signal of its own.
  const sending = new AbortController();
  const sent = writer.run(sending.signal);
  const grid = { period: periodMs, phase: phaseOf(config.nodeName, periodMs) };
  await Promise.all([learn(signal), agent.run(grid, signal)]);
  await server?.close();

  const deadline = AbortSignal.any([readerGone, AbortSignal.timeout(config.shutdownTimeoutMs)]);
  sending.abort();
  await sent;
  const late = await writer.close(deadline);
  if (late > 0 && !readerGone.aborted) log.warn({ points: late }, 'Points are lost: the target did not take them in time');
  const unnamed = own.held?.points ?? 0;
  if (unnamed > 0 && !readerGone.aborted) {
    log.warn({ points: unnamed }, 'Points are lost: the API server has not named their pods before the end');
  }
  log.info({}, 'podgauge has stopped');
  return 0;
}

/** How long `once` waits for the API server to list the pods. */
const firstListMilliseconds = 30_000;

/** One collection, as soon as the pods are known. Resolves with the exit code: 1 where they never were. */
export async function once(config: Config, surroundings: Surroundings, stop: AbortController): Promise<number> {
  const { log, now, wait } = surroundings;
  const access = await accessOf(config.source, surroundings.env);
  const parts = build({ ...config, periodMs: 0 }, surroundings, { access }, stop);
  const watching = parts.learn(stop.signal);
  const deadline = now() + firstListMilliseconds;
  while (!parts.source.ready && !stop.signal.aborted && now() < deadline) await wait(20, stop.signal);
  if (parts.source.ready) {
    await parts.agent.cycle(config.shutdownTimeoutMs, stop.signal);
    await parts.writer.close(AbortSignal.timeout(config.shutdownTimeoutMs));
  } else {
    log.error({}, 'Cannot collect: the API server did not list the pods of this node');
  }
  stop.abort();
  await watching;
  return parts.source.ready ? 0 : 1;
}
