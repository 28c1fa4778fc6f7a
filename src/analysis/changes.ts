/**
 * What was done to an object before something went wrong, from whatever tells it: versions that were seen, the revisions that a workload keeps of its
 * template, and the times at which managers last wrote (`metadata.managedFields`), which say when and who where nobody watched.
 */
import type { KubeObject } from '../model/change.ts';
import { makerOf } from '../model/field-authors.ts';
import { type FieldChange, fieldChanges } from '../model/field-changes.ts';
import { ownedFrom, owns } from '../model/field-owners.ts';
import { kindKey } from '../model/groups.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import { type Case, listAt, milliseconds, treeAt } from './case.ts';

/** Something that was done to an object. Fields are empty where only the fact is known. */
export interface ObjectChange {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly verb: 'created' | 'changed' | 'deleted';
  readonly resource: Resource;
  readonly fields: readonly FieldChange[];
  readonly by?: string;
  /** It was seen, follows from the revisions of a workload, was told by an Event, or follows from who wrote last. */
  readonly known: 'seen' | 'revision' | 'told' | 'written';
}

/** Fields that no one's intent stands behind. */
const CONSEQUENCES =
  /^(?:status\b|metadata\.(?:resourceVersion|generation|annotations\["deployment\.kubernetes\.io\/revision"\]))/;

const looked = new WeakMap<Case, Map<ResourceId, readonly ObjectChange[]>>();

/** Everything that is known to have been done to a resource, the latest first; looked for once. */
export function changesOf(known: Case, resource: Resource): readonly ObjectChange[] {
  const byId = looked.get(known) ?? new Map<ResourceId, readonly ObjectChange[]>();
  looked.set(known, byId);
  const changes = byId.get(resource.id) ?? lookAt(known, resource);
  byId.set(resource.id, changes);
  return changes;
}

function lookAt(known: Case, resource: Resource): readonly ObjectChange[] {
  const changes = [
    ...seen(known, resource),
    ...revisions(known, resource),
    ...scalings(known, resource),
    ...written(known, resource),
  ];
  return changes.sort((a, b) => b.at - a.at);
}

/** What was deleted under a name while somebody watched. */
export function deletionOf(
  known: Case,
  target: { readonly group: string; readonly kind: string; readonly namespace: string; readonly name: string },
): ObjectChange | undefined {
  const found = known.estate.deletions.findLast(
    ({ resource: { group, kind, namespace, name } }) =>
      group === target.group && kind === target.kind && name === target.name && namespace === target.namespace,
  );
  return found && { at: milliseconds(found.at), verb: 'deleted', resource: found.resource, fields: [], known: 'seen' };
}

function* seen(known: Case, resource: Resource): Iterable<ObjectChange> {
  const versions = known.estate.versions(resource.id);
  for (const [index, { at, object }] of versions.entries()) {
    const before = versions[index - 1]?.object;
    if (before === undefined) {
      // What is as old as the watch was there before.
      const created = milliseconds(object.metadata.creationTimestamp);
      if (created >= known.begins - SLACK_MS && created > 0) yield creation(resource, object, created);
      continue;
    }
    const fields = fieldChanges(before, object).filter(({ path }) => !CONSEQUENCES.test(path));
    if (fields.length === 0) continue;
    const by = fields.find((field) => field.by)?.by?.manager;
    yield { at: milliseconds(at), verb: 'changed', resource, fields, ...(by && { by }), known: 'seen' };
  }
}

function creation(resource: Resource, object: KubeObject, at: number): ObjectChange {
  const by = makerOf(object)?.manager;
  return { at, verb: 'created', resource, fields: [], ...(by && { by }), known: 'seen' };
}

/** Times of Kubernetes are whole seconds. */
const SLACK_MS = 1_500;

/** Workloads keep their templates, each but the first of which is a change, made when it was kept. */
function* revisions(known: Case, resource: Resource): Iterable<ObjectChange> {
  const kept = keptTemplates(known, resource).sort((a, b) => a.revision - b.revision);
  for (const [index, { template, at }] of kept.entries()) {
    const before = kept[index - 1]?.template;
    if (before === undefined || at >= known.begins) continue;
    const fields = fieldChanges(before, template).filter(({ path }) => !/pod-template-hash/.test(path));
    if (fields.length > 0) yield { at, verb: 'changed', resource, fields, known: 'revision' };
  }
}

interface Kept {
  readonly revision: number;
  readonly at: number;
  /** The template alone, as if it were an object, so that paths are those of the workload. */
  readonly template: KubeObject;
}

