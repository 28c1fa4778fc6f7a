/** What a pod was made with: its containers, their limits, what is mounted where, and what its template says of the same. */
import { kindKey } from '../../model/groups.ts';
import { quantity } from '../../model/quantity.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, listAt, text, treeAt } from '../case.ts';
import { containersOf, podSpecOf } from '../changes.ts';
import type { Symptom } from '../symptoms.ts';

export type Tree = Readonly<Record<string, unknown>>;

/** The container that is in the way, as the pod has it; the only one where no one is named. */
export function containerOf(known: Case, { resource, whole, fault }: Symptom): Tree | undefined {
  const object = known.object(resource.id);
  const containers = containersOf(object?.kind === 'Pod' ? object : known.object(whole.id));
  if (fault?.container !== undefined) return containers.find(({ name }) => name === fault.container);
  return containers.length === 1 ? containers[0] : undefined;
}

/** The pod spec that a pod was made from: of its ReplicaSet, StatefulSet, Job; undefined where that may have changed since. */
export function templateOf(known: Case, pod: Resource): Tree | undefined {
  const owner = known.owner(pod);
  if (owner === undefined) return undefined;
  const object = known.object(owner.id);
  switch (kindKey(owner)) {
    case 'apps/ReplicaSet':
    case '/ReplicationController':
    case 'batch/Job':
      return podSpecOf(object);
    case 'apps/StatefulSet': {
      const update = text(treeAt(object, 'status')?.['updateRevision']);
      return update !== '' && pod.labels['controller-revision-hash'] === update ? podSpecOf(object) : undefined;
    }
    case 'apps/DaemonSet': {
      const generation = object?.metadata.annotations?.['deprecated.daemonset.template.generation'];
      return generation !== undefined && pod.labels['pod-template-generation'] === generation
        ? podSpecOf(object)
        : undefined;
    }
    default:
      return undefined;
  }
}

/** A limit of a container, `memory` or another, as it is written. */
export function limitOf(container: Tree | undefined, resource: string): string | undefined {
  const value = treeAt(treeAt(container, 'resources'), 'limits')?.[resource];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** Whether two amounts are one: `1Gi` and `1024Mi`. */
export function isSameAmount(a: unknown, b: unknown): boolean {
  return a === b || (quantity(a) !== undefined && quantity(a) === quantity(b));
}

/** What a container sees at a path. */
export interface Mount {
  readonly container: string;
  readonly path: string;
  readonly readOnly: boolean;
  /** The field that says what the volume is: `configMap`, `persistentVolumeClaim`, `emptyDir`. */
  readonly source: string;
  /** Names of the objects that it is made of. */
  readonly names: readonly string[];
  readonly volume: Tree;
}

export function mountsOf(known: Case, pod: Resource): readonly Mount[] {
  const object = known.object(pod.id);
  const spec = podSpecOf(object);
  const volumes = new Map(listAt(spec, 'volumes').map((volume) => [text(volume['name']), volume]));
  return containersOf(object).flatMap((container) =>
    listAt(container, 'volumeMounts').flatMap((mount): readonly Mount[] => {
      const volume = volumes.get(text(mount['name']));
      if (volume === undefined) return [];
      const source = Object.keys(volume).find((key) => key !== 'name') ?? '';
      const path = text(mount['mountPath']);
      const readOnly = mount['readOnly'] === true;
      return [{ container: text(container['name']), path, readOnly, source, names: namesIn(volume), volume }];
    }),
  );
}

function namesIn(volume: Tree): readonly string[] {
  const config = treeAt(volume, 'configMap');
  const projected = listAt(treeAt(volume, 'projected'), 'sources');
  return [
    config?.['name'],
    treeAt(volume, 'secret')?.['secretName'],
    treeAt(volume, 'persistentVolumeClaim')?.['claimName'],
    ...projected.flatMap((source) => [treeAt(source, 'configMap')?.['name'], treeAt(source, 'secret')?.['name']]),
  ].filter((name) => typeof name === 'string');
}

/** The mount that a path lies in: the deepest. */
export function mountAt(mounts: readonly Mount[], path: string): Mount | undefined {
  const around = mounts.filter((mount) => path === mount.path || path.startsWith(`${mount.path.replace(/\/$/, '')}/`));
  return around.sort((a, b) => b.path.length - a.path.length)[0];
}

/** Absolute paths in a text. */
export function pathsIn(said: string): readonly string[] {
  return Array.from(said.matchAll(/(?<![\w:.])\/[\w@.+-]+(?:\/[\w@.+-]+)*/g), ([path]) => path.replace(/[.:]+$/, ''));
}

/** Where a variable of a pod gets its value from. */
export interface VariableSource {
  readonly kind: 'ConfigMap' | 'Secret' | 'template';
  /** Of the ConfigMap or Secret. */
  readonly name: string;
  readonly key: string;
}

/** The source of a variable; undefined when nothing gives it one. Of a variable that is given twice the last counts. */
export function variableSource(
  known: Case,
  { resource, whole }: Symptom,
  variable: string,
): VariableSource | undefined {
  const object = resource.kind === 'Pod' ? known.object(resource.id) : known.object(whole.id);
  for (const container of containersOf(object)) {
    const given = listAt(container, 'env').findLast(({ name }) => name === variable);
    if (given === undefined) continue;
    for (const [field, kind] of [
      ['configMapKeyRef', 'ConfigMap'],
      ['secretKeyRef', 'Secret'],
    ] as const) {
      const from = treeAt(treeAt(given, 'valueFrom'), field);
      if (from) return { kind, name: text(from['name']), key: text(from['key']) };
    }
    return { kind: 'template', name: '', key: variable };
  }
  return undefined;
}

/** ConfigMaps and Secrets that a pod takes all variables of, `Kind/name`. */
export function takenWhole(known: Case, { resource, whole }: Symptom): ReadonlySet<string> {
  const object = resource.kind === 'Pod' ? known.object(resource.id) : known.object(whole.id);
  return new Set(
    containersOf(object).flatMap((container) =>
      listAt(container, 'envFrom').flatMap((one) => {
        const [map, secret] = [treeAt(one, 'configMapRef')?.['name'], treeAt(one, 'secretRef')?.['name']];
        return [...(map ? [`ConfigMap/${map}`] : []), ...(secret ? [`Secret/${secret}`] : [])];
      }),
    ),
  );
}
