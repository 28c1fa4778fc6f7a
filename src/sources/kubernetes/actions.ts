/**
 * Acting on a cluster through its API server: one request an action, tried with `dryRun=All` before it is made, in the name of the field manager `kube-kg`. What an
 * action needs to know it reads anew from the server, so that nothing is written from what was observed. Sources: kubectl rollout restart, rollout undo, scale,
 * cordon; API conventions, "Dry-run".
 */
import type { KubeObject } from '../../model/change.ts';
import type { Action } from '../../model/remediation.ts';
import type { Resource } from '../../model/resource.ts';
import type { Answer, ChangeRequest, KubeClient } from './client.ts';
import type { Failure } from './failure.ts';

type Client = Pick<KubeClient, 'get' | 'change'>;
export type Target = Pick<Resource, 'group' | 'kind' | 'namespace' | 'name' | 'uid'>;

interface Planned extends ChangeRequest {
  /** What it does, for people and the record; never a value of the object. */
  readonly text: string;
}

export type Acted = { readonly type: 'ok'; readonly text: string } | (Failure & { readonly tried: boolean });

const MANAGER = 'fieldManager=kube-kg';
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const OBJECTS_MAX = 500;

const PLURALS: Readonly<Record<string, string>> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  ReplicaSet: 'replicasets',
  Node: 'nodes',
  Pod: 'pods',
};

/** Tries the action, and makes it when `forReal`. `at`: what a restart writes into the template. `tried` of a failure: only the dry run was made. */
export async function act(
  client: Client,
  target: Target,
  action: Action,
  { forReal, at, stop }: { readonly forReal: boolean; readonly at: string; readonly stop: AbortSignal },
): Promise<Acted> {
  const request = await requestFor(client, target, action, at, stop);
  if ('type' in request) return { ...request, tried: true };
  const send = (query: string): Promise<Answer | Failure> =>
    client.change({ ...request, path: `${request.path}?${query}` }, stop);
  const tried = await send(`${MANAGER}&dryRun=All`);
  if (tried.type !== 'ok') return { ...tried, tried: true };
  if (!forReal) return { type: 'ok', text: request.text };
  const made = await send(MANAGER);
  return made.type === 'ok' ? { type: 'ok', text: request.text } : { ...made, tried: false };
}

async function requestFor(
  client: Client,
  target: Target,
  action: Action,
  at: string,
  stop: AbortSignal,
): Promise<Planned | Failure> {
  const path = pathOf(target);
  const found = await client.get(path, { stop });
  if (found.type !== 'ok') return found;
  const object = found.body as KubeObject;
  if (target.uid !== '' && object.metadata.uid !== target.uid)
    return { type: 'refused', message: `${target.kind} ${target.name} is another one by now; look again` };
  switch (action.name) {
    case 'restart':
      return restart(path, object, at);
    case 'undo':
      return undo(client, path, object, action.revision, stop);
    case 'scale':
      return scale(path, object, action.replicas);
    case 'cordon':
    case 'uncordon':
      return cordon(path, object, action.name === 'cordon');
    case 'delete-pod':
      return deletePod(path, object);
    default:
      return action.name satisfies never;
  }
}

