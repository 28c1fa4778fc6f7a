/**
 * Whom an occurrence is about. Collectors name subjects as well as they can: by uid, by the name of a pod that is long gone, by the name that an
 * application gives itself, in the labels of an alert. Who cannot be found is kept under the name it was given, the same one each time.
 */
import { groupOf, type Json } from '../model/change.ts';
import type { Resource } from '../model/resource.ts';
import { EXPORTERS, NAMESPACE_LABELS, SUBJECT_LABELS } from '../model/subject-labels.ts';
import type { Estate, Told } from './estate.ts';

/** Subjects that say where, and not who. */
const PLACES = /^(?:Namespace|Cluster|Alert|Alertmanager|PrometheusRule|Prometheus|Rule|Monitor|Unknown|)$/i;
const CLUSTER_SCOPED = new Set(
  `Node PersistentVolume Namespace StorageClass ValidatingWebhookConfiguration MutatingWebhookConfiguration APIService ClusterRole ClusterRoleBinding
  PriorityClass IngressClass CustomResourceDefinition ClusterIssuer`.split(/\s+/),
);
/** Kinds by which people name the same application. */
const APPLICATIONS =
  /^(?:Pod|Deployment|StatefulSet|DaemonSet|ReplicaSet|Rollout|Service|Application|Container|Workload|)$/i;
const WORKLOADS: readonly (readonly [group: string, kind: string])[] = [
  ['apps', 'Deployment'],
  ['apps', 'StatefulSet'],
  ['apps', 'DaemonSet'],
  ['argoproj.io', 'Rollout'],
  ['batch', 'CronJob'],
  ['batch', 'Job'],
];
const GROUPS: ReadonlyMap<string, string> = new Map([
  ...WORKLOADS.map(([group, kind]) => [kind, group] as const),
  ['HorizontalPodAutoscaler', 'autoscaling'],
  ['Ingress', 'networking.k8s.io'],
]);
/** Labels by which workloads say which application they are. */
const NAMES = [
  'app.kubernetes.io/name',
  'app.kubernetes.io/component',
  'app',
  'k8s-app',
  'opentelemetry.io/name',
  'io.kompose.service',
  'service',
  'name',
];

