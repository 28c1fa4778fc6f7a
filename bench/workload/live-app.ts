/**
 * One Deployment with its ReplicaSets, pods and Services while it changes. Each method is what somebody or something does to it,
 * recorded as the objects that the controllers then write, in about their order.
 */

import type { KubeObject } from '../../src/model/change.ts';
import type { Random } from '../../test/support/random.ts';
import { type App, appOf, replicaSetName } from './apps.ts';
import { endpointSlice, type ServiceFacts, service, servicesOf } from './network.ts';
import { at, type Plan } from './plan.ts';
import type { PodState } from './pod-status.ts';
import { deploymentPod, type PodFacts, pod } from './pods.ts';
import type { Recorder } from './recorder.ts';
import { deployment, replicaSet, type WorkloadState } from './workloads.ts';

/** ReplicaSets kept for roll-backs, `spec.revisionHistoryLimit`. */
const historyLimit = 10;

export class LiveApp {
  readonly #plan: Plan;
  readonly #app: App;
  readonly #services: readonly Omit<ServiceFacts, 'pods'>[];
  #seed: number;
  #revision: number;
  #oldest = 1;
  #generation: number;
  #channel: string | undefined;
  #pods: PodFacts[];
  #podsMade: number;
  #installed = true;

  /** As the census has it. */
  constructor(plan: Plan, index: number) {
    this.#plan = plan;
    this.#app = appOf(plan, index);
    this.#services = servicesOf(plan, index);
    this.#seed = plan.seed;
    this.#revision = this.#app.revisions;
    this.#generation = this.#app.revisions;
    this.#podsMade = this.#app.replicas;
    const first = at(plan.appPodsBefore, index);
    this.#pods = Array.from({ length: this.#podsMade }, (_, ordinal) =>
      deploymentPod(plan, this.#app, this.#revision, ordinal, first + ordinal),
    );
  }

  get installed(): boolean {
    return this.#installed;
  }

  get replicas(): number {
    return this.#pods.length;
  }

