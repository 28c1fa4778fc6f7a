/**
 * Messages of the topic `state.k8s.resource`: a few fields of an object, `{op, at, cluster, kind, uid, namespace, name, labels, ownerRefs, node, podIP,
 * serviceSelector, replicas, status, spec}`. They become the object with what is known of it in the places where Kubernetes has it, so that relations and
 * health follow by the same rules as from the API. No value, or op DELETE, deletes.
 */
import { type KubeObject, objectRef } from '../../model/change.ts';
import { isRecord } from '../change-from-json.ts';
import { type Fields, type Format, fieldsOf, present, refused, type Said, textIn, textsOf } from './format.ts';
import { isGone, keyedFrom } from './keyed.ts';

/** Versions by kind in lower case; what a record names by `apiVersion` needs none. */
const KINDS: ReadonlyMap<string, readonly [kind: string, apiVersion: string]> = new Map(
  Object.entries({
    v1: 'Pod Service Node Namespace ConfigMap Secret PersistentVolumeClaim PersistentVolume ServiceAccount Endpoints ResourceQuota LimitRange',
    'apps/v1': 'Deployment ReplicaSet StatefulSet DaemonSet ControllerRevision',
    'batch/v1': 'Job CronJob',
    'networking.k8s.io/v1': 'Ingress NetworkPolicy IngressClass',
    'autoscaling/v2': 'HorizontalPodAutoscaler',
    'policy/v1': 'PodDisruptionBudget',
    'storage.k8s.io/v1': 'StorageClass',
  }).flatMap(([apiVersion, kinds]) =>
    kinds.split(' ').map((kind) => [kind.toLowerCase(), [kind, apiVersion]] as const),
  ),
);

/** The kind as Kubernetes writes it, with its version; undefined for one that nobody knows. */
export function kindFrom(word: string | undefined): { readonly kind: string; readonly apiVersion: string } | undefined {
  const [kind, apiVersion] = KINDS.get((word ?? '').toLowerCase()) ?? [];
  return kind === undefined || apiVersion === undefined ? undefined : { kind, apiVersion };
}

export const stateResource: Format = {
  name: 'state.k8s.resource',
  title: 'Messages of the topic state.k8s.resource',
  adapt(record, context): Said {
    const { key, value } = keyedFrom(record, context);
    const fields = fieldsOf(value);
    if (value !== null && value !== '' && !isRecord(value)) return refused('not a JSON object');
    const [, keyKind, keyUid] = /^([A-Za-z]+):([^:]+)$/.exec(key ?? '') ?? [];
    const word = textIn(fields, 'kind') ?? keyKind;
    const written = textIn(fields, 'apiVersion');
    const known = kindFrom(word) ?? (word && written ? { kind: word, apiVersion: written } : undefined);
    if (known === undefined)
      return refused(
        word === undefined
          ? 'neither kind nor a key like pod:UID says what it is'
          : `kind "${word}" is not known; add apiVersion`,
      );
    const named = { kind: known.kind, apiVersion: written ?? known.apiVersion };
    const at = { at: context.now, cluster: context.clusterOf(textIn(fields, 'cluster', 'client_id')) };
    const uid = textIn(fields, 'uid') ?? keyUid ?? '';
    const name = textIn(fields, 'name') ?? '';
    const namespace = textIn(fields, 'namespace', 'ns') ?? '';
    if (isGone(value)) {
      if (uid === '' && name === '') return refused('neither uid nor name says what is gone');
      const object = {
        ...objectRef({ group: '', kind: named.kind, namespace, name, uid }),
        apiVersion: named.apiVersion,
      };
      return { changes: [{ type: 'delete', ...at, object }] };
    }
    if (name === '') return refused('the resource has no name');
    const metadata = {
      name,
      namespace,
      uid,
      labels: textsOf(fields['labels']),
      ownerReferences: ownersIn(fields['ownerRefs']),
    };
    const object = { ...named, metadata: present(metadata), ...contentOf(named.kind, fields) } as unknown as KubeObject;
    return { changes: [{ type: 'apply', ...at, object }] };
  },
};