interface Name {
  readonly cluster: string;
  readonly group?: string | undefined;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export class Subjects {
  readonly #estate: Estate;
  readonly #strangers = new Map<string, Resource>();
  readonly #found = new Map<string, Resource>();
  #apps: Map<string, Set<Resource>> | undefined;

  constructor(estate: Estate) {
    this.#estate = estate;
  }

  /** Who is meant. */
  of({ cluster: observer, occurrence }: Told): Resource {
    const { subject, attributes } = occurrence;
    const { kind, name, namespace = '', uid = '', apiVersion = '', cluster = observer } = subject;
    // Most are named as they are, and labels need not be read.
    const plain = `${cluster} ${kind} ${namespace} ${name} ${uid} ${apiVersion}`;
    const known = this.#found.get(plain);
    if (known) return known;
    const labels = labelsOf(attributes);
    const key = `${plain} ${JSON.stringify(labels)}`;
    const found = this.#found.get(key) ?? this.#of(observer, subject, labels);
    const isPlain = !found.pseudo && found.name === name && found.namespace === namespace && !PLACES.test(kind);
    if (this.#found.size < FOUND_MAX) this.#found.set(isPlain ? plain : key, found);
    return found;
  }

  #of(observer: string, subject: Told['occurrence']['subject'], labels: Labels): Resource {
    const { kind, name, namespace, uid, apiVersion, cluster = observer } = subject;
    const byUid = uid ? this.#estate.view.get(`${cluster}/${uid}`) : undefined;
    if (byUid) return byUid;
    const place = namespace || first(labels, NAMESPACE_LABELS) || '';
    const group = apiVersion?.includes('/') ? groupOf(apiVersion) : undefined;
    const called = kindNamed(kind);
    const own: Name = { cluster, group, kind: called, namespace: CLUSTER_SCOPED.has(called) ? '' : place, name };
    const tries = PLACES.test(kind) ? [...named(cluster, place, labels), own] : [own, ...named(cluster, place, labels)];
    for (const one of tries) {
      const found = this.find(one);
      if (found) return found;
    }
    return this.stranger(tries[0] ?? own);
  }

  /** The resource of a name, looked for as what it is said to be, then as an application. */
  find({ cluster, group, kind, namespace, name }: Name): Resource | undefined {
    const { view } = this.#estate;
    for (const known of view.kinds()) {
      if (known.kind !== kind || (group !== undefined && known.group !== group)) continue;
      const found =
        view.byName({ cluster, ...known, namespace, name }) ?? view.byName({ cluster, ...known, namespace: '', name });
      if (found) return found;
    }
    if (CLUSTER_SCOPED.has(kind) || PLACES.test(kind)) return undefined;
    const base = kind === 'Pod' || kind === 'ReplicaSet' ? workloadName(name) : name;
    return base === undefined ? undefined : this.app(cluster, namespace, base);
  }

  /** The workload, or Service, that goes by a name; in any namespace where none is told, as long as it is the only one. */
  app(cluster: string, namespace: string, name: string): Resource | undefined {
    this.#apps ??= this.#index();
    for (const key of [`= ${name}`, `# ${name}`, `~ ${bare(name)}`]) {
      const all = [...(this.#apps.get(key) ?? [])].filter((one) => one.cluster === cluster);
      const here = namespace === '' ? all : all.filter((one) => one.namespace === namespace);
      const makers = here.filter(({ kind }) => kind !== 'Service');
      const [only, another] = makers.length > 0 ? makers : here;
      if (only && (another === undefined || (key.startsWith('=') && another.namespace === only.namespace))) return only;
    }
    return undefined;
  }

  /** Someone of whom nothing is known but the name; what is called a pod is taken for the workload that its name tells. */
  stranger({ cluster, kind, namespace, name: told }: Name): Resource {
    const workload = kind === 'Pod' ? workloadName(told) : kind === 'Job' ? cronJobName(told) : undefined;
    const name = workload ?? told;
    const key = `${cluster} ${APPLICATIONS.test(kind) ? '' : makerOf(kind, told)} ${namespace}/${name}`;
    const alike = APPLICATIONS.test(kind) ? `${cluster} ~ ${namespace}/${bare(name)}` : key;
    const known = this.#strangers.get(key) ?? this.#strangers.get(alike);
    if (known) return known;
    const named = workload === undefined && kind !== 'Job' ? kind : makerOf(kind, told);
    const made = standIn({ cluster, kind: named, namespace, name });
    this.#strangers.set(key, made);
    this.#strangers.set(alike, made);
    return made;
  }

  #index(): Map<string, Set<Resource>> {
    const apps = new Map<string, Set<Resource>>();
    const add = (key: string, resource: Resource): void => {
      const list = apps.get(key);
      if (list) list.add(resource);
      else apps.set(key, new Set([resource]));
    };
    for (const [group, kind] of [...WORKLOADS, ['', 'Service']] as const)
      for (const resource of this.#estate.view.resources({ group, kind })) {
        // A Job of a CronJob is a part.
        if (kind === 'Job' && (this.#estate.object(resource.id)?.metadata.ownerReferences?.length ?? 0) > 0) continue;
        add(`= ${resource.name}`, resource);
        add(`~ ${bare(resource.name)}`, resource);
        for (const label of NAMES) {
          const value = resource.labels[label];
          if (value !== undefined) add(`# ${value}`, resource);
        }
      }
    return apps;
  }
}

const FOUND_MAX = 100_000;

type Labels = Readonly<Record<string, string>>;

/** Labels of an alert and attributes of a log are told side by side, or one in the other. */
export function labelsOf(attributes: Readonly<Record<string, Json>> | undefined): Labels {
  const labels: Record<string, string> = {};
  const take = (tree: Json | undefined): void => {
    if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return;
    for (const [key, value] of Object.entries(tree))
      if (typeof value === 'string' || typeof value === 'number') labels[key] ??= String(value);
  };
  take(attributes?.['labels']);
  take(attributes?.['commonLabels']);
  take(attributes?.['resource']);
  take(attributes);
  return labels;
}

function* namedIn(cluster: string, namespace: string, labels: Labels): Iterable<Name> {
  for (const [kind, keys] of SUBJECT_LABELS) {
    const name = first(labels, keys);
    if (name === undefined || EXPORTERS.test(name)) continue;
    yield { cluster, kind, namespace: CLUSTER_SCOPED.has(kind) ? '' : namespace, name };
  }
}

function named(cluster: string, namespace: string, labels: Labels): readonly Name[] {
  return [...namedIn(cluster, namespace, labels)];
}

function first(labels: Labels, keys: readonly string[]): string | undefined {
  return keys.map((key) => labels[key]).find((value) => value !== undefined && value !== '');
}

/** Kinds are written as people like. */
function kindNamed(kind: string): string {
  return KINDS.get(kind.toLowerCase()) ?? kind;
}

const KINDS: ReadonlyMap<string, string> = new Map(
  `Pod Service Deployment StatefulSet DaemonSet ReplicaSet Job CronJob Node Namespace PersistentVolumeClaim PersistentVolume Ingress ConfigMap
  Secret HorizontalPodAutoscaler NetworkPolicy Gateway HTTPRoute Application Container`
    .split(/\s+/)
    .flatMap((kind) => [[kind.toLowerCase(), kind] as const, [`${kind.toLowerCase()}s`, kind] as const]),
);

/** Letters that Kubernetes makes random names of (apimachinery util/rand). */
const RANDOM = '[bcdfghjklmnpqrstvwxz2456789]';
const OF_DEPLOYMENT = new RegExp(`^(.+)-${RANDOM}{6,10}(?:-${RANDOM}{5})?$`);
const OF_DAEMON_SET = new RegExp(`^(.+)-${RANDOM}{5}$`);

/** The workload that the name of a pod or ReplicaSet tells; undefined when it is a name like any other. */
function workloadName(pod: string): string | undefined {
  return (OF_DEPLOYMENT.exec(pod) ?? OF_DAEMON_SET.exec(pod) ?? /^(.+)-\d{1,3}$/.exec(pod))?.[1];
}

/** The CronJob that the name of a Job tells: its run is named by the minute. */
function cronJobName(job: string): string | undefined {
  return /^(.+)-\d{8}$/.exec(job)?.[1];
}

/** What makes pods and Jobs of such names. */
function makerOf(kind: string, name: string): string {
  if (kind === 'Job') return cronJobName(name) === undefined ? 'Job' : 'CronJob';
  if (kind !== 'Pod') return kind;
  return /-\d+$/.test(name) ? 'StatefulSet' : 'Deployment';
}

/** Without what people put around names: `cart-service`, `cartservice`, `svc-cart` are `cart`, and `kafka-brokers` is `kafka`. */
function bare(told: string): string {
  const name = told.replace(
    /(?<=.)-(?:headless|hl|brokers|bootstrap|nodes|discovery|primary|rw|ro|read|write|svc)$/i,
    '',
  );
  const plain = name.toLowerCase().replaceAll(/[-_.\s]/g, '');
  return plain.replace(/^(?:service|svc)(?=.)/, '').replace(/(?<=.)(?:service|svc|server|app)$/, '');
}

/** A resource that nothing but a name is known of. */
export function standIn({ cluster, kind, namespace, name }: Name): Resource {
  return {
    id: `${cluster}/~${kind}/${namespace}/${name}`,
    cluster,
    group: GROUPS.get(kind) ?? '',
    kind,
    namespace,
    name,
    uid: '',
    pseudo: true,
    labels: {},
    summary: {},
    health: { status: 'unknown' },
  };
}