  /** One pod fails, or one that failed recovers; whoever counts ready pods takes note. */
  flip(recorder: Recorder, random: Random): void {
    const index = random.int(this.#pods.length);
    const before = this.#pods[index];
    if (before === undefined) return;
    const state: PodState =
      before.state === 'Running' ? random.pick(['NotReady', 'NotReady', 'CrashLoopBackOff']) : 'Running';
    const restarts = before.restarts + (before.state === 'CrashLoopBackOff' || state === 'CrashLoopBackOff' ? 1 : 0);
    this.#pods[index] = { ...before, state, restarts };
    const object = pod(this.#seed, { ...before, state, restarts });
    recorder.apply(object);
    if (state === 'CrashLoopBackOff') {
      recorder.event(object, 'Warning', 'BackOff', 'Back-off restarting failed container app', restarts);
    } else if (state === 'NotReady') {
      recorder.event(object, 'Warning', 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503');
    }
    this.#slices(recorder);
    recorder.apply(this.#replicaSet(this.#revision));
    recorder.apply(this.#deployment());
  }

  /** A new image: a new ReplicaSet, every pod replaced, the oldest ReplicaSet beyond the limit gone. */
  rollOut(recorder: Recorder): void {
    const old = this.#pods;
    const before = this.#revision;
    this.#revision++;
    this.#generation++;
    this.#pods = [];
    recorder.apply(this.#deployment(old.length));
    recorder.apply(this.#replicaSet(this.#revision, old.length), true);
    const name = replicaSetName(this.#seed, this.#app, this.#revision);
    recorder.event(this.#deployment(), 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} to ${old.length}`);
    for (const gone of old) {
      this.#addPod(recorder);
      recorder.remove(pod(this.#seed, gone));
      this.#slices(recorder);
    }
    recorder.apply(this.#replicaSet(before));
    recorder.apply(this.#replicaSet(this.#revision));
    recorder.apply(this.#deployment());
    while (this.#revision - this.#oldest > historyLimit) recorder.remove(this.#replicaSet(this.#oldest++));
  }

  scaleTo(recorder: Recorder, replicas: number): void {
    this.#generation++;
    recorder.apply(this.#deployment(replicas));
    recorder.apply(this.#replicaSet(this.#revision, replicas));
    while (this.#pods.length < replicas) this.#addPod(recorder);
    for (const gone of this.#pods.splice(replicas)) recorder.remove(pod(this.#seed, gone));
    this.#slices(recorder);
    recorder.apply(this.#replicaSet(this.#revision));
    recorder.apply(this.#deployment());
  }

  /** Somebody takes a pod out of service to debug it: its labels change, its ReplicaSet lets it go and makes another. */
  isolate(recorder: Recorder, random: Random): KubeObject | undefined {
    const [taken] = this.#pods.splice(random.int(this.#pods.length), 1);
    if (taken === undefined) return undefined;
    const labels = { ...taken.labels, 'app.kubernetes.io/instance': 'quarantine' };
    const { owner: _, ...released } = taken;
    recorder.apply(pod(this.#seed, { ...taken, labels }));
    const alone = pod(this.#seed, { ...released, labels });
    recorder.apply(alone);
    this.#addPod(recorder);
    this.#slices(recorder);
    return alone;
  }

  /** A label of the Deployment itself. */
  relabel(recorder: Recorder, channel: string): void {
    this.#channel = channel;
    recorder.apply(this.#deployment());
  }

  /** All of it goes, dependents after their owners, as the garbage collector does it. */
  uninstall(recorder: Recorder): void {
    recorder.remove(this.#deployment());
    for (const facts of this.#services) {
      recorder.remove(service(this.#seed, facts));
      recorder.remove(endpointSlice(this.#seed, { ...facts, pods: this.#pods }));
    }
    for (let revision = this.#oldest; revision <= this.#revision; revision++)
      recorder.remove(this.#replicaSet(revision));
    for (const gone of this.#pods) recorder.remove(pod(this.#seed, gone));
    this.#installed = false;
  }

  /** Comes back under the same names with new uids. */
  install(recorder: Recorder): void {
    const replicas = this.#pods.length;
    this.#seed += 1_000_003;
    this.#revision = 1;
    this.#oldest = 1;
    this.#generation = 1;
    this.#podsMade = 0;
    this.#pods = [];
    this.#installed = true;
    recorder.apply(this.#deployment(replicas), true);
    for (const facts of this.#services) recorder.apply(service(this.#seed, facts), true);
    recorder.apply(this.#replicaSet(1, replicas), true);
    while (this.#pods.length < replicas) this.#addPod(recorder);
    for (const facts of this.#services) recorder.apply(endpointSlice(this.#seed, { ...facts, pods: this.#pods }), true);
    recorder.apply(this.#replicaSet(1));
    recorder.apply(this.#deployment());
  }

  /** Seen three times by a watcher: made, bound to a node, running. */
  #addPod(recorder: Recorder): void {
    const plan = { ...this.#plan, seed: this.#seed };
    const number = 1_000_000 + recorder.count;
    const facts = {
      ...deploymentPod(plan, this.#app, this.#revision, this.#podsMade++, number),
      createdAt: recorder.now,
      restarts: 0,
    };
    const bound = pod(this.#seed, { ...facts, state: 'NotReady' });
    recorder.apply(pod(this.#seed, { ...facts, state: 'Pending' }), true);
    recorder.event(bound, 'Normal', 'Scheduled', `Successfully assigned ${facts.name} to a node`);
    recorder.apply(bound);
    recorder.apply(pod(this.#seed, { ...facts, state: 'Running' }));
    recorder.event(bound, 'Normal', 'Started', 'Started container app');
    this.#pods.push({ ...facts, state: 'Running' });
  }

  #state(replicas = this.#pods.length): WorkloadState {
    const ready = this.#pods.filter(({ state }) => state === 'Running').length;
    const labels = this.#channel === undefined ? {} : { labels: { ...this.#app.labels, channel: this.#channel } };
    return { revision: this.#revision, replicas, ready, generation: this.#generation, ...labels };
  }

  #deployment(replicas?: number): KubeObject {
    return deployment(this.#seed, this.#app, this.#state(replicas));
  }

  #replicaSet(revision: number, replicas?: number): KubeObject {
    const { labels: _, ...current } = this.#state(replicas);
    const state = revision === this.#revision ? current : { revision, replicas: 0, ready: 0 };
    return replicaSet(this.#seed, this.#app, state);
  }

  #slices(recorder: Recorder): void {
    for (const facts of this.#services) recorder.apply(endpointSlice(this.#seed, { ...facts, pods: this.#pods }));
  }
}
