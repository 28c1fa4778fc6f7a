/**
 * An API server with a fixed estate that keeps the protocol to the letter, as far as reading goes: aggregated discovery, lists by pages with
 * continue tokens (KEP-365), watches that answer from a resourceVersion on and end when asked to. It stands in for a real one where a test needs
 * the whole source and no cluster; test/stack/ has the real one.
 */
import { groupOf, type KubeObject } from '../../src/model/change.ts';
import { type Asked, events, json, list, type Script, status } from './scripted-api-server.ts';

const VERSION = '100';

export interface SmallEstate {
  readonly objects: readonly KubeObject[];
  /** As the API names them: Pod → pods. */
  readonly plurals: Readonly<Record<string, string>>;
}

/** Answers for the estate. Objects in lists have neither apiVersion nor kind, as is usual. */
export function smallApiServer({ objects, plurals }: SmallEstate): Script {
  const byPath = Map.groupBy(objects, ({ apiVersion, kind }) => collectionOf(apiVersion, plurals[kind] ?? ''));
  return ({ path, query, request }: Asked, response) => {
    if (request.method === 'POST') return json(response, { status: { resourceRules: [], incomplete: true } }, 201);
    if (path === '/version') return json(response, { gitVersion: 'v1.30.0', minor: '30' });
    if (path === '/api' || path === '/apis') {
      const own = objects.filter(({ apiVersion }) => (groupOf(apiVersion) === '') === (path === '/api'));
      return json(response, discovery(own, plurals));
    }
    const found = byPath.get(path);
    if (found === undefined) return status(response, 404);
    if (query.get('watch') === 'true') {
      if (query.get('resourceVersion') !== VERSION)
        return status(response, 400, 'a watch of an unknown resourceVersion');
      return events(response);
    }
    const from = Number(query.get('continue') ?? 0);
    const limit = Number(query.get('limit') ?? found.length);
    const page = found.slice(from, from + limit).map(({ apiVersion: _, kind: __, ...rest }) => rest);
    return json(response, list(page, VERSION, from + limit < found.length ? String(from + limit) : undefined));
  };
}

function collectionOf(apiVersion: string, plural: string): string {
  return `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}/${plural}`;
}

function discovery(objects: readonly KubeObject[], plurals: SmallEstate['plurals']): object {
  const groups = Map.groupBy(objects, ({ apiVersion }) => groupOf(apiVersion));
  return {
    kind: 'APIGroupDiscoveryList',
    items: [...groups].map(([name, own]) => ({
      metadata: { name },
      versions: [
        {
          version: own[0]?.apiVersion.split('/').at(-1),
          resources: [...new Map(own.map((object) => [object.kind, object])).values()].map(({ kind, metadata }) => ({
            resource: plurals[kind],
            responseKind: { kind },
            scope: metadata.namespace === undefined ? 'Cluster' : 'Namespaced',
            verbs: ['get', 'list', 'watch'],
          })),
        },
      ],
    })),
  };
}
