/**
 * What a change of a field is about, and what it can break: one table, read by whoever tells of changes. The first row that fits decides. A field that is in
 * no row of intent follows from others (status, counters, what controllers fill in) and is no change that anybody made.
 */
import type { FieldChange } from '../model/field-changes.ts';
import { type GroupKind, kindKey } from '../model/groups.ts';

/** The classes, each with what a change of it can break. */
export const changeClasses = {
  image: 'new pods cannot start when the image is missing, forbidden, of another processor, or does not work',
  command: 'containers end at once when the command or its arguments are wrong',
  env: 'the program may lack a setting, or be told a wrong one; it reads it as it starts',
  probe: 'pods are restarted, or get no traffic, when the probe asks wrongly or too soon',
  resources: 'pods may not fit on any node or into the quota, or are killed at their limit',
  volume: 'pods wait until the volume is there, and may find other files',
  security: 'the program may not be allowed what it does: user, rights, service account',
  placement: 'pods may fit on no node, or crowd on few',
  'pod-network': 'pods may not find names, or clash over ports of their node',
  selector: 'who is chosen changes: traffic or ownership may go to nobody, or to others',
  port: 'callers are refused when nobody listens where they are sent',
  replicas: 'as many pods must fit; with none, nobody answers',
  strategy: 'rollouts may stop, or take away more pods than is good',
  autoscaling: 'the number of replicas follows other signs, or none',
  schedule: 'runs come at other times, or not at all',
  'config-key':
    'who reads the key works with another value, at once from a volume, at its next start from the environment',
  secret: 'who uses the old value is refused, or cannot read what it needs',
  rbac: 'who acts by these rights is refused, or may do more than meant',
  quota: 'new pods or volumes are refused where the limit is reached',
  taint: 'pods that do not tolerate it find no place there, or are evicted',
  cordon: 'no new pods are placed on the node',
  capacity: 'less fits on the node',
  policy: 'connections, admissions or evictions that were allowed are refused, or the other way round',
  webhook: 'requests to the API are refused, changed, or wait, as the webhook answers',
  'storage-class': 'volumes are made differently, or not at all',
  storage: 'a volume may be too small, or bound to another one',
  host: 'requests for the host or path find nobody, or someone else',
  tls: 'clients do not trust the certificate, or get none',
  service: 'callers reach it by another address, or not at all',
  schema: 'objects of the kind may be refused, or lose fields',
  owner: 'the object may be deleted with another one, or be left behind',
  lifecycle: 'the object is going, or is kept from going, until its finalizers are done',
  label: 'who selects by the label finds it no more, or finds it now: Services, policies, schedulers',
  annotation: 'controllers that read the annotation behave differently',
  spec: 'its controller does something else',
  data: 'who reads it finds something else',
} as const satisfies Record<string, string>;

export type ChangeClass = keyof typeof changeClasses;

/** In the order in which they are told: what breaks most comes first. */
export const classNames = Object.keys(changeClasses) as ChangeClass[];

interface Row {
  readonly class: ChangeClass | 'consequence';
  readonly path: RegExp;
  /** `group/Kind`, as far as it matters. */
  readonly kinds?: RegExp;
}

const CONTAINER = String.raw`(?:^|\.)(?:initContainers|ephemeralContainers|containers)\[[^\]]*\]`;
/** The spec of a pod, of its template, or of the template of a Job in a CronJob. */
const POD = String.raw`^spec\.(?:jobTemplate\.spec\.)?(?:template\.spec\.)?`;
const MAKERS = /^(?:apps\/|batch\/|\/(?:Pod|ReplicationController)$|argoproj\.io\/Rollout$)/;
const PODS = /^\/Pod$/;
const POLICIES =
  /^(?:policy\/|networking\.k8s\.io\/NetworkPolicy|policy\.networking\.k8s\.io\/|admissionregistration\.k8s\.io\/Validating|admissionregistration\.k8s\.io\/MutatingAdmissionPolicy|(?:[a-z.]*\.)?(?:cilium\.io|projectcalico\.org|kyverno\.io|gatekeeper\.sh|security\.istio\.io)\/)/;
const ROUTES =
  /^(?:networking\.k8s\.io\/Ingress|gateway\.networking\.k8s\.io\/|(?:[a-z.]*\.)?(?:traefik\.io|projectcontour\.io|networking\.istio\.io|route\.openshift\.io)\/)/;

const inPod = (fields: string): RegExp => new RegExp(`${POD}(?:${fields})(?:\\b|$)`);
const inContainer = (fields: string): RegExp => new RegExp(`${CONTAINER}\\.(?:${fields})(?:\\b|$)`);

