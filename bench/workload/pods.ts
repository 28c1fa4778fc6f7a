/**
 * Pods: which there are, in which state, on which node. Pods of Deployments come first, then those of StatefulSets,
 * DaemonSets and Jobs; the place in this order is a pod's number, from which its address follows.
 */

import type { KubeObject } from '../../src/model/change.ts';
import { hash32 } from '../../test/support/random.ts';
import {
  type App,
  appOf,
  daemonApp,
  type JobFacts,
  jobFacts,
  replicaSetName,
  statefulPlace,
  templateHash,
} from './apps.ts';
import { censusTime, digestFor, minuteMs, suffixFor } from './names.ts';
import { nodeAddress, nodeName } from './nodes.ts';
import { controller, kubelet, kubeObject, type Owner } from './object.ts';
import { at, type Plan, partOf } from './plan.ts';
import { type PodState, podStatus } from './pod-status.ts';
import { podTemplate, scheduledSpec, type TemplateOptions } from './pod-template.ts';

export interface PodFacts {
  readonly app: App;
  readonly name: string;
  /** Place in the order of all pods ever; decides the address. */
  readonly number: number;
  /** Absent once its controller has let it go. */
  readonly owner?: Owner;
  readonly labels: Readonly<Record<string, string>>;
  readonly template: TemplateOptions;
  readonly state: PodState;
  readonly node: number;
  readonly createdAt: number;
  readonly restarts: number;
  /** Name of a claim behind the template's data volume. */
  readonly claim?: string;
}

export function pod(seed: number, facts: PodFacts): KubeObject {
  const { app, name, state, createdAt, restarts } = facts;
  const template = podTemplate(seed, app, facts.template);
  const scheduled = state !== 'Pending';
  const bare = scheduledSpec(
    template.spec,
    scheduled ? nodeName(facts.node) : undefined,
    suffixFor(seed, `${name}/token`),
  );
  const data = facts.claim === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: facts.claim } }];
  const spec = { ...bare, volumes: [...data, ...bare.volumes] };
  const status = podStatus({
    state,
    spec,
    podIp: podAddress(facts.number),
    hostIp: nodeAddress(facts.node),
    startedAt: createdAt,
    restarts,
    digest: digestFor(seed, name),
  });
  return kubeObject(
    seed,
    {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: app.namespace,
      name,
      createdAt,
      ...(facts.claim !== undefined ? {} : { generateName: name.slice(0, -5) }),
      labels: { ...template.labels, ...facts.labels },
      annotations: template.annotations,
      ...(facts.owner === undefined ? {} : { owner: facts.owner }),
      writers: [{ ...controller, fields: ['metadata', 'spec'] }, kubelet],
    },
    { spec, status },
    { spec: template.spec, status },
  );
}

export function podAddress(number: number): string {
  return `10.${64 + ((number >> 16) % 64)}.${(number >> 8) % 256}.${number % 256}`;
}

/** The pod `ordinal` of a Deployment's revision, as the ReplicaSet controller names it. */
export function deploymentPod(plan: Plan, app: App, revision: number, ordinal: number, number: number): PodFacts {
  const set = replicaSetName(plan.seed, app, revision);
  const name = `${set}-${suffixFor(plan.seed, `${set}/${ordinal}`)}`;
  const hash = hash32(`${plan.seed}/${name}`);
  const state = stateOf(plan.seed, name);
  return {
    app,
    name,
    number,
    owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: set, namespace: app.namespace },
    labels: { 'pod-template-hash': templateHash(plan.seed, app, revision) },
    template: { revision },
    state,
    node: hash % plan.counts.Node,
    createdAt: censusTime - (hash % 20_000) * minuteMs,
    restarts: state === 'CrashLoopBackOff' ? 3 + (hash % 200) : hash % 20 === 0 ? 1 + (hash % 4) : 0,
  };
}

