/**
 * Faults that are made on purpose: objects of fault injectors that choose the pods that suffer, or those they call, and were at work when it began.
 * Sources: chaos-mesh.org/v1alpha1, litmuschaos.io/v1alpha1, chaosblade.io/v1alpha1, Istio VirtualService `http[*].fault`.
 */
import type { Resource } from '../../model/resource.ts';
import { matches, type Selector, selectorFrom } from '../../model/selector.ts';
import { callsOf, declaredCallees } from '../calls.ts';
import { type Case, listAt, milliseconds, treeAt } from '../case.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { appOf } from '../services.ts';
import type { Symptom } from '../symptoms.ts';
import { state } from './fields.ts';
import { downTo, kubectlName, recency, SLACK_MS } from './mechanism.ts';

const GROUPS = /^(?:chaos-mesh\.org|litmuschaos\.io|chaosblade\.io)$/;
/** Objects of those groups that do nothing by themselves. */
const PASSIVE =
  /^(?:PodNetworkChaos|PodHttpChaos|PodIOChaos|ChaosExperiment|ChaosResult|RemoteCluster|StatusCheck|WorkflowNode)$/;
/** What each kind does to pods; kinds that are not named may do anything. */
const EFFECTS: readonly (readonly [kind: RegExp, effect: RegExp])[] = [
  [
    /^(?:network|http|dns|grpc)/i,
    /error|fail|latency|slow|timeout|unready|notready|probe|call|down|lag|5xx|crash|backoff|lookup/i,
  ],
  [/^stress/i, /oom|memory|cpu|latency|slow|throttl|evict|unready|probe|error|fail|call|crash|backoff/i],
];

/** What comes before a container runs is no matter of theirs. */
const UNTOUCHED =
  /^(?:.*Image.*|CreateContainer\w*|RunContainerError|Unschedulable|NotScheduled|Failed(?:Create|Mount|Binding|AttachVolume)\w*|ProvisioningFailed|SelectorMatchesNothing|NoEndpoints|NoPortBehind)$/;

type Tree = Readonly<Record<string, unknown>>;

export function* chaos(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (UNTOUCHED.test(symptom.reason)) return;
  const faults = [...injectors(known, symptom.resource.cluster)];
  if (faults.length === 0) return;
  for (const { app, path, weight } of sides(known, symptom)) {
    for (const fault of faults) {
      const began = beganAt(known, fault);
      const isAtWork = began <= symptom.since + SLACK_MS && !endedBefore(known, fault, symptom.since);
      if (!isAtWork || !chooses(known, fault, app) || !fits(known, fault, symptom)) continue;
      yield hypothesisOf(known, symptom, fault, app, began, path, weight);
    }
  }
}

interface Side {
  readonly app: Resource;
  readonly path: readonly string[];
  readonly weight: number;
}

/** Who suffers, whom it complains of, and whom it calls: a fault at any of them shows here. */
function* sides(known: Case, symptom: Symptom): Iterable<Side> {
  const path = downTo(symptom);
  yield { app: symptom.whole, path, weight: weights.state };
  const seen = new Set([symptom.whole.id]);
  const called = callsOf(known, symptom).flatMap(({ callee }) => (callee && 'id' in callee ? [callee] : []));
  for (const [callees, weight] of [
    [called, weights.state],
    [declaredCallees(known, symptom), weights.edge],
  ] as const)
    for (const callee of callees) {
      const app = appOf(known, callee);
      if (seen.has(app.id)) continue;
      seen.add(app.id);
      yield { app, path: [titleOf(app), 'CALLS', ...path], weight };
    }
}

function* injectors(known: Case, cluster: string): Iterable<Resource> {
  const kinds = new Map([...known.view.kinds()].map((one) => [`${one.group}/${one.kind}`, one]));
  for (const { group, kind } of kinds.values())
    if (GROUPS.test(group) && !PASSIVE.test(kind)) yield* known.view.resources({ cluster, group, kind });
  const routes = known.view.resources({ cluster, group: 'networking.istio.io', kind: 'VirtualService' });
  for (const route of routes) if (faultIn(known, route)) yield route;
}

function faultIn(known: Case, route: Resource): boolean {
  return listAt(treeAt(known.object(route.id), 'spec'), 'http').some((rule) => treeAt(rule, 'fault') !== undefined);
}

/** When it was made, or last began anew. */
function beganAt(known: Case, fault: Resource): number {
  const object = known.object(fault.id);
  const last = milliseconds(treeAt(object, 'status')?.['lastScheduleTime'] ?? treeAt(object, 'status')?.['time']);
  return milliseconds(object?.metadata.creationTimestamp) || last || known.begins;
}

