/** The product as users run it beside a cluster: `kube-kg serve` in a process of its own, asked over HTTP. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Resource } from '../../src/model/resource.ts';
import type { Cluster } from './components/kubernetes.ts';
import { comparisonKey } from './observer.ts';
import { loopback, Runner, waitFor } from './runner.ts';

const program = resolve(import.meta.dirname, '../../src/main.ts');
const NAME = 'serve';

export interface Served extends AsyncDisposable {
  readonly url: string;
  /** A JSON document of its API; throws when the status is not 2xx. */
  get<T>(path: string): Promise<T>;
  post(path: string): Promise<number>;
  /** The graph document of what it knows now, computed edges included. */
  document(): Promise<string>;
  /** Resident memory, in MB. */
  memory(): Promise<number>;
  /** Ends it as a machine that fails would. */
  kill(): Promise<void>;
  /** False once it has ended. */
  alive(): boolean;
  /** What it has logged. */
  log(): Promise<string>;
}

/** Starts it and returns once it answers; `await using` ends it. `settings` are environment variables; without one for it, no history is kept. */
export async function serve(
  cluster: Pick<Cluster, 'name' | 'directory' | 'kubeconfig'>,
  settings: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const port = await loopback.port(0);
  const url = `http://127.0.0.1:${port}`;
  const runner = new Runner(cluster.directory, loopback, false);
  const variables = Object.entries({
    KG_REDACTION_KEY: comparisonKey,
    KG_HISTORY_ENABLED: String(settings['KG_HISTORY_URL'] !== undefined),
    ...settings,
  }).map((pair) => pair.join('='));
  const flags = ['--kubeconfig', cluster.kubeconfig, '--context', cluster.name, '--port', String(port)];
  await runner.start({
    name: NAME,
    argv: ['env', ...variables, process.execPath, program, 'serve', ...flags],
    ready: async () => (await fetch(`${url}/healthz/live`)).ok,
  });
  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(url + path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    url,
    get,
    post: async (path) => (await fetch(url + path, { method: 'POST' })).status,
    document: async () => documentFrom(await get<Exported>('/api/v1/export?computed=true')),
    memory: async () => {
      const status = await readFile(`/proc/${runner.pid(NAME)}/status`, 'utf8');
      return Number(/VmRSS:\s*(\d+)/.exec(status)?.[1]) / 1024;
    },
    kill: async () => {
      const pid = runner.pid(NAME);
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      await waitFor('the server to be gone', async () => !runner.alive(NAME), 10_000);
    },
    alive: () => runner.alive(NAME),
    log: () => readFile(`${cluster.directory}/${NAME}.log`, 'utf8'),
    [Symbol.asyncDispose]: () => runner.stop(NAME),
  };
}

interface Exported {
  readonly resources: readonly Resource[];
  readonly edges: readonly object[];
  readonly dangling: readonly object[];
}

/** The export with its resources reduced to what the graph document says of them, in the document's own words (`graphDocument`). */
function documentFrom({ resources, edges, dangling }: Exported): string {
  const named = resources.map(({ id, cluster, group, kind, namespace, name, uid, pseudo, health }) => {
    return { id, cluster, group, kind, namespace, name, uid, pseudo, health: health.status };
  });
  const lines = (rows: readonly object[]): string => rows.map((row) => `\n${JSON.stringify(row)}`).join(',');
  return `{"resources":[${lines(named)}\n],\n"edges":[${lines(edges)}\n],\n"dangling":[${lines(dangling)}\n]}\n`;
}

/** Waits until every kind that may be read has been listed. */
export async function allListed(served: Served): Promise<void> {
  await waitFor('the server to be ready', async () => (await fetch(`${served.url}/healthz/ready`)).ok, 120_000);
}
