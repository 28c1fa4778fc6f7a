/** What belongs to the recording of a case: its own namespaces, the nodes, and of the rest of the cluster what an application leans on. */
import type { KubeObject, ObjectRef } from '../../src/model/change.ts';
import type { Case, Step } from './fault.ts';
import type { Wanted } from './journal.ts';

type Tree = Readonly<Record<string, unknown>>;

/** What every recording has that has no namespace. */
const COMMON =
  /^(?:(?:Node|CSINode)\/(?:control-1|worker-\d)|StorageClass\/local-disk|PriorityClass\/system-.*|IngressClass\/.*|APIService\/v1beta1\.metrics\.k8s\.io)$/;
/** In these namespaces only what matches belongs to anybody's business. */
const SYSTEM: Readonly<Record<string, RegExp>> = {
  'kube-system': /^(?:\w+\/(?:coredns|kube-dns|kube-root-ca\.crt|default|metrics-server)|Lease\/kube-)/,
  'kube-node-lease': /^Lease\/(?:control-1|worker-\d)$/,
  default: /^(?:\w+\/kubernetes|ServiceAccount\/default|ConfigMap\/kube-root-ca\.crt)/,
};

export function scopeOf(one: Case): Wanted {
  const namespaces = new Set(one.namespaces);
  const own = new Set([...(one.owns ?? []), 'ClusterRole/system:coredns', 'ClusterRoleBinding/system:coredns']);
  for (const manifest of manifestsOf(one)) {
    const { kind, metadata } = manifest as { kind: string; metadata: { name: string; namespace?: string } };
    if (metadata.namespace === undefined) own.add(`${kind}/${metadata.name}`);
  }
  for (const name of [...namespaces, ...Object.keys(SYSTEM)]) own.add(`Namespace/${name}`);
  const alone = (kind: string, name: string): boolean => COMMON.test(`${kind}/${name}`) || own.has(`${kind}/${name}`);
  const wanted: Wanted = (object) => {
    const { kind, metadata } = object;
    const { namespace, name } = metadata;
    if (namespace === undefined) return alone(kind, name) || claimedIn(object, namespaces);
    if (namespaces.has(namespace)) return true;
    if (kind === 'Event' && namespace === 'default') {
      const about = aboutOf(object);
      return alone(about.kind, about.name);
    }
    if (kind === 'Event') return /^(?:coredns|kube-dns|metrics-server)/.test(name) && namespace === 'kube-system';
    return SYSTEM[namespace]?.test(`${kind}/${name}`) ?? false;
  };
  return wanted;
}

function* manifestsOf({ before, inject }: Case): Iterable<object> {
  yield* before;
  for (const step of inject as readonly Step[]) if ('apply' in step) yield* step.apply;
}

/** A volume that a claim of the case took. */
function claimedIn(object: KubeObject | ObjectRef, namespaces: ReadonlySet<string>): boolean {
  if (object.kind !== 'PersistentVolume') return false;
  const claim = ((object as Tree)['spec'] as Tree | undefined)?.['claimRef'] as Tree | undefined;
  return namespaces.has(String(claim?.['namespace']));
}

/** What an Event about something without a namespace is about; a deleted one does not say, but its name begins so. */
function aboutOf(object: KubeObject | ObjectRef): { readonly kind: string; readonly name: string } {
  const about = ((object as Tree)['involvedObject'] ?? (object as Tree)['regarding']) as
    | { readonly kind: string; readonly name: string }
    | undefined;
  return about ?? { kind: 'Node', name: object.metadata.name.replace(/\.[0-9a-f]+$/, '') };
}
