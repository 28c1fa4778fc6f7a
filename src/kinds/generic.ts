/**
 * Relations that every kind has: owners, namespace, definition, who manages its fields, the application, the Helm release and the
 * operator's resource that it belongs to.
 */
import { instanceOf } from './definition.ts';
import { dnsNames } from './ecosystems/external-dns.ts';
import { kongPlugins } from './ecosystems/kong.ts';
import { trackingRelations } from './ecosystems/tracking.ts';
import type { Relation } from './kind.ts';
import { labelParents } from './label-parents.ts';
import { Namespace } from './refs.ts';
import { groupIn, names, namesPseudo, relation, textAt } from './relations.ts';

/** The API server guarantees that the namespace exists, so a missing one only was not observed: never reported as broken. */
const inNamespace = names('IN_NAMESPACE', 'metadata.namespace', Namespace, { optional: true });

const ownedBy = relation(
  'OWNS',
  'metadata.ownerReferences[*]',
  'any',
  { reverse: true, note: 'by uid; the owner is cluster-scoped or in the same namespace' },
  ({ value, namespace, lookup }) => {
    const uid = textAt(value, 'uid');
    const name = textAt(value, 'name');
    const kindName = textAt(value, 'kind');
    if (name === undefined || kindName === undefined) return undefined;
    const { group, kind, namespaced } = lookup(groupIn(value) ?? '', kindName);
    const controller = (value as { controller?: unknown }).controller === true;
    const where = namespaced ? namespace : '';
    return {
      target:
        uid === undefined
          ? { by: 'name', group, kind, namespace: where, name }
          : { by: 'id', uid, group, kind, namespace: where, name, sameNamespace: true },
      ...(controller && { attributes: { controller } }),
    };
  },
);

const managedBy = namesPseudo('MANAGED_BY', 'metadata.managedFields[*]', 'Actor', {
  read: ({ value }) => textAt(value, 'manager'),
  note: 'the field manager; kubectl, controllers and people alike',
});

/** part-of names the whole, instance the installation, name the program: the first that is there is the application. */
const partOf = namesPseudo('PART_OF', 'metadata.labels', 'Application', {
  confidence: 'naming',
  namespace: 'own',
  note: 'labels app.kubernetes.io/part-of, else /instance, else /name',
  read: ({ value }) =>
    textAt(value, 'app.kubernetes.io/part-of') ??
    textAt(value, 'app.kubernetes.io/instance') ??
    textAt(value, 'app.kubernetes.io/name'),
});

const helmRelease = relation(
  'RELEASED_BY',
  'metadata.annotations["meta.helm.sh/release-name"]',
  'HelmRelease (pseudo)',
  { note: 'namespace from annotation meta.helm.sh/release-namespace' },
  ({ value, up, namespace }) => {
    if (typeof value !== 'string') return undefined;
    const where = textAt(up(1), 'meta.helm.sh/release-namespace') ?? namespace;
    return { target: { by: 'pseudo', kind: 'HelmRelease', namespace: where, name: value } };
  },
);

const finalizedBy = namesPseudo('FINALIZED_BY', 'metadata.finalizers[*]', 'Finalizer', {
  confidence: 'heuristic',
  note: 'only while the object is being deleted: what the deletion waits for',
  when: ({ object }) => object.metadata.deletionTimestamp != null,
});

export const genericRelations: readonly Relation[] = [
  inNamespace,
  ownedBy,
  managedBy,
  partOf,
  helmRelease,
  finalizedBy,
  instanceOf,
  ...labelParents,
  ...trackingRelations,
  kongPlugins,
  dnsNames,
];

/** An Event is about something; it is not part of an estate. It has no relations but those of its own file. */
export const bareKinds: ReadonlySet<string> = new Set(['/Event']);
