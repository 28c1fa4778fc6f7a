/**
 * An API server that only reads: discovery, paged lists and watches of the census, over plain HTTP on loopback. Lets the whole program
 * be measured at sizes that no API server on this machine could hold. It answers as fast as bytes can be sent.
 *
 *   npx node bench/census-server.ts [--objects 134000] [--hot-pods 0]
 *
 * Prints one line of JSON, `{"url":…,"objects":…,"pods":…,"megabytes":…}`, when it listens. Standard input: `rate N` sends N changes a second
 * to whoever watches, each labelled with the time at which it was sent; the end of input ends it.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type Change, groupOf, type KubeObject } from '../src/model/change.ts';
import { seededRandom } from '../test/support/random.ts';
import { listedAt, type Page, type Pages, pagesOf } from './pages.ts';
import { sentLabel } from './stamp.ts';
import { changesOf, churn } from './workload/churn.ts';
import { census, pageSize, startOfToken } from './workload.ts';

const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '134000' },
    'hot-pods': { type: 'string', default: '0' },
  },
});

const made = census({ objects: Number(values.objects), hotPods: Number(values['hot-pods']) });
const pages = pagesOf(made);
/** Open watches by list path. */
const watches = new Map<string, Set<ServerResponse>>();

const clusterScoped = new Set(['Namespace', 'Node', 'StorageClass', 'IngressClass', 'PersistentVolume']);
const verbs = ['get', 'list', 'watch'];

function basePath(apiVersion: string): string {
  return groupOf(apiVersion) === '' ? `/api/${apiVersion}` : `/apis/${apiVersion}`;
}

const byPath = new Map(pages.kinds.map((each) => [`${basePath(each.kind.apiVersion)}/${each.kind.plural}`, each]));

/** `apidiscovery.k8s.io/v2 APIGroupDiscoveryList` (KEP-3352). */
function aggregated(core: boolean): object {
  const groups = Map.groupBy(pages.kinds, ({ kind }) => groupOf(kind.apiVersion));
  const items = [...groups]
    .filter(([group]) => (group === '') === core)
    .map(([group, members]) => {
      const versions = Map.groupBy(members, ({ kind }) => kind.apiVersion.slice(kind.apiVersion.indexOf('/') + 1));
      return {
        metadata: { name: group, creationTimestamp: null },
        versions: [...versions].map(([version, kinds]) => ({
          version,
          freshness: 'Current',
          resources: kinds.map((each) => discovered(each, group, version)),
        })),
      };
    });
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function discovered({ kind: { kind, plural } }: Pages['kinds'][number], group: string, version: string): object {
  const scope = clusterScoped.has(kind) ? 'Cluster' : 'Namespaced';
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope,
    singularResource: kind.toLowerCase(),
    verbs,
  };
}

const json = (response: ServerResponse, status: number, body: unknown, type = 'application/json'): void => {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
};

const discoveryType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://census');
  const listed = byPath.get(pathname);
  if (pathname === '/version') json(response, 200, { major: '1', minor: '33', gitVersion: 'v1.33.5-census' });
  else if (pathname === '/api' || pathname === '/apis')
    json(response, 200, aggregated(pathname === '/api'), discoveryType);
  else if (listed === undefined) status(response, 404, 'NotFound', `the census has no ${pathname}`);
  else if (!searchParams.has('watch') || searchParams.get('watch') === 'false')
    list(response, listed.pages, searchParams.get('continue'));
  else if (searchParams.has('sendInitialEvents'))
    status(response, 422, 'Invalid', 'sendInitialEvents is not offered here');
  else watch(response, pathname);
}

function status(response: ServerResponse, code: number, reason: string, message: string): void {
  json(response, code, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code });
}

function list(response: ServerResponse, pages: readonly Page[], token: string | null): void {
  const page = pages[token === null ? 0 : startOfToken(token) / pageSize];
  if (page === undefined) status(response, 410, 'Expired', 'the continue token is not known');
  else response.writeHead(200, { 'content-type': 'application/json' }).end(readFileSync(page));
}

function watch(response: ServerResponse, path: string): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const open = watches.get(path) ?? new Set();
  watches.set(path, open.add(response));
  response.on('close', () => open.delete(response));
}

/** Objects that were made after the census. */
const born = new Set<string>();

function eventType({ type, object }: Extract<Change, { type: 'apply' | 'delete' }>): 'ADDED' | 'MODIFIED' | 'DELETED' {
  if (type === 'delete') return 'DELETED';
  const { uid = '', creationTimestamp = '' } = object.metadata;
  if (creationTimestamp < listedAt || born.has(uid)) return 'MODIFIED';
  born.add(uid);
  return 'ADDED';
}

/** Sends a change to whoever watches its kind. */
function send(change: Change): void {
  if (change.type !== 'apply' && change.type !== 'delete') return;
  const type = eventType(change);
  const kind = pages.kinds.find((each) => each.kind.kind === change.object.kind);
  if (kind === undefined) return;
  const object = change.type === 'apply' ? stamped(change.object) : change.object;
  const line = `${JSON.stringify({ type, object })}\n`;
  for (const open of watches.get(`${basePath(kind.kind.apiVersion)}/${kind.kind.plural}`) ?? []) open.write(line);
}

function stamped(object: KubeObject): KubeObject {
  const labels = { ...object.metadata.labels, [sentLabel]: String(Date.now()) };
  return { ...object, metadata: { ...object.metadata, labels } };
}

const changes = changesOf(churn(made, seededRandom(1)));
const sliceMs = 10;
let perSlice = 0;
let due = 0;
const sending = setInterval(() => {
  for (due += perSlice; due >= 1; due--) {
    const { value, done } = changes.next();
    if (!done) send(value);
  }
}, sliceMs);

const server = createServer({ keepAliveTimeout: 60_000 }, answer);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const started = {
    url: `http://127.0.0.1:${port}`,
    objects: pages.objects,
    pods: made.kinds.find(({ kind }) => kind === 'Pod')?.count ?? 0,
    megabytes: pages.megabytes,
  };
  process.stdout.write(`${JSON.stringify(started)}\n`);
});
createInterface({ input: process.stdin })
  .on('line', (line) => {
    perSlice = (Number(/^rate (\d+)$/.exec(line)?.[1] ?? 0) * sliceMs) / 1000;
  })
  .on('close', () => {
    clearInterval(sending);
    server.close();
    server.closeAllConnections();
  });
