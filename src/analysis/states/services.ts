/**
 * Services that lead nowhere for certain although somebody runs who is clearly meant. Services without a selector, for pods that are yet to come, for a
 * canary or a leader that is not there now, and ports that nobody declares are as they should be.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds, treeAt } from '../case.ts';
import { changesOf } from '../changes.ts';
import { fieldChange } from '../mechanisms/fields.ts';
import { recency } from '../mechanisms/mechanism.ts';
import { mismatchesOf } from '../mechanisms/service-faults.ts';
import {
  hasOnePort,
  isReady,
  matches,
  podsOf,
  portsOf,
  selectorOf,
  servicesIn,
  templateLabels,
  workloadsBehind,
  workloadsIn,
} from '../services.ts';
import { PATIENCE_MS, type Read, type State } from './state.ts';

export const service: Read = (known, resource, suffering) => {
  const spec = treeAt(known.object(resource.id), 'spec');
  const selector = selectorOf(known, resource);
  if (selector === undefined || spec?.['type'] === 'ExternalName') return undefined;
  const created = milliseconds(resource.createdAt);
  if (known.now - created < PATIENCE_MS) return undefined;
  const pods = podsOf(known, resource);
  if (pods.length > 0)
    return misled(
      known,
      resource,
      pods.filter((pod) => isReady(known, pod)),
    );
  const behind = workloadsBehind(known, resource);
  if (behind.some(({ id }) => suffering.has(id))) return undefined;
  return behind.length > 0 ? stopped(known, resource, behind) : choosesNobody(known, resource, selector);
};

function choosesNobody(known: Case, resource: Resource, selector: Readonly<Record<string, string>>): State | undefined {
  const meant = workloadsIn(known, resource).find((workload) => isMeant(known, resource, workload, selector));
  if (meant === undefined) return undefined;
  const own = fieldChange(known, resource, known.now, /^spec\.selector/, 'spec', 'selector');
  const theirs = fieldChange(known, meant, known.now, /^spec\.template\.metadata\.labels/);
  const since = Math.max(own?.at ?? 0, theirs?.at ?? 0) || milliseconds(resource.createdAt);
  return symptom(
    resource,
    'NoEndpoints',
    `no pod has the labels that it chooses, although ${meant.kind} ${meant.name} runs`,
    since,
  );
}

/** A workload of its name, or with all labels but the value of one; it runs, declares a port, and no other Service leads to it. */
function isMeant(
  known: Case,
  service: Resource,
  workload: Resource,
  selector: Readonly<Record<string, string>>,
): boolean {
  const labels = (templateLabels(known, workload) ?? {}) as Readonly<Record<string, unknown>>;
  const entries = Object.entries(selector);
  const off = entries.filter(([key, value]) => labels[key] !== value);
  const isNear = entries.length > 1 && off.length === 1 && off.every(([key]) => labels[key] !== undefined);
  if (workload.name !== service.name && !isNear) return false;
  const ready = known.pods(workload).filter((pod) => isReady(known, pod));
  if (ready.length === 0) return false;
  if (workload.name === service.name && !isNear && mismatchesOf(known, service, ready).length > 0) return false;
  return !isServed(known, workload, labels);
}

function isServed(known: Case, workload: Resource, labels: Readonly<Record<string, unknown>>): boolean {
  return servicesIn(known, workload).some((other) => {
    const selector = selectorOf(known, other);
    return selector !== undefined && matches(selector, labels);
  });
}

/** Scaled to nothing by somebody lately, while others that run are told to call it. */
function stopped(known: Case, resource: Resource, behind: readonly Resource[]): State | undefined {
  for (const workload of behind) {
    if (treeAt(known.object(workload.id), 'spec')?.['replicas'] !== 0) return undefined;
    // Who scales by need scales to nothing.
    if (known.sources(workload.id, 'SCALES').length > 0) return undefined;
    const change = fieldChange(known, workload, known.now, /^spec\.replicas$/, 'spec', 'replicas');
    if (change === undefined || recency(change.at, known.now) < 0.5 || !isNeeded(known, resource)) continue;
    return symptom(resource, 'NoEndpoints', `${workload.kind} ${workload.name} is scaled to zero`, change.at);
  }
  return undefined;
}

/** A route leads to it, or a program that runs is told its address. */
function isNeeded(known: Case, service: Resource): boolean {
  const routes = known
    .sources(service.id, 'ROUTES_TO')
    .some(({ kind }) => /^(?:Ingress|\w*Route|VirtualService)$/.test(kind));
  return routes || known.sources(service.id, 'CALLS').some((caller) => caller.kind === 'Pod' && isReady(known, caller));
}

/** Ports by a name that none of its pods has lead nowhere; a number only when it was changed, or the pods have one port and are probed there. */
function misled(known: Case, resource: Resource, ready: readonly Resource[]): State | undefined {
  if (ready.length === 0) return undefined;
  const wrong = mismatchesOf(known, resource, ready);
  if (wrong.length === 0) return undefined;
  const change = fieldChange(known, resource, known.now, /^spec\.ports/, 'spec', 'ports');
  const isWhole = wrong.length === portsOf(known, resource).length;
  const named = isWhole && wrong.every(({ port }) => typeof port.targetPort === 'string');
  const isPlain = isWhole && ready.every((pod) => hasOnePort(known, pod)) && isNeeded(known, resource);
  if (!change && !named && !isPlain) return undefined;
  const [{ port, declared } = { port: undefined, declared: '' }] = wrong;
  const since = change?.at ?? Math.max(milliseconds(resource.createdAt), latest(known, ready));
  return symptom(
    resource,
    'NoPortBehind',
    `port ${port?.port} leads to ${port?.targetPort}/${port?.protocol}; its pods have ${declared}`,
    since,
  );
}

function latest(known: Case, pods: readonly Resource[]): number {
  return Math.min(...pods.map((pod) => changesOf(known, pod).at(-1)?.at ?? milliseconds(pod.createdAt)));
}

function symptom(resource: Resource, reason: string, message: string, since: number): State {
  return { resource, whole: resource, reason, message, since, severity: 'critical' };
}
