/**
 * Which kinds an API server serves that can be listed and watched, each in its preferred version, each object once.
 * One aggregated document (KEP-3352), or, from servers before 1.26, the documents of the groups one by one.
 * A group whose own server is down (an APIService that is not available) is reported beside what works, never instead of it.
 */
import { type ApiResource, onceEach } from './api-resource.ts';
import type { KubeClient } from './client.ts';
import type { Failure } from './failure.ts';

export interface BrokenGroup {
  readonly group: string;
  readonly version: string;
  readonly message: string;
}

export interface Discovery {
  readonly type: 'discovered';
  readonly resources: readonly ApiResource[];
  /** Group versions that could not be asked; what they serve is not known now. */
  readonly broken: readonly BrokenGroup[];
}

/** Asks; when nothing changed since the last time, the answer is the same object. */
export type Discover = (stop: AbortSignal) => Promise<Discovery | Failure>;

const ACCEPT = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');

/** One group as its versions, preferred one first, each with its resources or the reason why they are not known. */
interface Group {
  readonly name: string;
  readonly versions: readonly GroupVersion[];
}

interface GroupVersion {
  readonly version: string;
  readonly resources: readonly ApiResource[];
  readonly broken?: string;
}

interface Document {
  readonly etag: string | undefined;
  readonly groups: readonly Group[];
}

export function createDiscovery(client: Pick<KubeClient, 'get'>): Discover {
  const documents = new Map<string, Document>();
  let last: Discovery | undefined;

  const document = async (path: '/api' | '/apis', stop: AbortSignal): Promise<Document | Failure> => {
    const known = documents.get(path);
    const answer = await client.get(path, { stop, accept: ACCEPT, etag: known?.etag });
    if (answer.type !== 'ok') return answer;
    if (answer.body === undefined && known !== undefined) return known;
    const groups = await groupsOf(client, path, answer.body, stop);
    if (!Array.isArray(groups)) return groups as Failure;
    // A document about a server that is down must be asked for again, whatever its tag says.
    const etag = groups.some(hasBroken) ? undefined : answer.etag;
    const fresh = { etag, groups };
    documents.set(path, fresh);
    return fresh;
  };

  return async (stop) => {
    const before = [documents.get('/api'), documents.get('/apis')];
    const [core, named] = await Promise.all([document('/api', stop), document('/apis', stop)]);
    if ('type' in core) return core;
    if ('type' in named) return named;
    if (last === undefined || before[0] !== core || before[1] !== named) {
      last = discoveryOf([...core.groups, ...named.groups]);
    }
    return last;
  };
}

function hasBroken(group: Group): boolean {
  return group.versions.some(({ broken }) => broken !== undefined);
}

/** Of each group every kind once, in the first version that has it. */
function discoveryOf(groups: readonly Group[]): Discovery {
  const resources: ApiResource[] = [];
  const broken: BrokenGroup[] = [];
  for (const { name, versions } of groups) {
    const seen = new Set<string>();
    for (const { version, resources: served, broken: message } of versions) {
      if (message !== undefined) broken.push({ group: name, version, message });
      for (const resource of served) {
        if (seen.has(resource.plural)) continue;
        seen.add(resource.plural);
        resources.push(resource);
      }
    }
  }
  return { type: 'discovered', resources: onceEach(resources), broken };
}

async function groupsOf(
  client: Pick<KubeClient, 'get'>,
  path: '/api' | '/apis',
  body: unknown,
  stop: AbortSignal,
): Promise<readonly Group[] | Failure> {
  const { kind, items, groups, versions } = (body ?? {}) as Partial<AggregatedList & GroupList & VersionList>;
  switch (kind) {
    case 'APIGroupDiscoveryList':
      return (items ?? []).map(groupFromAggregated);
    case 'APIGroupList':
      return Promise.all((groups ?? []).map((group) => groupFromLegacy(client, group, stop)));
    case 'APIVersions': {
      const listed = (versions ?? []).map((version) => ({ version, groupVersion: version }));
      return [await groupFromLegacy(client, { name: '', versions: listed }, stop)];
    }
    default:
      return { type: 'malformed', message: `${path} is not a discovery document; is this a Kubernetes API server?` };
  }
}

/** `apidiscovery.k8s.io` v2 and v2beta1, the fields used. */
interface AggregatedList {
  readonly kind: string;
  readonly items: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly freshness?: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind?: { readonly group?: string; readonly version?: string; readonly kind?: string };
        readonly scope?: string;
        readonly shortNames?: readonly string[];
        readonly verbs?: readonly string[];
      }[];
    }[];
  }[];
}

function groupFromAggregated({ metadata, versions = [] }: AggregatedList['items'][number]): Group {
  const group = metadata?.name ?? '';
  return {
    name: group,
    versions: versions.map(({ version, freshness, resources = [] }) => ({
      version,
      resources: resources
        .filter(({ verbs }) => isFollowable(verbs))
        .map(({ resource, responseKind, scope, shortNames }) => ({
          group,
          version,
          kind: responseKind?.kind || resource,
          plural: resource,
          namespaced: scope === 'Namespaced',
          ...(shortNames && { shortNames }),
        })),
      ...(freshness === 'Stale' && { broken: 'the server behind this API group does not answer' }),
    })),
  };
}

/** `meta/v1 APIGroupList`. */
interface GroupList {
  readonly kind: string;
  readonly groups: readonly LegacyGroup[];
}

interface LegacyGroup {
  readonly name: string;
  readonly versions?: readonly { readonly version: string; readonly groupVersion: string }[];
  readonly preferredVersion?: { readonly version: string };
}

/** `meta/v1 APIVersions`, of the core group. */
interface VersionList {
  readonly kind: string;
  readonly versions: readonly string[];
}

/** `meta/v1 APIResourceList`, the fields used. */
interface ResourceList {
  readonly resources?: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced?: boolean;
    readonly shortNames?: readonly string[];
    readonly verbs?: readonly string[];
  }[];
}

async function groupFromLegacy(client: Pick<KubeClient, 'get'>, group: LegacyGroup, stop: AbortSignal): Promise<Group> {
  const preferred = group.preferredVersion?.version;
  const versions = [...(group.versions ?? [])].sort(
    (a, b) => Number(b.version === preferred) - Number(a.version === preferred),
  );
  return {
    name: group.name,
    versions: await Promise.all(
      versions.map(async ({ version, groupVersion }): Promise<GroupVersion> => {
        const answer = await client.get(`${group.name === '' ? '/api' : '/apis'}/${groupVersion}`, { stop });
        if (answer.type !== 'ok') return { version, resources: [], broken: answer.message };
        const { resources = [] } = (answer.body ?? {}) as ResourceList;
        return {
          version,
          resources: resources
            .filter(({ name, verbs }) => !name.includes('/') && isFollowable(verbs))
            .map(({ name, kind, namespaced, shortNames }) => ({
              group: group.name,
              version,
              kind,
              plural: name,
              namespaced: namespaced === true,
              ...(shortNames && { shortNames }),
            })),
        };
      }),
    ),
  };
}

function isFollowable(verbs: readonly string[] | undefined): boolean {
  return verbs?.includes('list') === true && verbs.includes('watch');
}
