/**
 * `node test/servers/install.ts [--check] [server…]` installs, fetches and builds all that `npm run test:all` needs; of servers only
 * those named, where some are. With `--check` it only tells. Its exit code is 1 where something is missing. What the machine itself
 * lacks is only told, too: a kernel is nothing to be installed.
 */
import { parseArgs } from 'node:util';
import type { TestProject } from 'vitest/node';
import { ensure, isBuilt, isServerName, moduleOf, toolsToBuild, type ServerName } from './build.ts';
import { missingOfHost } from './host.ts';
import { areClientsFetched, clientTools, ensureClients } from './kubectl.ts';
import { missingTools, requireTools, runtimeTools } from './tools.ts';

interface Part {
  readonly name: string;
  isThere(): Promise<boolean>;
  /** Lines that say what is needed first. */
  missing(): readonly string[];
  make(): Promise<unknown>;
}

/** What tests start that need no whole node. */
const fewServers = ['kube-apiserver', 'influxd'] as const satisfies ServerName[];
const allServers = [...fewServers, 'kube-controller-manager', 'kube-scheduler', 'kubelet'] as const satisfies ServerName[];

const host: Part = {
  name: 'host',
  isThere: async () => missingOfHost().length === 0,
  missing: () => missingOfHost(),
  async make() {
    const lines = missingOfHost();
    if (lines.length > 0) throw new Error(lines.join('\n'));
  },
};

/**
 * For vitest's globalSetup: a first run builds for minutes, which no test's own time should pay for. Who knows that the tests need
 * fewer servers names them in PODGAUGE_TEST_SERVERS. What the host lacks costs the tests that need it, which fail or are skipped, and no
 * others.
 */
export async function setup({ name }: Pick<TestProject, 'name'>): Promise<void> {
  for (const line of host.missing()) process.stderr.write(`This host lacks what some tests need: ${line}\n`);
  const servers = name === 'node' ? allServers : fewServers;
  const named = process.env['PODGAUGE_TEST_SERVERS']?.split(',');
  await visitParts(
    servers.filter((server) => named?.includes(server) ?? true),
    (part) => part.make(),
  );
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { check: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const servers = positionals.map((name) => {
    if (!isServerName(name)) throw new Error(`there is no recipe for ${name}`);
    return name;
  });
  const tell = async (part: Part): Promise<void> => {
    const start = performance.now();
    const finding = await (values.check ? check(part) : make(part));
    if (finding.startsWith('missing')) process.exitCode = 1;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    process.stdout.write(`${part.name.padEnd(24)} ${seconds.padStart(6)} s  ${finding}\n`);
  };
  await tell(host);
  await visitParts(servers.length > 0 ? servers : allServers, tell);
}

async function check(part: Part): Promise<string> {
  if (await part.isThere()) return 'there';
  return ['missing', ...part.missing()].join('\n  ');
}

async function make(part: Part): Promise<string> {
  const wasThere = await part.isThere();
  try {
    await part.make();
    return wasThere ? 'there' : 'made';
  } catch (error) {
    return ['missing', ...messageOf(error).trimEnd().split('\n')].join('\n  ');
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const packages: Part = {
  name: 'packages',
  isThere: async () => missingTools(runtimeTools).length === 0,
  missing: () => missingTools(runtimeTools),
  make: () => requireTools(runtimeTools),
};

const clients: Part = {
  name: 'kubectl and helm',
  isThere: async () => areClientsFetched(),
  missing: () => missingTools(clientTools),
  make: ensureClients,
};

function partOf(name: ServerName): Part {
  return {
    name,
    isThere: () => isBuilt(name),
    missing: () => missingTools(toolsToBuild(name)),
    make: () => ensure(name),
  };
}

/**
 * The packages first. Servers of one module share most of what is compiled: one after the other. Modules have nothing in common: beside
 * each other, since a build leaves processors idle while it fetches and while it links.
 */
async function visitParts(servers: readonly ServerName[], visit: (part: Part) => Promise<unknown>): Promise<void> {
  await visit(packages);
  const modules = Map.groupBy(servers, moduleOf).values();
  const chains = [[clients], ...Array.from(modules, (names) => names.map(partOf))];
  await Promise.all(
    chains.map(async (chain) => {
      for (const part of chain) await visit(part);
    }),
  );
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