/** It recovered, was paused or stopped before the symptom began. */
function endedBefore(known: Case, fault: Resource, since: number): boolean {
  const object = known.object(fault.id);
  const conditions = listAt(treeAt(object, 'status'), 'conditions');
  const at = (one: Tree): number => milliseconds(one['lastTransitionTime']);
  const over = conditions.find(
    ({ type, status }) => (type === 'AllRecovered' || type === 'Paused') && status === 'True',
  );
  if (over && at(over) > 0) return at(over) < since;
  const phase = treeAt(treeAt(object, 'status'), 'experiment')?.['desiredPhase'];
  return (
    over !== undefined && phase === 'Stop' && milliseconds(object?.metadata.creationTimestamp) + 60 * 60_000 < since
  );
}

/** Whether it is aimed at an application. */
function chooses(known: Case, fault: Resource, app: Resource): boolean {
  const spec = treeAt(known.object(fault.id), 'spec');
  if (fault.kind === 'VirtualService')
    return known.targets(fault.id, 'ROUTES_TO').some((to) => to.kind === 'Service' && appOf(known, to).id === app.id);
  if (fault.kind === 'ChaosEngine') return ofEngine(treeAt(spec, 'appinfo'), app);
  const records = listAt(treeAt(treeAt(known.object(fault.id), 'status'), 'experiment'), 'containerRecords');
  const pods = known.pods(app);
  const ids = pods.map(({ namespace, name }) => `${namespace}/${name}`);
  if (records.some(({ id }) => ids.some((pod) => id === pod || String(id).startsWith(`${pod}/`)))) return true;
  const selectors = [...selectorsIn(spec, 0)];
  const labels = pods[0]?.labels ?? {};
  return selectors.some((selector) => choosesPod(selector, fault, app, labels, ids));
}

/** Selectors of the fault itself, of its target, of what a Schedule or Workflow makes. */
function* selectorsIn(tree: unknown, depth: number): Iterable<Tree> {
  if (typeof tree !== 'object' || tree === null || depth > 6) return;
  const selector = treeAt(tree, 'selector');
  if (selector) yield selector;
  for (const [key, value] of Object.entries(tree)) if (key !== 'selector') yield* selectorsIn(value, depth + 1);
}

function choosesPod(
  selector: Tree,
  fault: Resource,
  app: Resource,
  labels: Resource['labels'],
  ids: readonly string[],
): boolean {
  const named = treeAt(selector, 'pods');
  if (named)
    return Object.entries(named).some(([namespace, list]) =>
      [list].flat().some((name) => ids.includes(`${namespace}/${name}`)),
    );
  const namespaces = selector['namespaces'];
  const inside = Array.isArray(namespaces) && namespaces.length > 0 ? namespaces : [fault.namespace];
  if (!inside.includes(app.namespace)) return false;
  const wanted: Selector | undefined = selectorFrom({
    matchLabels: selector['labelSelectors'] ?? {},
    matchExpressions: selector['expressionSelectors'] ?? [],
  });
  return wanted !== undefined && matches(wanted, labels);
}

/** `applabel: app=web`, as Litmus has it. */
function ofEngine(info: Tree | undefined, app: Resource): boolean {
  const [key = '', value] = String(info?.['applabel'] ?? '').split('=');
  return info?.['appns'] === app.namespace && (app.labels[key] === value || app.name === value);
}

function fits(known: Case, fault: Resource, { reason, message }: Symptom): boolean {
  const type = String(treeAt(known.object(fault.id), 'spec')?.['type'] ?? fault.kind);
  const effect = EFFECTS.find(([kind]) => kind.test(type))?.[1];
  return effect === undefined || effect.test(`${reason} ${message}`);
}

function hypothesisOf(
  known: Case,
  { since }: Symptom,
  fault: Resource,
  app: Resource,
  began: number,
  path: readonly string[],
  weight: number,
): Hypothesis {
  // What is made by a schedule comes again after it was deleted.
  const owner = known.owner(fault);
  const root = owner && GROUPS.test(owner.group) ? owner : fault;
  const evidence: Evidence[] = [
    { kind: 'edge', text: `${titleOf(fault)} is aimed at ${titleOf(app)}`, resource: fault, weight },
    state('it injects faults', weights.usual, fault),
    {
      kind: 'change',
      at: began,
      text: `${titleOf(fault)} was at work since`,
      resource: fault,
      weight: weights.changed * recency(began, since),
    },
  ];
  return {
    subject: root,
    reason: 'FaultInjected',
    summary: `${titleOf(root)} injects faults into ${titleOf(app)}.`,
    evidence,
    path: [titleOf(root), 'APPLIES_TO', ...path],
    remedy: { summary: 'End the experiment.', commands: [`kubectl delete ${kubectlName(root)}`] },
  };
}
