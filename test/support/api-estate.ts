/** An API over a real graph and feed, for tests: apply objects and ask. */

import type { ApiOptions } from '../../src/api/options.ts';
import { type Api, createApi } from '../../src/api/server.ts';
import { Feed, type FeedOptions } from '../../src/graph/feed.ts';
import { Graph } from '../../src/graph/graph.ts';
import { describer, kinds } from '../../src/kinds/index.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { Change, KubeObject } from '../../src/model/change.ts';
import type { Context } from '../../src/operations/operation.ts';

export interface Estate {
  readonly graph: Graph;
  readonly feed: Feed;
  readonly api: Api;
  /** Applies objects and publishes the commit. */
  apply(...objects: KubeObject[]): void;
  remove(object: KubeObject): void;
  take(changes: readonly Change[]): void;
}

export const AT = '2026-01-01T00:00:00Z';

export function object(
  kind: string,
  name: string,
  spec: object = {},
  more: Partial<KubeObject['metadata']> = {},
): KubeObject {
  const apiVersion = kind === 'Deployment' || kind === 'ReplicaSet' ? 'apps/v1' : 'v1';
  const namespace = kind === 'Node' || kind === 'Namespace' ? {} : { namespace: 'shop' };
  return { apiVersion, kind, metadata: { ...namespace, name, uid: `${kind}-${name}`, ...more }, ...spec };
}

/** A pod that mounts a ConfigMap, with a label that Services select. */
export function pod(name: string, app = 'web', more: Partial<KubeObject['metadata']> = {}): KubeObject {
  const spec = {
    nodeName: 'n1',
    containers: [{ name: 'c', image: 'nginx:1' }],
    volumes: [{ name: 'v', configMap: { name: 'settings' } }],
  };
  return object('Pod', name, { spec, status: { phase: 'Running' } }, { labels: { app }, ...more });
}

export const shop: readonly KubeObject[] = [
  object('Namespace', 'shop'),
  object('Node', 'n1'),
  object('ConfigMap', 'settings', { data: { a: 'b' } }),
  object('Service', 'web', { spec: { selector: { app: 'web' } } }),
  pod('web-1'),
];

export async function openEstate(
  options: Partial<ApiOptions> & { readonly feedOptions?: Partial<FeedOptions>; readonly more?: Partial<Context> } = {},
): Promise<Estate> {
  const { feedOptions, more, ...apiOptions } = options;
  const graph = new Graph({ describer });
  const feed = new Feed({ epoch: 'e1', ...feedOptions });
  const take = (changes: readonly Change[]): void => feed.publish(graph.apply(changes));
  const estate = {
    graph,
    feed,
    take,
    apply: (...objects: KubeObject[]) =>
      take(objects.map((each) => ({ type: 'apply', at: AT, cluster: 'c', object: each }))),
    remove: (each: KubeObject) => take([{ type: 'delete', at: AT, cluster: 'c', object: each }]),
  };
  const api = await createApi({
    host: '127.0.0.1',
    port: 0,
    version: '0.0.0',
    context: () => ({ view: graph.view, epoch: feed.epoch, kinds, ...more }),
    feed,
    dependencies: async () => ({}),
    log: silentLogger,
    now: () => performance.now(),
    ...apiOptions,
  });
  estate.apply(...shop);
  return { ...estate, api };
}
