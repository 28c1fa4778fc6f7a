/**
 * A KubeView v2 on a world of objects that a test changes. It stands in for the real one (github.com/benc-uk/kubeview, Go), which cannot be
 * installed where the tests run; nobody has held it against a running KubeView. It follows, endpoint by endpoint, what reading its source at tag
 * 2.2.0 and of the library it stands on (benc-uk/go-rest-api 1.0.15) says of the parts that a follower uses, faults included:
 *
 * - `/api/namespaces`: in the order of the API, without those of the filter; 500 when none is left.
 * - `/api/fetch/{namespace}?clientID=`: 15 keys, endpointslices or endpoints by the version of the cluster; `null` for what cannot be listed; cut
 *   at 1,000 without a word; managedFields left out; values of Secrets and ConfigMaps `*REDACTED*`. The id leaves all groups and joins that of the
 *   namespace before anything is checked. 400 is plain text, 403, 404 and 500 are `{type, title, status, detail, instance}`.
 * - `/updates?clientID=`: bare objects as `add`, `update`, `delete`, and `ping` with `null`; no ids, no replay; headers go out with the first
 *   event; DaemonSets never come, Secrets and ConfigMaps come as they are; everything is sent again each minute as `update`.
 * - One stream for an id: a second connection replaces the first, and when either ends, the id has none.
 * - Each kind has one informer, which hands an event to one member of the group after the other and waits for each: a slow reader stops the kind
 *   for everybody, and a member without a stream stops it for good (`hazards` counts how often one was made).
 * - A deletion that the informer learns of only by listing again ("final state unknown") ends the process.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { drained } from '../../src/lib/streams.ts';
import type { KubeObject } from '../../src/model/change.ts';

/** Key of a fetch → kind, and whether changes of it are streamed. */
const KEYS: Readonly<Record<string, readonly [kind: string, streamed: boolean]>> = {
  pods: ['Pod', true],
  services: ['Service', true],
  deployments: ['Deployment', true],
  replicasets: ['ReplicaSet', true],
  statefulsets: ['StatefulSet', true],
  daemonsets: ['DaemonSet', false],
  jobs: ['Job', true],
  cronjobs: ['CronJob', true],
  ingresses: ['Ingress', true],
  configmaps: ['ConfigMap', true],
  secrets: ['Secret', true],
  persistentvolumeclaims: ['PersistentVolumeClaim', true],
  events: ['Event', true],
  horizontalpodautoscalers: ['HorizontalPodAutoscaler', true],
  endpointslices: ['EndpointSlice', true],
  endpoints: ['Endpoints', true],
};
const LIMIT = 1_000;
const UNABLE = 'the server is currently unable to handle the request';

export interface KubeviewOptions {
  readonly objects?: readonly KubeObject[];
  /** Those of the objects unless given. */
  readonly namespaces?: readonly string[];
  /** Minor version of the cluster, compared as text: from "33" on it tells of EndpointSlices. */
  readonly minor?: string;
  readonly clusterHost?: string;
  /** Namespaces to leave out. */
  readonly namespaceFilter?: RegExp;
  /** The only namespace that may be fetched. */
  readonly singleNamespace?: string;
  /** 10 and 60 seconds in the original. */
  readonly pingMs?: number;
  readonly resyncMs?: number;
  /** Sends `{type, object}`, as other versions may. */
  readonly wrapped?: boolean;
}

type EventType = 'add' | 'update' | 'delete';

/** What a process forgets when it dies. */
class Memory {
  /** One stream an id. */
  readonly streams = new Map<string, ServerResponse>();
  /** Namespace → ids. */
  readonly groups = new Map<string, Set<string>>();
  /** Kind → what its informer is busy with. */
  readonly informers = new Map<string, Promise<void>>();
}

export class Kubeview implements AsyncDisposable {
  url = '';
  readonly objects: KubeObject[];
  readonly namespaces: string[];
  /** Kinds that cannot be listed. */
  readonly unlistable = new Set<string>();
  /** `path?query` of every request so far. */
  readonly asked: string[] = [];
  /** When streams were asked for, in milliseconds. */
  readonly opened: number[] = [];
  /** Fetches under an id that had no stream. */
  hazards = 0;
  /** Every answer of the API behind it fails. */
  failing = false;
  /** It hangs: connections stay, and nothing comes. */
  mute = false;
  /** Lets a test in between: the id has joined, nothing is listed yet; everything is listed, nothing is answered yet. */
  joined: () => unknown = () => undefined;
  listed: () => unknown = () => undefined;
  readonly #options: KubeviewOptions;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #http = createServer((request, response) => void this.#answer(request, response));
  #memory = new Memory();
  #version = 1_000;