/** Which state a pod is in at the census: nearly all run, about one in thirty does not. */
export function stateOf(seed: number, name: string): PodState {
  const draw = hash32(`${seed}/${name}/state`) % 1000;
  if (draw < 12) return 'CrashLoopBackOff';
  if (draw < 18) return 'ImagePullBackOff';
  if (draw < 26) return 'Pending';
  return draw < 36 ? 'NotReady' : 'Running';
}

export function podNames(plan: Plan, app: App, revision: number): string[] {
  const set = replicaSetName(plan.seed, app, revision);
  return Array.from({ length: app.replicas }, (_, ordinal) => `${set}-${suffixFor(plan.seed, `${set}/${ordinal}`)}`);
}

export function readyPods(plan: Plan, app: App, revision: number): number {
  return podNames(plan, app, revision).filter((name) => stateOf(plan.seed, name) === 'Running').length;
}

export function podAt(plan: Plan, index: number): KubeObject {
  return pod(plan.seed, podFacts(plan, index));
}

function podFacts(plan: Plan, index: number): PodFacts {
  const stateful = index - at(plan.appPodsBefore, plan.counts.Deployment);
  if (stateful < 0) {
    const app = partOf(plan.appPodsBefore, index);
    const facts = appOf(plan, app);
    return deploymentPod(plan, facts, facts.revisions, index - at(plan.appPodsBefore, app), index);
  }
  const daemon = stateful - plan.counts.PersistentVolumeClaim;
  if (daemon < 0) return statefulPod(plan, stateful, index);
  const job = daemon - plan.counts.DaemonSet * plan.counts.Node;
  return job < 0 ? daemonPod(plan, daemon, index) : podOfJob(plan, jobFacts(plan, job), index);
}

/** Number of the pod of Job 0. */
export function firstJobPod(plan: Plan): number {
  return plan.counts.Pod - plan.jobPods;
}

export function statefulPod(plan: Plan, index: number, number: number): PodFacts {
  const { app, ordinal } = statefulPlace(plan, index);
  const name = `${app.name}-${ordinal}`;
  return {
    ...runningPod(plan, app, name, number),
    owner: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: app.name, namespace: app.namespace },
    labels: { 'statefulset.kubernetes.io/pod-name': name, 'apps.kubernetes.io/pod-index': String(ordinal) },
    template: { revision: 1, dataVolume: 'data' },
    claim: `data-${name}`,
  };
}

function daemonPod(plan: Plan, index: number, number: number): PodFacts {
  const app = daemonApp(Math.floor(index / plan.counts.Node));
  const name = `${app.name}-${suffixFor(plan.seed, `daemon/${index}`)}`;
  return {
    ...runningPod(plan, app, name, number),
    owner: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: app.name, namespace: app.namespace },
    labels: { 'pod-template-generation': '1' },
    template: { revision: 1, tolerateAll: true },
    node: index % plan.counts.Node,
  };
}

/** The pod of a Job, which keeps it as long as it is kept itself. */
export function podOfJob(plan: Plan, job: JobFacts, number: number): PodFacts {
  const name = `${job.name}-${suffixFor(plan.seed, `job/${job.app.namespace}/${job.name}`)}`;
  return {
    ...runningPod(plan, job.app, name, number),
    owner: { apiVersion: 'batch/v1', kind: 'Job', name: job.name, namespace: job.app.namespace },
    labels: { 'batch.kubernetes.io/job-name': job.name, 'job-name': job.name },
    template: { revision: 1, restartPolicy: 'Never' },
    state: job.failed ? 'Failed' : 'Succeeded',
    createdAt: job.createdAt,
  };
}

function runningPod(
  plan: Plan,
  app: App,
  name: string,
  number: number,
): Omit<PodFacts, 'owner' | 'labels' | 'template'> {
  const hash = hash32(`${plan.seed}/${app.namespace}/${name}`);
  return {
    app,
    name,
    number,
    state: 'Running',
    node: hash % plan.counts.Node,
    createdAt: censusTime - (hash % 40_000) * minuteMs,
    restarts: 0,
  };
}