function pathOf({ group, kind, namespace, name }: Target): string {
  const root = group === '' ? '/api/v1' : `/apis/${group}/v1`;
  const place = namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${place}/${PLURALS[kind] ?? ''}/${encodeURIComponent(name)}`;
}

const refused = (message: string): Failure => ({ type: 'refused', message });

function specOf(object: KubeObject): Readonly<Record<string, unknown>> {
  return (object['spec'] ?? {}) as Readonly<Record<string, unknown>>;
}

function nameOf({ kind, metadata: { namespace, name } }: KubeObject): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

function restart(path: string, object: KubeObject, at: string): Planned | Failure {
  if (specOf(object)['paused'] === true) return refused(`${nameOf(object)} is paused: its rollout would not begin`);
  const annotations = { 'kubectl.kubernetes.io/restartedAt': at };
  const body = { spec: { template: { metadata: { annotations } } } };
  return {
    method: 'PATCH',
    path,
    contentType: MERGE,
    body,
    text: `restart the pods of ${nameOf(object)}, as a rollout`,
  };
}

function scale(path: string, object: KubeObject, replicas: number | undefined): Planned | Failure {
  if (replicas === undefined) return refused('scale: say to how many `replicas`');
  const before = Number(specOf(object)['replicas'] ?? 1);
  const text = `scale ${nameOf(object)} from ${before} to ${replicas}`;
  return { method: 'PATCH', path: `${path}/scale`, contentType: MERGE, body: { spec: { replicas } }, text };
}

function cordon(path: string, object: KubeObject, unschedulable: boolean): Planned | Failure {
  const is = specOf(object)['unschedulable'] === true;
  const word = unschedulable ? 'cordon' : 'uncordon';
  if (is === unschedulable)
    return refused(`${nameOf(object)} is ${unschedulable ? 'cordoned' : 'not cordoned'} already`);
  const body = { spec: { unschedulable: unschedulable ? true : null } };
  return { method: 'PATCH', path, contentType: MERGE, body, text: `${word} ${nameOf(object)}` };
}

function deletePod(path: string, object: KubeObject): Planned | Failure {
  const { ownerReferences = [], uid } = object.metadata;
  if (!ownerReferences.some(({ controller }) => controller))
    return refused(`${nameOf(object)} has no owner that would make it again; delete it by hand when that is meant`);
  const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } };
  return {
    method: 'DELETE',
    path,
    contentType: 'application/json',
    body,
    text: `delete ${nameOf(object)}, which its owner makes again`,
  };
}

const REVISION = 'deployment.kubernetes.io/revision';

/** Back to the template of an earlier revision, which a Deployment keeps in its ReplicaSets, and others in ControllerRevisions. */
async function undo(
  client: Client,
  path: string,
  object: KubeObject,
  wanted: number | undefined,
  stop: AbortSignal,
): Promise<Planned | Failure> {
  const isDeployment = object.kind === 'Deployment';
  const place = path.slice(0, path.lastIndexOf('/', path.lastIndexOf('/') - 1));
  const listed = await client.get(
    `${place}/${isDeployment ? 'replicasets' : 'controllerrevisions'}?limit=${OBJECTS_MAX}`,
    { stop },
  );
  if (listed.type !== 'ok') return listed;
  const { items = [] } = listed.body as { readonly items?: readonly KubeObject[] };
  const own = items.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid));
  const revisionOf = (one: KubeObject): number =>
    Number(isDeployment ? one.metadata.annotations?.[REVISION] : one['revision']);
  const sorted = own.filter((one) => revisionOf(one) > 0).sort((a, b) => revisionOf(b) - revisionOf(a));
  const [current] = sorted;
  const earlier = wanted === undefined ? sorted[1] : sorted.find((one) => revisionOf(one) === wanted);
  if (earlier === undefined || current === undefined)
    return refused(
      wanted === undefined
        ? `${nameOf(object)} keeps no earlier revision to go back to`
        : `${nameOf(object)} keeps no revision ${wanted}; it keeps ${sorted.map(revisionOf).join(', ') || 'none'}`,
    );
  if (specOf(object)['paused'] === true) return refused(`${nameOf(object)} is paused: its rollout would not begin`);
  const text = `take ${nameOf(object)} back from revision ${revisionOf(current)} to ${revisionOf(earlier)}`;
  if (!isDeployment) return { method: 'PATCH', path, contentType: STRATEGIC, body: earlier['data'], text };
  const { resourceVersion } = object.metadata;
  const body = [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'replace', path: '/spec/template', value: withoutHash(specOf(earlier)['template']) },
  ];
  return { method: 'PATCH', path, contentType: JSON_PATCH, body, text };
}

/** A ReplicaSet's template has one label more. */
function withoutHash(template: unknown): unknown {
  const { metadata, ...rest } = template as {
    readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  };
  const { 'pod-template-hash': _, ...labels } = metadata?.labels ?? {};
  return { ...rest, metadata: { ...metadata, labels } };
}
