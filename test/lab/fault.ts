/**
 * What a case of the lab is: an application that is well, what is done to it, how it shows, and, known because we did it, what the root is.
 * A case without a root is innocent: whatever is said about it is a false alarm.
 */
import type { KubeObject } from '../../src/model/change.ts';
import type { Component } from '../stack/components/kubernetes.ts';

/** As in the catalogue of failures. */
export type Family =
  | 'image'
  | 'command'
  | 'configuration'
  | 'database'
  | 'runtime'
  | 'job'
  | 'scheduling'
  | 'storage'
  | 'admission'
  | 'rbac'
  | 'network'
  | 'node'
  | 'control-plane'
  | 'autoscaling'
  | 'negative';

/** `Kind/namespace/name`, `Kind//name` for what has no namespace; `*` stands for anything. */
export type Entity = string;

export interface Label {
  /** What changed or is wrong; undefined: nothing. */
  readonly root: Entity | undefined;
  /** Answers that are as good. */
  readonly also?: readonly Entity[];
  /** A reason fits when it matches one of these words, whatever their case. */
  readonly reasons?: readonly string[];
  /** Who suffers. */
  readonly symptoms?: readonly Entity[];
}

/** One thing that is done to the cluster. */
export type Step =
  /** Made, or changed to be so. */
  | { readonly apply: readonly object[] }
  /** kubectl, in the case's first namespace; `refused`: the API server is expected not to do it. */
  | { readonly kubectl: readonly string[]; readonly refused?: true }
  /** A component ends, hangs, goes on, or starts again. */
  | { readonly stop: Component }
  | { readonly hang: Component }
  | { readonly resume: Component }
  | { readonly start: Component; readonly flags?: readonly string[] }
  /** A shell command on the real node; `$CLUSTER` is the cluster's folder. */
  | { readonly node: string }
  /** Seconds. */
  | { readonly wait: number };

/** True once the symptom is there. */
export type Shows = (scene: Scene) => boolean;

export interface Case {
  /** Of the file; never in the recording. */
  readonly id: string;
  readonly family: Family;
  /** One row of the catalogue, where it has one. */
  readonly row?: string;
  /** Its own, in the whole lab. */
  readonly namespaces: readonly string[];
  /** What has to be there before that, outside of the cluster. */
  readonly prepare?: readonly Step[];
  /** The application, and everything else, while all is well. Namespaces are made. */
  readonly before: readonly object[];
  /** What is done. */
  readonly inject: readonly Step[];
  readonly shows: Shows;
  readonly label: Label;
  /** Longest time until it shows, in seconds. */
  readonly patience?: number;
  /** Seconds that are recorded after it showed (45). */
  readonly linger?: number;
  /** It touches what everybody uses: nothing else runs meanwhile. */
  readonly alone?: boolean;
  /** What puts right what lies outside its namespaces. */
  readonly after?: readonly Step[];
  /** Innocent changes beside it: chosen by the id unless said. */
  readonly churn?: readonly string[];
  /** Objects without a namespace that belong to it, besides those that `before` and `inject` make: `Kind/name`. */
  readonly owns?: readonly string[];
}

/** The objects of a case as they are now, for `shows`. */
export interface Scene {
  readonly objects: readonly KubeObject[];
  /** When the recording began. */
  readonly begun: string;
  /** Pods as they were then. */
  readonly before: readonly KubeObject[];
  /** Lines that containers wrote since the recording began, by pod. */
  readonly logs: ReadonlyMap<string, readonly string[]>;
}

type Tree = Readonly<Record<string, unknown>>;

/** Changes fields of an object: `deployment/web`. */
export function patch(
  of: string,
  body: Tree | readonly Tree[],
  type: 'merge' | 'strategic' | 'json' = 'strategic',
): Step {
  return { kubectl: ['patch', of, `--type=${type}`, '-p', JSON.stringify(body)] };
}

/** Changes fields of the only container of a workload, or of the one called so. */
export function patchContainer(of: string, container: Tree, name = of.slice(of.indexOf('/') + 1)): Step {
  return patch(of, { spec: { template: { spec: { containers: [{ name, ...container }] } } } });
}

/** Changes fields of the pods' spec of a workload. */
export function patchPod(of: string, spec: Tree): Step {
  return patch(of, { spec: { template: { spec } } });
}

export function restart(of: string): Step {
  return { kubectl: ['rollout', 'restart', of] };
}

function treeAt(tree: unknown, ...path: readonly string[]): Tree | undefined {
  let value = tree;
  for (const key of path) value = (value as Tree | undefined)?.[key];
  return typeof value === 'object' && value !== null ? (value as Tree) : undefined;
}

function listAt(tree: unknown, ...path: readonly string[]): readonly Tree[] {
  const list = treeAt(tree, ...path);
  return Array.isArray(list) ? (list as readonly Tree[]) : [];
}