/** A Deployment keeps them in its ReplicaSets, a StatefulSet and a DaemonSet in ControllerRevisions. */
function keptTemplates(known: Case, resource: Resource): Kept[] {
  const key = kindKey(resource);
  if (!/^apps\/(?:Deployment|StatefulSet|DaemonSet)$/.test(key)) return [];
  return known.targets(resource.id, 'OWNS').flatMap((holder) => {
    const object = known.object(holder.id);
    if (object === undefined || (holder.kind !== 'ReplicaSet' && holder.kind !== 'ControllerRevision')) return [];
    const { metadata } = object;
    const revision = Number(
      holder.kind === 'ReplicaSet'
        ? (metadata.annotations?.['deployment.kubernetes.io/revision'] ?? Number.NaN)
        : object['revision'],
    );
    const spec = treeAt(holder.kind === 'ReplicaSet' ? object : object['data'], 'spec');
    const template = {
      apiVersion: object.apiVersion,
      kind: object.kind,
      metadata: { name: metadata.name },
      spec: { template: treeAt(spec, 'template') },
    };
    return Number.isNaN(revision) ? [] : [{ revision, at: milliseconds(metadata.creationTimestamp), template }];
  });
}

/** What a Deployment says of its scaling, as long as that is no part of a rollout: its newest ReplicaSet, long after it was made. */
function* scalings(known: Case, resource: Resource): Iterable<ObjectChange> {
  if (kindKey(resource) !== 'apps/Deployment') return;
  const made = new Map(
    known.targets(resource.id, 'OWNS').map((set) => [set.name, milliseconds(set.createdAt)] as const),
  );
  const newest = Math.max(...made.values(), 0);
  for (const { reason, message, last } of known.notices(resource)) {
    if (reason !== 'ScalingReplicaSet' || last >= known.begins) continue;
    const [, name = '', before, after] = /replica set (\S+) (?:from (\d+) )?to (\d+)/i.exec(message) ?? [];
    if (made.get(name) !== newest || last - newest < ROLLOUT_MS) continue;
    const field = { path: 'spec.replicas', ...(before && { before: Number(before) }), after: Number(after) };
    yield { at: last, verb: 'changed', resource, fields: [field], known: 'told' };
  }
}

/** So long a rollout may take. */
const ROLLOUT_MS = 2 * 60_000;

/** When somebody last wrote what is no status, where that is later than the making. */
function* written(known: Case, resource: Resource): Iterable<ObjectChange> {
  const object = known.estate.versions(resource.id)[0]?.object;
  const created = milliseconds(object?.metadata.creationTimestamp);
  if (object === undefined || created === 0) return;
  let latest: { readonly at: number; readonly by: string } | undefined;
  for (const entry of object.metadata.managedFields ?? []) {
    const at = milliseconds(entry.time);
    if (entry.subresource === 'status' || CONTROLLERS.test(entry.manager ?? '') || at <= created + SLACK_MS) continue;
    if (at > (latest?.at ?? 0)) latest = { at, by: entry.manager ?? '' };
  }
  if (latest) yield { at: latest.at, verb: 'changed', resource, fields: [], by: latest.by, known: 'written' };
  if (created < known.begins) {
    const by = makerOf(object)?.manager;
    yield { at: created, verb: 'created', resource, fields: [], ...(by && { by }), known: 'written' };
  }
}

/**
 * When who owns a field last wrote, where that is later than the making, and nobody watched: the field was changed then, or before. A manager whose fields
 * are not told may own any.
 */
export function writingOf(known: Case, resource: Resource, way: readonly string[]): ObjectChange | undefined {
  const object = known.estate.versions(resource.id)[0]?.object;
  const created = milliseconds(object?.metadata.creationTimestamp);
  let latest: ObjectChange | undefined;
  for (const { manager = '', subresource, time, fieldsV1 } of object?.metadata.managedFields ?? []) {
    const at = milliseconds(time);
    if (subresource === 'status' || CONTROLLERS.test(manager) || at <= created + SLACK_MS) continue;
    if (typeof fieldsV1 === 'string' && !owns(ownedFrom(fieldsV1), way)) continue;
    if (at > (latest?.at ?? 0)) latest = { at, verb: 'changed', resource, fields: [], by: manager, known: 'written' };
  }
  return latest;
}

/** Managers that write what follows from others. */
const CONTROLLERS = /^(?:kube-controller-manager|kube-scheduler|kubelet|k3s|cloud-controller-manager|kube-apiserver)$/;

/** Images, by container, of a pod template or a pod. */
export function containersOf(object: KubeObject | undefined): readonly Readonly<Record<string, unknown>>[] {
  const spec = podSpecOf(object);
  return [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')];
}

/** The pod spec in an object: of a pod, a template, or the template of a job in a CronJob. */
export function podSpecOf(object: KubeObject | undefined): Readonly<Record<string, unknown>> | undefined {
  const spec = treeAt(object, 'spec');
  if (object?.kind === 'Pod') return spec;
  const job = treeAt(treeAt(spec, 'jobTemplate'), 'spec');
  return treeAt(treeAt(job ?? spec, 'template'), 'spec');
}
