/** The least that tests need to ask an API server themselves, without any of the product's code: a request, a watch, a list of everything. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createInterface } from 'node:readline';
import type { KubeObject } from '../../src/model/change.ts';

export interface Login {
  readonly server: string;
  /** The certificate that the server is trusted by. */
  readonly caFile: string;
  readonly token: string;
}

/** All objects of one resource, as the API lists it. */
export interface Listed {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly objects: readonly KubeObject[];
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  /** A Status (with `code`) when the type is ERROR. */
  readonly object: KubeObject & { readonly code?: number };
}

/** Answers with the status and the body, whatever the status is. */
export async function ask(login: Login, path: string): Promise<{ status: number; body: string }> {
  const response = await send(login, path);
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() };
}

/** GET of a JSON document; throws when the status is not 200. */
export async function get<T>(login: Login, path: string): Promise<T> {
  const { status, body } = await ask(login, path);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${body.slice(0, 500)}`);
  return JSON.parse(body) as T;
}

/** The events of a watch path (`…?watch=true&resourceVersion=…`) until the server ends it or `stop` is given. */
export async function* watch(login: Login, path: string, stop?: AbortSignal): AsyncGenerator<WatchEvent> {
  const response = await send(login, path, { stop });
  if (response.statusCode !== 200) throw new Error(`watch ${path}: ${response.statusCode}`);
  for await (const line of createInterface({ input: response })) yield JSON.parse(line) as WatchEvent;
}

export interface SendOptions {
  /** GET unless given; the body of a PATCH is merged (JSON merge patch). */
  readonly method?: string | undefined;
  readonly body?: object | undefined;
  readonly stop?: AbortSignal | undefined;
}

/** One request; the answer whatever its status. */
export async function send(
  login: Login,
  path: string,
  { method = 'GET', body, stop }: SendOptions = {},
): Promise<IncomingMessage> {
  const ca = await readFile(login.caFile);
  const headers = {
    authorization: `Bearer ${login.token}`,
    accept: 'application/json',
    'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
  };
  return new Promise((resolve, reject) => {
    const options = { method, ca, headers, agent: false, ...(stop ? { signal: stop } : {}) };
    const call = request(new URL(path, login.server), options);
    call.once('response', resolve);
    call.once('error', reject);
    call.end(body && JSON.stringify(body));
  });
}

/** A fresh look at everything that can be listed and watched, each resource once, in its group's preferred version. What the token may not see is left out. */
export async function freshList(login: Login): Promise<Listed[]> {
  const core = (await get<{ versions: string[] }>(login, '/api')).versions.map((version) => ({ group: '', version }));
  const { groups } = await get<{ groups: ApiGroup[] }>(login, '/apis');
  const named = groups.map(({ name, preferredVersion }) => ({ group: name, version: preferredVersion.version }));
  const lists: Listed[] = [];
  for (const { group, version } of [...core, ...named]) {
    const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const { resources } = await get<{ resources: ApiResource[] }>(login, base);
    for (const { name: plural, kind, namespaced, verbs } of resources) {
      if (plural.includes('/') || !verbs.includes('list') || !verbs.includes('watch')) continue;
      const objects = await listAll(login, `${base}/${plural}`, base.replace(/^\/apis?\//, ''), kind);
      if (objects) lists.push({ group, version, kind, plural, namespaced, objects });
    }
  }
  return lists;
}

interface ApiGroup {
  readonly name: string;
  readonly preferredVersion: { readonly version: string };
}

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** Every page of a list; undefined when it is forbidden. */
async function listAll(
  login: Login,
  path: string,
  apiVersion: string,
  kind: string,
): Promise<KubeObject[] | undefined> {
  const objects: KubeObject[] = [];
  for (let next = ''; ; ) {
    const { status, body } = await ask(login, `${path}?limit=1000${next && `&continue=${encodeURIComponent(next)}`}`);
    if (status === 403) return undefined;
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${body.slice(0, 500)}`);
    const page = JSON.parse(body) as { metadata: { continue?: string }; items: KubeObject[] };
    for (const item of page.items) objects.push({ ...item, apiVersion, kind });
    next = page.metadata.continue ?? '';
    if (next === '') return objects;
  }
}