const rows: readonly Row[] = [
  // What follows from others.
  { class: 'capacity', path: /^status\.(?:allocatable|capacity)\b/, kinds: /^\/Node$/ },
  {
    class: 'consequence',
    path: /^status\b|^metadata\.(?:resourceVersion|generation|creationTimestamp|uid|managedFields|selfLink|generateName)\b/,
  },
  {
    class: 'consequence',
    path: /^metadata\.annotations\["(?:deployment\.kubernetes\.io\/|pv\.kubernetes\.io\/|volume\.kubernetes\.io\/|control-plane\.alpha\.|kubectl\.kubernetes\.io\/last-applied|autoscaling\.alpha\.|endpoints\.kubernetes\.io\/|node\.alpha\.|volumes\.kubernetes\.io\/|csi\.volume\.|deprecated\.daemonset\.|batch\.kubernetes\.io\/job-tracking)/,
  },
  { class: 'consequence', path: /pod-template-hash|controller-revision-hash/ },
  { class: 'consequence', path: /^spec\.(?:nodeName|enableServiceLinks|priority$)/, kinds: PODS },
  {
    class: 'consequence',
    path: /^spec\.(?:clusterIPs?|ipFamil|internalTrafficPolicy|healthCheckNodePort)/,
    kinds: /^\/Service$/,
  },
  {
    class: 'consequence',
    path: /^spec\.(?:volumeName$|claimRef|podCIDR|providerID)/,
    kinds: /^\/(?:PersistentVolume|PersistentVolumeClaim|Node)$/,
  },
  // Of every object.
  { class: 'owner', path: /^metadata\.ownerReferences/ },
  { class: 'lifecycle', path: /^metadata\.(?:finalizers|deletion)/ },
  {
    class: 'storage-class',
    path: /^metadata\.annotations\["storageclass\.(?:beta\.)?kubernetes\.io\/is-default-class"\]/,
  },
  { class: 'policy', path: /^metadata\.labels\["pod-security\.kubernetes\.io\//, kinds: /^\/Namespace$/ },
  { class: 'label', path: /^metadata\.labels|^spec\.(?:jobTemplate\.spec\.)?template\.metadata\.labels/ },
  {
    class: 'annotation',
    path: /^metadata\.annotations|^spec\.(?:jobTemplate\.spec\.)?template\.metadata\.annotations/,
  },
  // Of pods and their templates.
  { class: 'image', path: inContainer('image|imagePullPolicy'), kinds: MAKERS },
  { class: 'command', path: inContainer('command|args|workingDir|stdin|tty'), kinds: MAKERS },
  { class: 'env', path: inContainer('env|envFrom'), kinds: MAKERS },
  { class: 'probe', path: inContainer('livenessProbe|readinessProbe|startupProbe|lifecycle'), kinds: MAKERS },
  { class: 'resources', path: inContainer('resources|resizePolicy'), kinds: MAKERS },
  { class: 'port', path: inContainer('ports'), kinds: MAKERS },
  { class: 'volume', path: inContainer('volumeMounts|volumeDevices'), kinds: MAKERS },
  { class: 'security', path: inContainer('securityContext'), kinds: MAKERS },
  { class: 'image', path: new RegExp(`${CONTAINER}$`), kinds: MAKERS },
  { class: 'image', path: inPod('imagePullSecrets'), kinds: MAKERS },
  { class: 'resources', path: inPod('resources|overhead|resourceClaims'), kinds: MAKERS },
  { class: 'volume', path: inPod('volumes|volumeClaimTemplates'), kinds: MAKERS },
  {
    class: 'security',
    path: inPod(
      'securityContext|serviceAccount|serviceAccountName|automountServiceAccountToken|hostPID|hostIPC|hostUsers|runtimeClassName',
    ),
    kinds: MAKERS,
  },
  {
    class: 'placement',
    path: inPod(
      'nodeSelector|nodeName|affinity|tolerations|topologySpreadConstraints|priorityClassName|priority|preemptionPolicy|schedulerName|schedulingGates',
    ),
    kinds: MAKERS,
  },
  {
    class: 'pod-network',
    path: inPod('dnsPolicy|dnsConfig|hostAliases|hostNetwork|hostname|subdomain|setHostnameAsFQDN'),
    kinds: MAKERS,
  },
  {
    class: 'schedule',
    path: /^spec\.(?:schedule|suspend|timeZone|concurrencyPolicy|startingDeadlineSeconds)$/,
    kinds: /^batch\//,
  },
  { class: 'replicas', path: /^spec\.(?:replicas|parallelism|completions)$/ },
  { class: 'selector', path: /^spec\.selector/, kinds: /^(?:apps\/|batch\/|\/(?:Service|ReplicationController)$)/ },
  {
    class: 'strategy',
    path: /^spec\.(?:strategy|updateStrategy|minReadySeconds|progressDeadlineSeconds|paused|podManagementPolicy|backoffLimit|activeDeadlineSeconds|podFailurePolicy|jobTemplate\.spec\.(?:backoffLimit|activeDeadlineSeconds))/,
    kinds: MAKERS,
  },
  // Of single kinds.
  { class: 'config-key', path: /^(?:data|binaryData|immutable)\b/, kinds: /^\/ConfigMap$/ },
  { class: 'secret', path: /^(?:data|stringData|type|immutable)\b/, kinds: /^\/Secret$/ },
  { class: 'rbac', path: /./, kinds: /^rbac\.authorization\.k8s\.io\// },
  { class: 'rbac', path: /./, kinds: /^\/ServiceAccount$/ },
  { class: 'quota', path: /^spec\b/, kinds: /^\/(?:ResourceQuota|LimitRange)$/ },
  { class: 'taint', path: /^spec\.taints/, kinds: /^\/Node$/ },
  { class: 'cordon', path: /^spec\.unschedulable/, kinds: /^\/Node$/ },
  { class: 'webhook', path: /^webhooks/, kinds: /^admissionregistration\.k8s\.io\// },
  { class: 'policy', path: /./, kinds: POLICIES },
  { class: 'port', path: /^spec\.ports/, kinds: /^\/Service$/ },
  { class: 'service', path: /^spec\b/, kinds: /^\/Service$/ },
  { class: 'storage-class', path: /./, kinds: /^storage\.k8s\.io\/StorageClass$/ },
  { class: 'storage-class', path: /^spec\.storageClassName/, kinds: /^\/PersistentVolume/ },
  { class: 'storage', path: /./, kinds: /^(?:\/PersistentVolume|storage\.k8s\.io\/|snapshot\.storage\.k8s\.io\/)/ },
  { class: 'tls', path: /^spec\.(?:tls|listeners\[[^\]]*\]\.tls)|certificateRefs/, kinds: ROUTES },
  { class: 'host', path: /^spec\b/, kinds: ROUTES },
  { class: 'tls', path: /^spec\b/, kinds: /^(?:cert-manager\.io|trust\.cert-manager\.io|certificates\.k8s\.io)\// },
  { class: 'autoscaling', path: /^spec\b/, kinds: /^(?:autoscaling|keda\.sh|autoscaling\.k8s\.io)\// },
  { class: 'schema', path: /^spec\b/, kinds: /^(?:apiextensions|apiregistration)\.k8s\.io\// },
  { class: 'spec', path: /^spec\b/ },
  { class: 'data', path: /./ },
];

/** What a field of a kind is about; undefined for what follows from others. */
export function classOf(kind: GroupKind, path: string): ChangeClass | undefined {
  const key = kindKey(kind);
  const row = rows.find(({ path: fits, kinds }) => fits.test(path) && (kinds?.test(key) ?? true));
  return row === undefined || row.class === 'consequence' ? undefined : row.class;
}

/** What the whole object of a kind is about, for one that came or went: the class of what matters most in it. */
export function classOfKind(kind: GroupKind): ChangeClass {
  const key = kindKey(kind);
  if (key === '/ConfigMap') return 'config-key';
  if (key === '/Secret') return 'secret';
  if (key === '/Service') return 'service';
  if (key === '/Node') return 'capacity';
  if (/^admissionregistration\.k8s\.io\/(?:Validating|Mutating)WebhookConfiguration$/.test(key)) return 'webhook';
  const found = rows.find(
    ({ class: name, path, kinds }) => name !== 'consequence' && kinds?.test(key) && path.test('spec'),
  );
  if (found !== undefined && found.class !== 'consequence') return found.class;
  return MAKERS.test(key) ? 'replicas' : 'spec';
}

/** A field that somebody meant to change, with what it is about. */
export interface ClassifiedField extends FieldChange {
  readonly class: ChangeClass;
}

/** The fields among these that are about something, in their order. */
export function classified(kind: GroupKind, fields: readonly FieldChange[]): readonly ClassifiedField[] {
  return fields.flatMap((field) => {
    const name = classOf(kind, field.path);
    return name === undefined ? [] : [{ ...field, class: name }];
  });
}

/** The classes of fields, each once, what breaks most first. */
export function classesIn(fields: readonly ClassifiedField[]): readonly ChangeClass[] {
  const found = new Set(fields.map((field) => field.class));
  return classNames.filter((name) => found.has(name));
}

/** What a change of a class can break, as the end of a sentence. */
export function canBreak(name: ChangeClass): string {
  return changeClasses[name];
}

/** Made and mended by controllers all the time: that one of them came, went or was counted anew is nobody's deed. */
const DERIVED: ReadonlySet<string> = new Set([
  '/Event',
  '/Endpoints',
  '/Lease',
  'coordination.k8s.io/Lease',
  'discovery.k8s.io/EndpointSlice',
  'apps/ControllerRevision',
  'metrics.k8s.io/PodMetrics',
  'metrics.k8s.io/NodeMetrics',
]);

/** Whether nothing that happens to objects of a kind is anybody's deed. */
export function isDerived(kind: GroupKind): boolean {
  return DERIVED.has(kindKey(kind));
}