  constructor(options: KubeviewOptions = {}) {
    this.#options = options;
    this.objects = [...(options.objects ?? [])];
    const named = this.objects.flatMap(({ metadata }) => metadata?.namespace ?? []);
    this.namespaces = [...(options.namespaces ?? new Set(named))];
  }

  /** Begins to listen, again on the same port after it has ended. */
  async start(): Promise<this> {
    const { pingMs = 10_000, resyncMs = 60_000 } = this.#options;
    const port = this.url === '' ? 0 : Number(new URL(this.url).port);
    await new Promise<void>((resolve) => this.#http.listen(port, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
    this.#timers.push(
      setInterval(() => this.ping(), pingMs),
      setInterval(() => this.resync(), resyncMs),
    );
    return this;
  }

  /** As a process that dies: every connection breaks, everything is forgotten, nobody listens. */
  async die(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    this.#memory = new Memory();
    const closed = new Promise((resolve) => this.#http.close(resolve));
    this.#http.closeAllConnections();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#http.listening ? this.die() : Promise.resolve();
  }

  /** Makes or changes an object, as the cluster would: with a new version. */
  put(object: KubeObject, told = true): KubeObject {
    const { uid, kind } = {
      uid: object.metadata.uid ?? `uid-${object.kind}-${object.metadata.name}`,
      kind: object.kind,
    };
    const stored = { ...object, metadata: { ...object.metadata, uid, resourceVersion: String(++this.#version) } };
    const at = this.objects.findIndex(({ metadata }) => metadata?.uid === uid);
    if (at < 0) this.objects.push(stored);
    else this.objects[at] = stored;
    if (told) this.tell(kind, at < 0 ? 'add' : 'update', stored);
    return stored;
  }

  /** Deletes an object. `told`: the informer sees it; otherwise nobody ever hears of it. */
  remove(object: KubeObject, told = true): void {
    const at = this.objects.findIndex(({ metadata }) => metadata?.uid === object.metadata.uid);
    const [gone] = at < 0 ? [] : this.objects.splice(at, 1);
    if (gone !== undefined && told) this.tell(gone.kind, 'delete', gone);
  }

  /** Deletes an object while the informer's watch is down; that it is gone is learned from the next list, and ends the process. */
  async removeUnseen(object: KubeObject): Promise<void> {
    this.remove(object, false);
    await this.die();
  }

  /** An informer's event, handed to one member of the namespace's group after the other. */
  tell(kind: string, type: EventType, object: KubeObject): void {
    if (!Object.values(KEYS).some(([known, streamed]) => known === kind && streamed)) return;
    const memory = this.#memory;
    const before = memory.informers.get(kind) ?? Promise.resolve();
    memory.informers.set(
      kind,
      before.then(async () => {
        for (const id of memory.groups.get(object.metadata?.namespace ?? '') ?? []) {
          const stream = memory.streams.get(id);
          // A channel that is not there is waited for for ever.
          if (stream === undefined) await new Promise(() => undefined);
          else await this.#send(stream, type, this.#options.wrapped ? { type: type.toUpperCase(), object } : object);
        }
      }),
    );
  }

  /** Every object again, changed or not. */
  resync(): void {
    for (const object of this.objects) this.tell(object.kind, 'update', object);
  }

  ping(): void {
    for (const stream of this.#memory.streams.values()) void this.#send(stream, 'ping', null);
  }

  /** Writes into the streams what no version of KubeView should: for what a reader must survive. */
  write(text: string): void {
    for (const stream of this.#memory.streams.values()) stream.write(text);
  }

  /** Resolves when the informer of a kind has handed on what it was given; rejects when it takes more than five seconds. */
  async idle(kind: string): Promise<void> {
    let isIdle = false;
    void this.#memory.informers.get(kind)?.then(() => {
      isIdle = true;
    });
    await until(() => isIdle, `the informer of ${kind}`);
  }

  /** Breaks every stream, and nothing else. */
  cut(): void {
    for (const stream of this.#memory.streams.values()) stream.destroy();
  }

  /** Ids that have a stream, and the members of a group. */
  get ids(): readonly string[] {
    return [...this.#memory.streams.keys()];
  }

  group(namespace: string): readonly string[] {
    return [...(this.#memory.groups.get(namespace) ?? [])];
  }

  async #send(stream: ServerResponse, type: string, data: unknown): Promise<void> {
    if (stream.destroyed || this.mute) return;
    stream.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
    await drained(stream);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    this.asked.push(`${url.pathname}${url.search}`);
    response.setHeader('access-control-allow-origin', '*');
    const id = url.searchParams.get('clientID') ?? '';
    const [, namespace] = /^\/api\/fetch\/([^/]+)$/.exec(url.pathname) ?? [];
    if (url.pathname === '/health') return text(response, 200, 'OK: Service is healthy');
    if (url.pathname === '/api/namespaces') return this.#listNamespaces(url, response);
    if (url.pathname === '/updates') return id === '' ? noId(response) : this.#stream(id, response);
    if (namespace !== undefined)
      return id === '' ? noId(response) : this.#fetch(url, decodeURIComponent(namespace), id, response);
    return text(response, 200, '<!doctype html><title>KubeView</title>', 'text/html; charset=utf-8');
  }

  #listNamespaces(url: URL, response: ServerResponse): void {
    const { clusterHost = 'https://10.0.0.1:6443', namespaceFilter } = this.#options;
    const namespaces = this.namespaces.filter((name) => !namespaceFilter?.test(name));
    const fault = this.failing ? UNABLE : namespaces.length === 0 ? 'no namespaces match the filter' : undefined;
    if (fault !== undefined) {
      problem(response, url, 500, 'handleNamespaceList', fault, 'namespace list');
      return;
    }
    // podLogsEnabled is declared and never filled in.
    const more = {
      version: '2.2.0',
      buildInfo: 'No build info available',
      mode: 'out-of-cluster',
      podLogsEnabled: false,
    };
    json(response, 200, { namespaces, clusterHost, ...more });
  }

  #stream(id: string, response: ServerResponse): void {
    const memory = this.#memory;
    this.opened.push(performance.now());
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', connection: 'keep-alive' };
    // Not flushed: they go out with the first event.
    response.writeHead(200, headers);
    memory.streams.set(id, response);
    response.on('close', () => {
      memory.streams.delete(id);
      for (const group of memory.groups.values()) group.delete(id);
    });
  }

  async #fetch(url: URL, namespace: string, id: string, response: ServerResponse): Promise<void> {
    const { streams, groups } = this.#memory;
    if (!streams.has(id)) this.hazards++;
    for (const group of groups.values()) group.delete(id);
    groups.set(namespace, (groups.get(namespace) ?? new Set()).add(id));
    await this.joined();
    const { singleNamespace = namespace } = this.#options;
    const fault = this.failing
      ? ([500, UNABLE, 'fetch failed'] as const)
      : singleNamespace !== namespace
        ? ([403, 'namespace not allowed', 'single namespace'] as const)
        : this.namespaces.includes(namespace)
          ? undefined
          : ([404, 'namespace does not exist', 'namespace not found'] as const);
    if (fault !== undefined) {
      const [status, detail, cause] = fault;
      return problem(response, url, status, 'handleFetchData', detail, cause);
    }
    const body = this.#list(namespace);
    await this.listed();
    json(response, 200, body);
  }

  #list(namespace: string): object {
    const hidden = (this.#options.minor ?? '34') >= '33' ? 'endpoints' : 'endpointslices';
    const keys = Object.entries(KEYS).filter(([key]) => key !== hidden);
    return Object.fromEntries(
      keys.map(([key, [kind]]) => {
        const all = this.objects.filter((object) => object.kind === kind && object.metadata?.namespace === namespace);
        return [key, this.unlistable.has(kind) ? null : all.slice(0, LIMIT).map(asListed)];
      }),
    );
  }
}

/** Waits until something holds; fails after five seconds. */
export async function until(holds: () => boolean, what = 'it'): Promise<void> {
  for (const patience = performance.now() + 5_000; !holds(); await delay(2))
    if (performance.now() > patience) throw new Error(`waited in vain until ${what} holds: ${holds}`);
}

function asListed(object: KubeObject): object {
  const { managedFields: _, ...metadata } = object.metadata;
  const { data } = object as { readonly data?: Readonly<Record<string, unknown>> };
  const hides = (object.kind === 'Secret' || object.kind === 'ConfigMap') && data !== undefined;
  const hidden = hides && Object.fromEntries(Object.keys(data).map((key) => [key, '*REDACTED*']));
  return { ...object, metadata, ...(hidden && { data: hidden }) };
}

function noId(response: ServerResponse): void {
  text(response, 400, 'clientID is required\n');
}

function text(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type });
  response.end(body);
}

function json(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Sent as plain JSON: the URI, the Go function, the status, the long and the short cause. */
function problem(
  response: ServerResponse,
  { pathname, search }: URL,
  status: number,
  handler: string,
  detail: string,
  instance: string,
): void {
  const title = `main.(*KubeviewAPI).${handler}`;
  json(response, status, { type: `${pathname}${search}`, title, status, detail, instance });
}
