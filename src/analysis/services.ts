/** Services as callers find them: by name or address, and whether anybody answers. */
import type { Resource } from '../model/resource.ts';
import { type Case, listAt, text, treeAt } from './case.ts';
import { type Absent, absent } from './hypothesis.ts';
import { isOutdated } from './outdated.ts';

const DOMAIN = /\.svc(?:\.[a-z0-9.-]+)?$/;

/** The Service that a host means to a caller: `web`, `web.shop`, `web.shop.svc.cluster.local`, or an address of one. */
export function serviceAt(known: Case, caller: Resource, host: string): Resource | Absent | undefined {
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)) return byAddress(known, caller, host);
  const isQualified = DOMAIN.test(host);
  const [first = '', ...rest] = host.replace(DOMAIN, '').split('.');
  // `pod.service.namespace` of a headless one.
  const tries: readonly (readonly [name: string, namespace: string])[] =
    rest.length === 0
      ? [[first, caller.namespace]]
      : rest.length === 1
        ? [
            [first, rest[0] ?? ''],
            [rest[0] ?? '', caller.namespace],
          ]
        : [[rest[0] ?? '', rest[1] ?? '']];
  for (const [name, namespace] of tries) {
    const found = known.view.byName({ cluster: caller.cluster, group: '', kind: 'Service', namespace, name });
    if (found) return found;
  }
  const [[name, namespace] = ['', '']] = tries;
  const isPlace = rest.length === 0 || isNamespace(known, caller.cluster, namespace);
  if (rest.length > 1 && !isQualified) return undefined;
  if (rest.length === 1 && !isQualified && !isPlace) return undefined;
  return absent(caller, { group: '', kind: 'Service', namespace, name });
}

/** A name of two parts is a Service and its namespace where that is known, or where namespaces are not and it is no domain of the world. */
function isNamespace(known: Case, cluster: string, name: string): boolean {
  if (known.view.byName({ cluster, group: '', kind: 'Namespace', namespace: '', name }) !== undefined) return true;
  const isSeen =
    known.view.resources({ cluster, group: '', kind: 'Namespace' })[Symbol.iterator]().next().done !== true;
  return !isSeen && !DOMAINS.test(name);
}

const DOMAINS =
  /^(?:com|org|net|io|dev|app|cloud|info|biz|ai|co|gov|edu|internal|local|lan|home|test|example|[a-z]{2})$/;

const addresses = new WeakMap<Case, ReadonlyMap<string, Resource>>();