/** Owners are told by kind and name alone; the first is the controller. */
function ownersIn(list: unknown): readonly object[] | undefined {
  if (!Array.isArray(list) || list.length === 0) return undefined;
  return list.map(fieldsOf).map((owner, index) => {
    const kind = textIn(owner, 'kind') ?? '';
    return present({
      apiVersion: textIn(owner, 'apiVersion') ?? kindFrom(kind)?.apiVersion ?? 'v1',
      kind,
      name: textIn(owner, 'name') ?? '',
      uid: textIn(owner, 'uid'),
      controller: index === 0,
    });
  });
}

/** What the fields say, where Kubernetes says it. */
function contentOf(kind: string, fields: Fields): object {
  const spec = fieldsOf(fields['spec']);
  const status = fieldsOf(fields['status']);
  switch (kind) {
    case 'Pod':
      return podContent(fields, spec, status);
    case 'Service': {
      const addresses = fields['serviceIPs'];
      const selector = fields['serviceSelector'] ?? spec['selector'];
      return {
        spec: present({
          ...spec,
          selector,
          clusterIPs: Array.isArray(addresses) ? [...new Set(addresses)] : undefined,
        }),
        status,
      };
    }
    case 'Deployment': {
      const { strategy, ...rest } = spec;
      const type = typeof strategy === 'string' ? { type: strategy } : strategy;
      return { spec: present({ ...rest, strategy: type, replicas: fields['replicas'] }), status };
    }
    case 'DaemonSet': {
      const { desired, ready, available, ...rest } = status;
      const counts = { desiredNumberScheduled: desired, numberReady: ready, numberAvailable: available };
      return { spec, status: present({ ...rest, ...counts }) };
    }
    case 'Job': {
      const { completion, ...rest } = status;
      return { spec: present({ ...spec }), status: present({ ...rest, completionTime: completion }) };
    }
    case 'CronJob': {
      const { active: _, ...rest } = status;
      return { spec: present({ ...spec }), status: present(rest) };
    }
    case 'Node': {
      const { ready, ...rest } = status;
      return { spec, status: { ...rest, ...(typeof ready === 'boolean' && { conditions: [readiness(ready)] }) } };
    }
    default:
      return present({ spec: present({ ...spec, replicas: fields['replicas'] }), status, data: fields['data'] });
  }
}

const PHASES = new Set(['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown']);

/** Containers are told together, as if they were one. A phase that is none is why the pod waits. */
function podContent(fields: Fields, spec: Fields, status: Fields): object {
  const { restartCount, containerReady, phase, ...rest } = status;
  const isPhase = phase === undefined || PHASES.has(String(phase));
  const image = textIn(fields, 'image');
  const name = 'containers';
  const told = typeof restartCount === 'number' || typeof containerReady === 'boolean' || !isPhase;
  const state = isPhase
    ? containerReady === true && phase === 'Running'
      ? { running: {} }
      : undefined
    : { waiting: { reason: phase } };
  const one = present({ name, image, ready: containerReady === true, restartCount: Number(restartCount ?? 0), state });
  return {
    spec: present({
      ...spec,
      nodeName: textIn(fields, 'node'),
      containers: spec['containers'] ?? (image ? [{ name, image }] : undefined),
    }),
    status: present({
      ...rest,
      phase: isPhase ? phase : 'Running',
      podIP: textIn(fields, 'podIP'),
      conditions: rest['conditions'] ?? (typeof containerReady === 'boolean' ? [readiness(containerReady)] : undefined),
      containerStatuses: rest['containerStatuses'] ?? (told ? [one] : undefined),
    }),
  };
}

function readiness(ready: boolean): object {
  return { type: 'Ready', status: ready ? 'True' : 'False' };
}
