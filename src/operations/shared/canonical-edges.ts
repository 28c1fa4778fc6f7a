/**
 * Our edges in the vocabulary of the canonical topology, schema version 1.0 (Kubilitics V1): relationshipType, label, derivation, source field.
 * Families are the rule; single types differ where that contract does.
 */
import type { Edge } from '../../model/edge.ts';
import { edgeInfo, type Family, type KnownEdge } from '../../model/edges.ts';
import type { Resource } from '../../model/resource.ts';

export const relationshipTypes = [
  'owns',
  'selects',
  'mounts',
  'references',
  'configures',
  'permits',
  'validates',
  'mutates',
  'exposes',
  'routes',
  'stores',
  'schedules',
  'limits',
  'manages',
  'contains',
  'uses',
] as const;

export type RelationshipType = (typeof relationshipTypes)[number];

export const derivations = [
  'ownerReference',
  'labelSelector',
  'fieldReference',
  'volumeMount',
  'envReference',
  'rbacBinding',
  'admission',
  'helm',
  'gitops',
  'resourceTopology',
] as const;

export type Derivation = (typeof derivations)[number];

export interface Canonical {
  readonly relationshipType: RelationshipType;
  readonly label: string;
  readonly derivation: Derivation;
  /** Last part of the edge's id. */
  readonly suffix: string;
  /** The contract's edge runs the other way. */
  readonly reverse?: true;
}

const byFamily: Readonly<Record<Family, readonly [RelationshipType, Derivation]>> = {
  ownership: ['owns', 'ownerReference'],
  containment: ['contains', 'fieldReference'],
  selection: ['selects', 'labelSelector'],
  configuration: ['configures', 'fieldReference'],
  identity: ['uses', 'fieldReference'],
  access: ['permits', 'rbacBinding'],
  networking: ['routes', 'fieldReference'],
  storage: ['stores', 'fieldReference'],
  placement: ['schedules', 'fieldReference'],
  scaling: ['manages', 'fieldReference'],
  policy: ['limits', 'labelSelector'],
  admission: ['validates', 'admission'],
  supply: ['references', 'fieldReference'],
  delivery: ['manages', 'gitops'],
  observation: ['references', 'fieldReference'],
  reference: ['references', 'fieldReference'],
};

type Exception = Partial<Omit<Canonical, 'label'>> & { readonly label?: string };

const exceptions: Readonly<Partial<Record<KnownEdge, Exception>>> = {
  OWNS: { suffix: 'owner' },
  REVISION_OF: { relationshipType: 'references', derivation: 'fieldReference' },
  USES_REVISION: { relationshipType: 'references', derivation: 'fieldReference' },
  FINALIZED_BY: { relationshipType: 'references', derivation: 'fieldReference' },
  IN_NAMESPACE: { label: 'contains', reverse: true },
  INSTANCE_OF: { relationshipType: 'references' },
  SELECTS: { suffix: 'selector' },
  APPLIES_TO: { relationshipType: 'selects', label: 'applies to', suffix: 'netpol' },
  PROTECTS: { relationshipType: 'limits', label: 'protects', suffix: 'pdb' },
  MOUNTS: { label: 'mounts (vol)', derivation: 'volumeMount', suffix: 'vol' },
  CLAIMS: { relationshipType: 'mounts', label: 'claims (vol)', derivation: 'volumeMount', suffix: 'vol-pvc' },
  READS: { label: 'reads env from', derivation: 'envReference', suffix: 'env' },
  READS_SECRET: { label: 'reads env from', derivation: 'envReference', suffix: 'env' },
  RUNS_AS: { suffix: 'uses-sa' },
  BINDS: { label: 'grants', suffix: 'role' },
  GRANTS_TO: { label: 'binds to', suffix: 'subject' },
  ROUTES_TO: { suffix: 'ingress' },
  BACKS: { relationshipType: 'exposes', label: 'exposes', suffix: 'endpoints', reverse: true },
  BOUND_TO: { label: 'bound to', suffix: 'pv' },
  USES_CLASS: { label: 'uses', suffix: 'class' },
  RUNS_ON: { suffix: 'node' },
  SCALES: { suffix: 'hpa' },
  RELEASED_BY: { derivation: 'helm' },
};

/** How the contract states an edge. `from` and `to` are the ends of our edge. */
export function canonicalEdge({ type, detail }: Edge, from: Resource, to: Resource): Canonical {
  const { family, sentence } = edgeInfo(type);
  const [relationshipType, derivation] = byFamily[family];
  const known: Exception = (exceptions as Readonly<Record<string, Exception>>)[type] ?? {};
  const canonical: Canonical = {
    relationshipType,
    derivation: detail.class === 'selector' ? 'labelSelector' : derivation,
    label: sentence,
    suffix: type.toLowerCase().replaceAll('_', '-'),
    ...known,
  };
  return refined(type, canonical, from, to);
}

/** Statements of one type that the contract tells apart by the kinds at their ends. */
function refined(type: string, canonical: Canonical, from: Resource, to: Resource): Canonical {
  const target = to.kind === 'ConfigMap' ? 'cm' : to.kind === 'Secret' ? 'secret' : undefined;
  if ((canonical.suffix === 'vol' || canonical.suffix === 'env') && target)
    return { ...canonical, suffix: `${canonical.suffix}-${target}` };
  if (from.kind === 'ClusterRoleBinding' && (type === 'BINDS' || type === 'GRANTS_TO'))
    return { ...canonical, suffix: `c${canonical.suffix}` };
  if (to.kind === 'StorageClass') return { ...canonical, relationshipType: 'stores', suffix: 'sc' };
  return canonical;
}
