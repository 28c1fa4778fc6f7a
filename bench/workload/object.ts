/**
 * The part that every object has: metadata as the API server writes it, with managedFields derived from the object's own fields,
 * so that they are as large and as shaped as real ones (about a third of a pod's JSON).
 */

import type { Json, KubeObject, ManagedFields, OwnerReference } from '../../src/model/change.ts';
import { hash32 } from '../../test/support/random.ts';
import { timestamp, uidFor } from './names.ts';

/** JSON under construction. */
export interface Body {
  readonly [field: string]: unknown;
}

/** Who wrote which top-level fields (`spec`, `status`, `data`, …; `metadata` stands for labels, annotations and owners). */
export interface Writer {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource?: 'status' | 'scale';
  readonly fields: readonly string[];
}

export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** In the namespace of what it owns, or `` for cluster-scoped owners. */
  readonly namespace: string;
}

export interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly generateName?: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly owner?: Owner;
  readonly finalizers?: readonly string[];
  readonly writers?: readonly Writer[];
}

export const kubectl: Writer = {
  manager: 'kubectl-client-side-apply',
  operation: 'Update',
  fields: ['metadata', 'spec', 'data'],
};
export const helm: Writer = { manager: 'helm', operation: 'Update', fields: ['metadata', 'spec', 'data', 'type'] };
export const controller: Writer = {
  manager: 'kube-controller-manager',
  operation: 'Update',
  fields: ['metadata', 'spec', 'endpoints', 'ports', 'addressType'],
};
export const controllerStatus: Writer = {
  manager: 'kube-controller-manager',
  operation: 'Update',
  subresource: 'status',
  fields: ['status'],
};
export const kubelet: Writer = { manager: 'kubelet', operation: 'Update', subresource: 'status', fields: ['status'] };

/** A whole object as a GET of it answers. `ownedBody`: the part of the body that writers own, where admission added more. */
export function kubeObject(seed: number, identity: Identity, body: Body, ownedBody = body): KubeObject {
  const { apiVersion, kind, namespace, name, labels, annotations, owner, finalizers, generateName, generation } =
    identity;
  const createdAt = timestamp(identity.createdAt);
  const uid = uidOf(seed, kind, namespace ?? '', name);
  const owned = owner === undefined ? undefined : [ownerReference(seed, owner)];
  const written = { metadata: { annotations, labels, ownerReferences: owned }, ...ownedBody };
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(generateName === undefined ? {} : { generateName }),
      ...(namespace === undefined ? {} : { namespace }),
      uid,
      resourceVersion: String(500_000_000 + (hash32(uid) % 90_000_000)),
      ...(generation === undefined ? {} : { generation }),
      creationTimestamp: createdAt,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(owned === undefined ? {} : { ownerReferences: owned }),
      ...(finalizers === undefined ? {} : { finalizers }),
      managedFields: managedFields(apiVersion, written, identity.writers ?? [helm], createdAt),
    },
    ...body,
  };
}

/** The uid of an object follows from its name, so that whoever refers to it knows it. */
export function uidOf(seed: number, kind: string, namespace: string, name: string): string {
  return uidFor(seed, `${kind}/${namespace}/${name}`);
}

function ownerReference(
  seed: number,
  { apiVersion, kind, namespace, name }: Owner,
): OwnerReference & { blockOwnerDeletion: true } {
  return {
    apiVersion,
    kind,
    name,
    uid: uidOf(seed, kind, namespace, name),
    controller: true,
    blockOwnerDeletion: true,
  };
}

function managedFields(apiVersion: string, written: Body, writers: readonly Writer[], time: string): ManagedFields[] {
  return writers.map(({ manager, operation, subresource, fields }) => ({
    manager,
    operation,
    apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: fieldSet(
      Object.fromEntries(fields.flatMap((field) => (field in written ? [[field, written[field]]] : []))),
    ),
    ...(subresource === undefined ? {} : { subresource }),
  }));
}

/** Lists that are merged by key, with their `x-kubernetes-list-map-keys`; all other lists are replaced whole. */
const listKeys: Readonly<Record<string, readonly string[]>> = {
  addresses: ['type'],
  conditions: ['type'],
  containers: ['name'],
  env: ['name'],
  imagePullSecrets: ['name'],
  ownerReferences: ['uid'],
  podIPs: ['ip'],
  ports: ['containerPort', 'port', 'protocol'],
  volumeMounts: ['mountPath'],
  volumes: ['name'],
};

/** The FieldsV1 form of a value (KEP-555, structured-merge-diff `fieldpath`): maps by `f:`, keyed lists by `k:{…}`, all else as `{}`. */
function fieldSet(value: unknown): { [field: string]: Json } {
  const fields: { [field: string]: Json } = {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fields;
  for (const [name, entry] of Object.entries(value)) {
    if (entry === undefined) continue;
    const keys = listKeys[name];
    fields[`f:${name}`] = Array.isArray(entry) && keys !== undefined ? listFieldSet(entry, keys) : fieldSet(entry);
  }
  return fields;
}

function listFieldSet(list: readonly Body[], keys: readonly string[]): { [field: string]: Json } {
  const fields: { [field: string]: Json } = { '.': {} };
  for (const entry of list) {
    const key = Object.fromEntries(keys.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]]])));
    fields[`k:${JSON.stringify(key)}`] = { '.': {}, ...fieldSet(entry) };
  }
  return fields;
}