/** The Service or pod that has an address; pods in the network of their node have none of their own. */
function byAddress(known: Case, { cluster }: Resource, address: string): Resource | undefined {
  let all = addresses.get(known);
  if (all === undefined) {
    const found = new Map<string, Resource>();
    for (const pod of known.view.resources({ group: '', kind: 'Pod' })) {
      const object = known.object(pod.id);
      const own = treeAt(object, 'spec')?.['hostNetwork'] === true ? '' : text(treeAt(object, 'status')?.['podIP']);
      if (own !== '') found.set(`${pod.cluster} ${own}`, pod);
    }
    for (const service of known.view.resources({ group: '', kind: 'Service' })) {
      const spec = treeAt(known.object(service.id), 'spec');
      for (const own of [spec?.['clusterIP'], ...listed(spec?.['clusterIPs'])])
        found.set(`${service.cluster} ${text(own)}`, service);
    }
    all = found;
    addresses.set(known, all);
  }
  return all.get(`${cluster} ${address}`);
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

const apps = new WeakMap<Case, Map<string, Resource>>();

/** The application that a resource stands for: the workload that alone answers as a Service, what a pod is part of, or itself. */
export function appOf(known: Case, resource: Resource): Resource {
  let all = apps.get(known);
  if (all === undefined) {
    all = new Map();
    apps.set(known, all);
  }
  let app = all.get(resource.id);
  if (app === undefined) {
    app = resource.kind !== 'Service' || resource.pseudo ? known.whole(resource) : answering(known, resource);
    all.set(resource.id, app);
  }
  return app;
}

/** Who answers as a Service: the one workload behind it, or the one of its name, else itself. */
function answering(known: Case, service: Resource): Resource {
  const wholes = [...workloadsBehind(known, service), ...podsOf(known, service).map((pod) => known.whole(pod))];
  const behind = new Map(wholes.map((one) => [one.id, one]));
  const [only = service] = behind.values();
  return behind.size <= 1 ? only : ([...behind.values()].find(({ name }) => name === service.name) ?? service);
}

/** The Service through which a workload is called: one that chooses its pods, else one of its name. */
export function serviceNamed(known: Case, workload: Resource): Resource | undefined {
  const { cluster, namespace, name } = workload;
  const labels = templateLabels(known, workload);
  for (const service of servicesIn(known, workload)) {
    const selector = selectorOf(known, service);
    if (selector && matches(selector, labels)) return service;
  }
  return known.view.byName({ cluster, group: '', kind: 'Service', namespace, name });
}

/** Labels by which a Service chooses its pods; undefined when it chooses none. */
export function selectorOf(known: Case, service: Resource): Readonly<Record<string, string>> | undefined {
  const spec = treeAt(known.object(service.id), 'spec');
  const selector = spec?.['type'] === 'ExternalName' ? undefined : treeAt(spec, 'selector');
  return selector && Object.keys(selector).length > 0 ? (selector as Readonly<Record<string, string>>) : undefined;
}

export function matches(selector: Readonly<Record<string, string>>, labels: unknown): boolean {
  return Object.entries(selector).every(
    ([key, value]) => (labels as Record<string, string> | undefined)?.[key] === value,
  );
}

const MAKERS: readonly (readonly [group: string, kind: string])[] = [
  ['apps', 'Deployment'],
  ['apps', 'StatefulSet'],
  ['apps', 'DaemonSet'],
];

/** Workloads whose pods a Service would choose. */
export function workloadsBehind(known: Case, service: Resource): readonly Resource[] {
  const selector = selectorOf(known, service);
  if (selector === undefined) return [];
  return workloadsIn(known, service).filter((workload) => matches(selector, templateLabels(known, workload)));
}

export function workloadsIn(known: Case, place: Pick<Resource, 'cluster' | 'namespace'>): readonly Resource[] {
  return placesOf(known).workloads.get(keyOf(place)) ?? [];
}

export function servicesIn(known: Case, place: Pick<Resource, 'cluster' | 'namespace'>): readonly Resource[] {
  return placesOf(known).services.get(keyOf(place)) ?? [];
}

/** Workloads and Services by namespace. */
interface Places {
  readonly workloads: ReadonlyMap<string, readonly Resource[]>;
  readonly services: ReadonlyMap<string, readonly Resource[]>;
}

const places = new WeakMap<Case, Places>();

function placesOf(known: Case): Places {
  let all = places.get(known);
  if (all === undefined) {
    const workloads = MAKERS.flatMap(([group, kind]) => [...known.view.resources({ group, kind })]);
    const services = [...known.view.resources({ group: '', kind: 'Service' })].filter(({ pseudo }) => !pseudo);
    all = { workloads: Map.groupBy(workloads, keyOf), services: Map.groupBy(services, keyOf) };
    places.set(known, all);
  }
  return all;
}

function keyOf({ cluster, namespace }: Pick<Resource, 'cluster' | 'namespace'>): string {
  return `${cluster} ${namespace}`;
}

export function templateLabels(known: Case, workload: Resource): unknown {
  const template = treeAt(treeAt(known.object(workload.id), 'spec'), 'template');
  return treeAt(treeAt(template, 'metadata'), 'labels');
}

/** Pods that a Service chooses. */
export function podsOf(known: Case, service: Resource): readonly Resource[] {
  return known.targets(service.id, 'SELECTS').filter(({ kind }) => kind === 'Pod');
}

export function isReady(known: Case, pod: Resource): boolean {
  const object = known.object(pod.id);
  // Of who is far from what is not well only that much is known.
  if (object === undefined) return pod.health.status === 'healthy';
  const conditions = listAt(treeAt(object, 'status'), 'conditions');
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True') || isOutdated(known, pod);
}

export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number | string;
  readonly protocol: string;
}

export function portsOf(known: Case, service: Resource): readonly ServicePort[] {
  return listAt(treeAt(known.object(service.id), 'spec'), 'ports').map((one) => {
    const port = Number(one['port']);
    const target = one['targetPort'];
    return {
      name: text(one['name']),
      port,
      targetPort: typeof target === 'number' || (typeof target === 'string' && target !== '') ? target : port,
      protocol: text(one['protocol']) || 'TCP',
    };
  });
}

/** Ports that the containers of a pod declare; declaring none says nothing. */
export function containerPorts(
  known: Case,
  pod: Resource,
): readonly { readonly name: string; readonly port: number; readonly protocol: string }[] {
  const spec = treeAt(known.object(pod.id), 'spec');
  return [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')].flatMap((container) =>
    listAt(container, 'ports').map((one) => ({
      name: text(one['name']),
      port: Number(one['containerPort']),
      protocol: text(one['protocol']) || 'TCP',
    })),
  );
}

/** All that it declares is one port, and there it is probed. */
export function hasOnePort(known: Case, pod: Resource): boolean {
  const [port, ...others] = containerPorts(known, pod);
  if (port === undefined || others.length > 0) return false;
  return listAt(treeAt(known.object(pod.id), 'spec'), 'containers').some((container) =>
    ['readinessProbe', 'livenessProbe', 'startupProbe'].some((name) => {
      const probe = treeAt(container, name);
      const target = (treeAt(probe, 'httpGet') ?? treeAt(probe, 'tcpSocket') ?? treeAt(probe, 'grpc'))?.['port'];
      return target === port.port || (target === port.name && port.name !== '');
    }),
  );
}
