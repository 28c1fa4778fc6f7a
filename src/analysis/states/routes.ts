/**
 * Ingresses and routes that lead nowhere: what they name is not there, or their controller says so. What was never finished and disturbs nobody for
 * days is no symptom, nor is a certificate that is being issued. Sources: networking.k8s.io/v1 Ingress, gateway.networking.k8s.io conditions.
 */
import type { Dangling } from '../../model/edge.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, listAt, milliseconds, text, treeAt } from '../case.ts';
import { changesOf, deletionOf } from '../changes.ts';
import { meant } from '../mechanisms/address.ts';
import { fieldChange } from '../mechanisms/fields.ts';
import { isReady, podsOf, portsOf, serviceNamed, workloadsIn } from '../services.ts';
import { MINUTE, PATIENCE_MS, type Read, type State } from './state.ts';

const NEWS_MS = 24 * 60 * MINUTE;
const ISSUED = /cert-manager\.io\/|kubernetes\.io\/tls-acme|acme|letsencrypt/i;

export const ingress: Read = (known, resource) => {
  const [last] = changesOf(known, resource);
  const changed = last?.at ?? milliseconds(resource.createdAt);
  if (known.now - changed < PATIENCE_MS && last?.verb === 'created') return undefined;
  return missing(known, resource, changed) ?? wrongPort(known, resource, changed);
};

function missing(known: Case, resource: Resource, changed: number): State | undefined {
  for (const { type, target, detail } of known.dangling(resource.id)) {
    if (detail.reason !== 'missing' || detail.optional) continue;
    const gone = deletionOf(known, target);
    const since = gone?.at ?? changed;
    const message = `${target.kind} ${target.name} does not exist`;
    // What it named from the beginning and never was is unfinished; what somebody made it name, or took away, was there to work.
    const isNews =
      gone !== undefined || rewritten(known, resource, type) || isMisspelt(known, resource, target, changed);
    if (type === 'ROUTES_TO' && target.kind === 'Service' && (isNews || isOrphaned(known, resource, target.name)))
      return symptom(resource, 'BackendMissing', message, since, 'critical');
    if (type === 'USES_CLASS' && known.now - changed < NEWS_MS && isIgnored(known, resource))
      return symptom(resource, 'IngressClassMissing', message, since, 'critical');
    if (type === 'SERVES_CERTIFICATE' && isNews && !isBeingIssued(known, resource))
      return symptom(resource, 'CertificateMissing', message, since, 'warning');
  }
  return undefined;
}

/** It was made lately, and names almost a Service that is there. */
function isMisspelt(known: Case, { cluster }: Resource, target: Dangling['target'], changed: number): boolean {
  return (
    target.kind === 'Service' && known.now - changed < NEWS_MS && meant(known, { ...target, cluster }) !== undefined
  );
}

const FIELDS: Readonly<Record<string, readonly [pattern: RegExp, field: string]>> = {
  ROUTES_TO: [/^spec\.(?:rules|defaultBackend)/, 'rules'],
  SERVES_CERTIFICATE: [/^spec\.tls/, 'tls'],
};

/** Whether it was made to name something else lately. */
function rewritten(known: Case, resource: Resource, type: string): boolean {
  const [pattern, field] = FIELDS[type] ?? [];
  const change = pattern && field && fieldChange(known, resource, known.now, pattern, 'spec', field);
  return typeof change === 'object' && known.now - change.at < NEWS_MS;
}

/** A workload of the name runs, and nothing leads to it. */
function isOrphaned(known: Case, { cluster, namespace }: Resource, name: string): boolean {
  const workload = workloadsIn(known, { cluster, namespace }).find((one) => one.name === name);
  return (
    workload !== undefined &&
    serviceNamed(known, workload) === undefined &&
    known.pods(workload).some((pod) => isReady(known, pod))
  );
}

/** It has no address although there are classes, so that others are served. */
function isIgnored(known: Case, resource: Resource): boolean {
  if (resource.health.status === 'healthy') return false;
  const { cluster } = resource;
  return !known.view.resources({ cluster, group: 'networking.k8s.io', kind: 'IngressClass' })[Symbol.iterator]().next()
    .done;
}

function isBeingIssued(known: Case, resource: Resource): boolean {
  const annotations = known.object(resource.id)?.metadata.annotations ?? {};
  return Object.entries(annotations).some(([key, value]) => ISSUED.test(key) || ISSUED.test(value));
}

/** It names a port that the Service, behind which somebody is ready, does not have. */
function wrongPort(known: Case, resource: Resource, changed: number): State | undefined {
  for (const { to, detail } of known.view.out(resource.id, 'ROUTES_TO')) {
    const service = known.view.get(to);
    const port = detail.attributes?.['port'];
    if (service?.kind !== 'Service' || port === undefined || known.now - changed > NEWS_MS) continue;
    const ports = portsOf(known, service);
    if (ports.length === 0 || ports.some((one) => one.port === Number(port) || one.name === port)) continue;
    if (podsOf(known, service).some((pod) => isReady(known, pod)))
      return symptom(
        resource,
        'BackendPortMissing',
        `Service ${service.name} has no port ${port}`,
        changed,
        'critical',
      );
  }
  return undefined;
}

/** Reasons that are no faults, or come of having no load balancers at all. */
const WAITING = /^(?:Pending|AddressNotAssigned|AddressNotUsable|Waiting|Scheduled|NoResources)$/;

/** Routes of the Gateway API: each parent says whether it accepts the route, and finds what that names. */
export const route: Read = (known, resource) => {
  const parents = listAt(treeAt(known.object(resource.id), 'status'), 'parents');
  return ofConditions(
    known,
    resource,
    parents.flatMap((parent) => listAt(parent, 'conditions')),
  );
};

export const gateway: Read = (known, resource) => {
  const status = treeAt(known.object(resource.id), 'status');
  const listeners = listAt(status, 'listeners').flatMap((listener) => listAt(listener, 'conditions'));
  return ofConditions(known, resource, [...listAt(status, 'conditions'), ...listeners]);
};

function ofConditions(
  known: Case,
  resource: Resource,
  conditions: readonly Readonly<Record<string, unknown>>[],
): State | undefined {
  const fault = conditions.find(
    ({ type, status, reason }) =>
      (type === 'Accepted' || type === 'ResolvedRefs' || type === 'Programmed') &&
      status === 'False' &&
      !WAITING.test(text(reason)),
  );
  if (fault === undefined) return undefined;
  const since = milliseconds(fault['lastTransitionTime']) || milliseconds(resource.createdAt);
  if (known.now - since < PATIENCE_MS / 2) return undefined;
  return symptom(resource, text(fault['reason']) || 'NotAccepted', text(fault['message']), since, 'critical');
}

function symptom(
  resource: Resource,
  reason: string,
  message: string,
  since: number,
  severity: State['severity'],
): State {
  return { resource, whole: resource, reason, message, since, severity };
}
