/** The servers that no package carries: built from Go modules of the project's own, which pin every dependency by its hash. */
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { cached, cachePath, type CacheEntry } from './cache.ts';
import { run } from './command.ts';
import { requireTools, type ToolName } from './tools.ts';

interface Recipe {
  /** The folder beside this file with go.mod and go.sum. */
  readonly module: string;
  readonly package: string;
  readonly flags: readonly string[];
  readonly cgo: '0' | '1';
  readonly needs: readonly ToolName[];
}

const recipes = {
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kubelet: kubernetes('kubelet'),
  influxd: {
    module: 'influxdb',
    package: 'github.com/influxdata/influxdb/v2/cmd/influxd',
    flags: ['-tags', 'sqlite_foreign_keys,sqlite_json', '-ldflags', '-s -w -X main.version=v2.7.12'],
    cgo: '1',
    needs: ['go', 'cargo', 'gcc', 'pkg-config'],
  },
} as const satisfies Record<string, Recipe>;

export type ServerName = keyof typeof recipes;

/** The path of a server's binary, built first where it is not there yet: some minutes for each, once. */
export async function ensure(name: ServerName): Promise<string> {
  const recipe: Recipe = recipes[name];
  const folder = await cached(await entryOf(name), async (part) => {
    await requireTools(recipe.needs);
    await build(recipe, join(part, name));
  });
  return join(folder, name);
}

export async function isBuilt(name: ServerName): Promise<boolean> {
  return existsSync(cachePath(await entryOf(name)));
}

export function toolsToBuild(name: ServerName): readonly ToolName[] {
  return recipes[name].needs;
}

/** Of Go, which several servers may be of. */
export function moduleOf(name: ServerName): string {
  return recipes[name].module;
}

export function isServerName(name: string): name is ServerName {
  return Object.hasOwn(recipes, name);
}

async function entryOf(name: ServerName): Promise<CacheEntry> {
  const folder = moduleFolder(recipes[name]);
  const pins = await Promise.all(['go.mod', 'go.sum'].map((file) => readFile(join(folder, file), 'utf8')));
  return { name, inputs: [JSON.stringify(recipes[name]), ...pins] };
}

/**
 * What ends sooner: without what only debuggers read, without garbage collection while there is room, and without optimization of what is
 * no Go: the compiler of Flux and SQLite, of which InfluxDB uses little.
 */
const sooner = {
  GOFLAGS: '-gcflags=all=-dwarf=false',
  GOGC: 'off',
  GOMEMLIMIT: '2GiB',
  CGO_CFLAGS: '-O0',
  CARGO_PROFILE_RELEASE_LTO: 'off',
  CARGO_PROFILE_RELEASE_OPT_LEVEL: '0',
};

async function build(recipe: Recipe, output: string): Promise<void> {
  // A user's own GOFLAGS or workspace would build something else than what is pinned.
  const go = { CGO_ENABLED: recipe.cgo, GOWORK: 'off', ...sooner };
  const scratch = await mkdtemp(join(tmpdir(), 'podgauge-build-'));
  try {
    const env = recipe.module === 'influxdb' ? { ...go, ...(await fluxEnvironment(scratch, go)) } : go;
    await run('go', ['build', ...recipe.flags, '-o', output, recipe.package], { cwd: moduleFolder(recipe), env });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Flux is partly Rust. A program called pkg-config that InfluxData wrote builds that part during `go build`, and calls the
 * true one for all else. It denies warnings which newer compilers have added, and RUSTFLAGS does not reach its own build
 * scripts, hence a wrapper of rustc that caps them. It names a Rust version too, which need not be installed.
 */
async function fluxEnvironment(scratch: string, go: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const bin = join(scratch, 'bin');
  const wrapper = join(scratch, 'rustc');
  await mkdir(bin);
  await run('go', ['install', 'github.com/influxdata/pkg-config'], {
    cwd: moduleFolder(recipes.influxd),
    env: { ...go, GOBIN: bin },
  });
  await writeFile(wrapper, '#!/bin/sh\ncompiler=$1\nshift\nexec "$compiler" "$@" --cap-lints allow\n');
  await chmod(wrapper, 0o755);
  const env = { PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`, RUSTC_WRAPPER: wrapper };
  const toolchain = await activeRustToolchain();
  return toolchain === undefined ? env : { ...env, RUSTUP_TOOLCHAIN: toolchain };
}

async function activeRustToolchain(): Promise<string | undefined> {
  try {
    const [toolchain] = (await run('rustup', ['show', 'active-toolchain'])).split(' ');
    return toolchain?.trim();
  } catch {
    // Rust from a distribution has no rustup and needs no choice.
    return undefined;
  }
}

/** Static: nothing of the machine's C library gets in, so that they run inside other kernels and roots too. */
function kubernetes(name: string): Recipe {
  const version = 'v1.36.3';
  const variables = {
    'k8s.io/component-base/version.gitVersion': version,
    'k8s.io/component-base/version.gitMajor': '1',
    'k8s.io/component-base/version.gitMinor': '36',
    'k8s.io/client-go/pkg/version.gitVersion': version,
  };
  const setters = Object.entries(variables).map(([variable, value]) => `-X ${variable}=${value}`);
  return {
    module: 'kubernetes',
    package: `k8s.io/kubernetes/cmd/${name}`,
    flags: ['-ldflags', ['-s', '-w', ...setters].join(' ')],
    cgo: '0',
    needs: ['go'],
  };
}

function moduleFolder(recipe: Recipe): string {
  return join(import.meta.dirname, recipe.module);
}
