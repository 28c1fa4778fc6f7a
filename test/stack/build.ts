/**
 * Builds the real components from their Go modules, or fetches them from Maven Central, once per version, into the user's cache folder
 * (`$XDG_CACHE_HOME/kube-kg/stack/NAME-VERSION`, by default under `~/.cache`).
 * A folder that exists is complete: it is built beside its place and renamed when everything succeeded. Two builds at once wait for each other.
 */
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { exists, run, withLock } from './runner.ts';

interface GoRecipe {
  readonly version: string;
  /** Import paths of the commands; the name of each program is the last part of its path unless `program` is given. */
  readonly commands: readonly string[];
  /** Source of the program, when the module's own command brings more than we need. Its commands are then only fetched. */
  readonly main?: string;
  readonly program?: string;
  readonly ldflags?: string;
  /** Kubernetes points at folders beside its sources; its published modules replace them. */
  readonly staging?: boolean;
  /** A folder of YAML files in the module that the program needs at run time; copied to `files/`. */
  readonly files?: { readonly module: string; readonly under: string };
}

/** A program of Maven Central: its archives and those it needs, in `lib/`. */
interface MavenRecipe {
  readonly version: string;
  /** `group:artifact` */
  readonly maven: string;
}

type Recipe = GoRecipe | MavenRecipe;

const kubernetes = '1.36.3';
const info = 'k8s.io/component-base/version';
const containerd = 'github.com/containerd/containerd/v2/cmd';
const plugins = 'github.com/containernetworking/plugins/plugins';

/** CoreDNS with the plugins of a cluster's DNS only: its own command has fifty, with the clients of three clouds, and takes minutes to build. */
const corednsMain = `package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/template"
)

func main() {
	dnsserver.Directives = []string{"ready", "errors", "cache", "kubernetes", "template"}
	coremain.Run()
}
`;

const recipes = {
  kubernetes: {
    version: kubernetes,
    commands: [
      ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet', 'kubectl'].map(
        (name) => `k8s.io/kubernetes/cmd/${name}`,
      ),
    ],
    ldflags: `-X ${info}.gitVersion=v${kubernetes} -X ${info}.gitMajor=1 -X ${info}.gitMinor=${kubernetes.split('.')[1]}`,
    staging: true,
  },
  etcd: { version: '3.6.16', commands: ['go.etcd.io/etcd/server/v3'], program: 'etcd' },
  kwok: {
    version: '0.8.0',
    commands: ['sigs.k8s.io/kwok/cmd/kwok'],
    files: { module: 'sigs.k8s.io/kwok', under: 'kustomize/stage' },
  },
  containerd: {
    version: '2.4.2',
    commands: [`${containerd}/containerd`, `${containerd}/containerd-shim-runc-v2`, `${containerd}/ctr`],
  },
  cni: {
    version: '1.9.1',
    commands: [
      `${plugins}/main/ptp`,
      `${plugins}/main/loopback`,
      `${plugins}/ipam/host-local`,
      `${plugins}/meta/portmap`,
    ],
  },
  coredns: { version: '1.14.7', commands: ['github.com/coredns/coredns'], program: 'coredns', main: corednsMain },
  kubeconform: { version: '0.8.0', commands: ['github.com/yannh/kubeconform/cmd/kubeconform'] },
  'metrics-server': { version: '0.7.2', commands: ['sigs.k8s.io/metrics-server/cmd/metrics-server'] },
  'kube-state-metrics': {
    version: '2.18.0',
    commands: ['k8s.io/kube-state-metrics/v2'],
    program: 'kube-state-metrics',
  },
  neo4j: { version: '5.26.30', maven: 'org.neo4j:neo4j' },
} as const satisfies Record<string, Recipe>;

export type Artifact = keyof typeof recipes;

/** Everything that `startCluster` and `startNeo4j` may need, in the order of building. */
export const testedArtifacts: readonly Artifact[] = [
  'kubernetes',
  'etcd',
  'kwok',
  'containerd',
  'cni',
  'coredns',
  'kubeconform',
  'neo4j',
];

/** The folder of an artifact's programs, built when absent. Throws with the compiler's output when that fails. */
export async function built(artifact: Artifact): Promise<string> {
  const recipe: Recipe = recipes[artifact];
  const root = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kube-kg', 'stack');
  const target = join(root, `${artifact}-${recipe.version}`);
  if (await exists(target)) return target;
  await mkdir(root, { recursive: true });
  return withLock(target, async () => {
    if (await exists(target)) return target;
    const startedAt = Date.now();
    process.stderr.write(`stack: building ${artifact} ${recipe.version}, once …\n`);
    const draft = `${target}.draft`;
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true });
    await ('maven' in recipe ? fetchMaven(recipe, draft) : build(recipe, draft));
    await rename(draft, target);
    process.stderr.write(`stack: built ${artifact} in ${Math.round((Date.now() - startedAt) / 1000)} s\n`);
    return target;
  });
}

const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

async function fetchMaven({ maven, version }: MavenRecipe, directory: string): Promise<void> {
  const [group, artifact] = maven.split(':');
  const pom = join(directory, 'pom.xml');
  await writeFile(
    pom,
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>stack</groupId><artifactId>build</artifactId><version>1</version><packaging>pom</packaging>
<dependencies><dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency></dependencies>
</project>
`,
  );
  const options = ['-DincludeScope=runtime', `-DoutputDirectory=${join(directory, 'lib')}`];
  await run(['mvn', '-q', '-B', '-ntp', '-f', pom, copyDependencies, ...options]);
}

async function build(recipe: GoRecipe, directory: string): Promise<void> {
  const go = (...args: string[]): Promise<string> =>
    run(['go', ...args], { cwd: directory, env: { CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOWORK: 'off' } });
  await go('mod', 'init', 'stack/build');
  const version = `v${recipe.version}`;
  if (recipe.staging) {
    const { GoMod } = JSON.parse(await go('mod', 'download', '-json', `k8s.io/kubernetes@${version}`)) as {
      GoMod: string;
    };
    const staged = (await readFile(GoMod, 'utf8')).matchAll(/^\s+(k8s\.io\/[a-z0-9-]+) => \.\/staging/gm);
    const published = version.replace('v1.', 'v0.');
    await go('mod', 'edit', ...[...staged].map(([, module]) => `-replace=${module}=${module}@${published}`));
  }
  if (recipe.main) await writeFile(join(directory, 'main.go'), recipe.main);
  await go('get', '-tool', ...recipe.commands.map((command) => `${command}@${version}`));
  const output = recipe.program ? join(directory, recipe.program) : `${directory}/`;
  await go(
    'build',
    '-ldflags',
    `-s -w ${recipe.ldflags ?? ''}`,
    '-o',
    output,
    ...(recipe.main ? ['.'] : recipe.commands),
  );
  if (recipe.files) {
    const folder = (await go('list', '-m', '-f', '{{.Dir}}', recipe.files.module)).trim();
    await copyYaml(join(folder, recipe.files.under), join(directory, 'files'));
  }
}

/** Copies the YAML files of a folder and of those below it; Go's module cache is read-only, the copies are not. */
async function copyYaml(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.yaml') || basename(entry.parentPath) === 'testdata') continue;
    const target = join(to, entry.parentPath.slice(from.length), entry.name);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(join(entry.parentPath, entry.name), target);
  }
}
