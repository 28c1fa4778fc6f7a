/**
 * The least that any program which knows a cluster must do: ask what there is, list all of it in pages of 500, parse, and drop it.
 * The baseline of every start; a process of its own, so that its memory is its own too.
 *
 *   npx node bench/null-lister.ts KUBECONFIG [CONCURRENCY]     prints {"ms":…,"objects":…,"kinds":…,"megabytes":…,"peakRssMb":…}
 */
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, get as httpGet, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, get as httpsGet } from 'node:https';
import { parse } from 'yaml';
import { peakRssMb } from './harness.ts';

interface Kubeconfig {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly 'certificate-authority'?: string } },
  ];
  readonly users?: readonly [{ readonly user: { readonly token?: string } }];
}

const [path, concurrency = '8'] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: null-lister.ts KUBECONFIG [CONCURRENCY]');
const { clusters, users } = parse(readFileSync(path, 'utf8')) as Kubeconfig;
const { server, 'certificate-authority': caFile } = clusters[0].cluster;
const token = users?.[0].user.token;
const ca = caFile === undefined ? {} : { ca: readFileSync(caFile) };
const secure = server.startsWith('https:');
const agent = secure ? new HttpsAgent({ keepAlive: true, ...ca }) : new HttpAgent({ keepAlive: true });
const discoveryType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

let bytes = 0;

/** The parsed answer; undefined for what may not be listed. */
async function fetchJson<T>(url: string, accept = 'application/json'): Promise<T | undefined> {
  const headers = { accept, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const call = secure ? httpsGet : httpGet;
    call(new URL(url, server), { agent, headers }, resolve).on('error', reject);
  });
  response.setEncoding('utf8');
  const parts: string[] = [];
  for await (const part of response) parts.push(part as string);
  const text = parts.join('');
  bytes += text.length;
  return response.statusCode === 200 ? (JSON.parse(text) as T) : undefined;
}

interface Discovery {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources?: readonly { readonly resource: string; readonly verbs: readonly string[] }[];
    }[];
  }[];
}

/** List paths of every resource, each in the first version that its group serves it in. */
async function listPaths(): Promise<string[]> {
  const paths = new Map<string, string>();
  for (const root of ['/api', '/apis']) {
    for (const { metadata, versions } of (await fetchJson<Discovery>(root, discoveryType))?.items ?? []) {
      for (const { version, resources = [] } of versions) {
        for (const { resource, verbs } of resources) {
          const key = `${metadata.name ?? ''}/${resource}`;
          if (!verbs.includes('list') || !verbs.includes('watch') || paths.has(key)) continue;
          paths.set(
            key,
            root === '/api' ? `/api/${version}/${resource}` : `/apis/${metadata.name}/${version}/${resource}`,
          );
        }
      }
    }
  }
  return [...paths.values()];
}

interface Page {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly unknown[];
}

async function countAll(list: string): Promise<number> {
  let objects = 0;
  for (let next = ''; ; ) {
    const page = await fetchJson<Page>(
      `${list}?limit=500${next === '' ? '' : `&continue=${encodeURIComponent(next)}`}`,
    );
    objects += page?.items.length ?? 0;
    next = page?.metadata.continue ?? '';
    if (next === '') return objects;
  }
}

const start = performance.now();
const paths = await listPaths();
const kinds = paths.length;
let objects = 0;
await Promise.all(
  Array.from({ length: Number(concurrency) }, async () => {
    for (let list = paths.shift(); list !== undefined; list = paths.shift()) {
      const count = await countAll(list);
      objects += count;
    }
  }),
);
const ms = performance.now() - start;
process.stdout.write(`${JSON.stringify({ ms, objects, kinds, megabytes: bytes / 1e6, peakRssMb: peakRssMb() })}\n`);
agent.destroy();