function* ofKind({ objects }: Scene, kind: string, name: string): Iterable<KubeObject> {
  for (const object of objects) if (object.kind === kind && object.metadata.name.startsWith(name)) yield object;
}

function some<T>(all: Iterable<T>, test: (one: T) => boolean): boolean {
  for (const one of all) if (test(one)) return true;
  return false;
}

/** All of them are. */
export function all(...shows: readonly Shows[]): Shows {
  return (scene) => shows.every((each) => each(scene));
}

export function either(...shows: readonly Shows[]): Shows {
  return (scene) => shows.some((each) => each(scene));
}

/** A container of a pod that begins with that name waits, or ended last, for one of these reasons. */
export function container(pod: string, reasons: RegExp): Shows {
  return (scene) =>
    some(ofKind(scene, 'Pod', pod), (one) =>
      ['containerStatuses', 'initContainerStatuses'].some((key) =>
        listAt(one, 'status', key).some((status) =>
          [
            treeAt(status, 'state', 'waiting'),
            treeAt(status, 'state', 'terminated'),
            treeAt(status, 'lastState', 'terminated'),
          ].some((state) => reasons.test(String(state?.['reason'] ?? ''))),
        ),
      ),
    );
}

/** A container of such a pod was restarted at least so often since the recording began. */
export function restarted(pod: string, times: number): Shows {
  return (scene) =>
    some(ofKind(scene, 'Pod', pod), (one) => {
      const before = scene.before.find(({ metadata: { uid } }) => uid === one.metadata.uid);
      return restartsOf(one) - (before ? restartsOf(before) : 0) >= times;
    });
}

function restartsOf(pod: KubeObject): number {
  return Math.max(0, ...listAt(pod, 'status', 'containerStatuses').map(({ restartCount }) => Number(restartCount)));
}

/** A condition of an object has that status. */
export function condition(kind: string, name: string, type: string, status: string): Shows {
  return (scene) =>
    some(ofKind(scene, kind, name), (one) =>
      listAt(one, 'status', 'conditions').some((each) => each['type'] === type && each['status'] === status),
    );
}

/** Such a pod runs and is not ready. */
export function unready(pod: string): Shows {
  return (scene) =>
    some(
      ofKind(scene, 'Pod', pod),
      (one) =>
        treeAt(one, 'status')?.['phase'] === 'Running' &&
        one.metadata.deletionTimestamp === undefined &&
        listAt(one, 'status', 'conditions').some(({ type, status }) => type === 'Ready' && status === 'False'),
    );
}

/** Such a pod has that phase. */
export function phase(pod: string, wanted: string): Shows {
  return (scene) => some(ofKind(scene, 'Pod', pod), (one) => treeAt(one, 'status')?.['phase'] === wanted);
}

/** There is an Event with that reason whose message matches, from the time of the recording. */
export function event(reason: string, message: RegExp): Shows {
  return (scene) =>
    some(
      ofKind(scene, 'Event', ''),
      (one) =>
        one['reason'] === reason &&
        message.test(String(one['message'] ?? one['note'] ?? '')) &&
        // Times of Kubernetes are whole seconds.
        Math.max(...timesOf(one)) >= Date.parse(scene.begun) - 1_000,
    );
}

function timesOf(event: KubeObject): readonly number[] {
  const series = treeAt(event, 'series')?.['lastObservedTime'];
  const times = [series, event['lastTimestamp'], event['eventTime'], event.metadata.creationTimestamp];
  return times.map((time) => (typeof time === 'string' ? Date.parse(time) : 0));
}

/** A container of such a pod wrote a line that matches, at least so often. */
export function logged(pod: string, line: RegExp, times = 2): Shows {
  return ({ logs }) =>
    [...logs].some(([name, lines]) => name.startsWith(pod) && lines.filter((each) => line.test(each)).length >= times);
}

/** Any object of that kind and name is as the predicate says. */
export function object(kind: string, name: string, is: (object: Tree) => boolean): Shows {
  return (scene) => some(ofKind(scene, kind, name), (one) => is(one as Tree));
}

/** All of these Deployments, StatefulSets and DaemonSets are as ready as they should be. */
export function ready(...names: readonly string[]): Shows {
  return ({ objects }) =>
    names.every((name) =>
      objects.some((one) => {
        const [spec, status] = [treeAt(one, 'spec'), treeAt(one, 'status')];
        if (one.metadata.name !== name || !/^(?:Deployment|StatefulSet|DaemonSet)$/.test(one.kind)) return false;
        const wanted = Number(spec?.['replicas'] ?? status?.['desiredNumberScheduled'] ?? 1);
        const counts = [
          status?.['readyReplicas'] ?? status?.['numberReady'],
          status?.['updatedReplicas'] ?? status?.['updatedNumberScheduled'],
        ];
        return counts.every((count) => Number(count ?? 0) === wanted);
      }),
    );
}

/** Nothing has to show: the case is innocent. */
export const nothing: Shows = () => true;
