/** Pod: what runs. Source: core/v1 Pod. */
import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { Health } from '../model/resource.ts';
import { kind, type Raw } from './kind.ts';
import { podSpecRelations } from './pod-template.ts';
import { Node, PersistentVolumeClaim, ResourceClaim } from './refs.ts';
import { names, relation } from './relations.ts';

type Status = Raw<V1ContainerStatus>;

export const pod = kind<V1Pod>({
  group: '',
  name: 'Pod',
  plural: 'pods',
  namespaced: true,
  summary: (p) => ({
    ready: `${statuses(p).filter((status) => status.ready).length}/${p.spec?.containers?.length ?? 0}`,
    status: podStatus(p),
    restarts: statuses(p).reduce((sum, status) => sum + (status.restartCount ?? 0), 0),
    ip: p.status?.podIP,
    node: p.spec?.nodeName,
  }),
  health: podHealth,
  relations: [
    names('RUNS_ON', 'spec.nodeName', Node),
    names('NOMINATED_TO', 'status.nominatedNodeName', Node, { optional: true }),
    names('USES_DEVICE', 'status.resourceClaimStatuses[*]', ResourceClaim, { name: 'resourceClaimName' }),
    relation(
      'CLAIMS',
      'spec.volumes[*].ephemeral',
      'PersistentVolumeClaim',
      { note: 'named <pod>-<volume>, and owned by the pod' },
      ({ up, name, namespace }) => ({
        target: {
          by: 'name',
          group: PersistentVolumeClaim.group,
          kind: PersistentVolumeClaim.kind,
          namespace,
          name: `${name}-${(up(1) as { name?: string }).name ?? ''}`,
          owned: true,
        },
      }),
    ),
    ...podSpecRelations('spec'),
  ],
});

function statuses(p: Raw<V1Pod>): readonly Status[] {
  return p.status?.containerStatuses ?? [];
}

const SUCCEEDED: Health = { status: 'healthy', reason: 'Completed' };
const HEALTHY: Health = { status: 'healthy' };

/** The STATUS column of `kubectl get pods` (kubernetes pkg/printers/internalversion printPod). */
function podStatus(p: Raw<V1Pod>): string {
  if (p.metadata?.deletionTimestamp) return p.status?.reason === 'NodeLost' ? 'Unknown' : 'Terminating';
  const init = initProblem(p);
  if (init !== undefined) return init;
  const waiting = statuses(p).find((status) => status.state?.waiting?.reason)?.state?.waiting?.reason;
  if (waiting) return waiting;
  const ended = statuses(p).find((status) => status.state?.terminated && (status.state.terminated.exitCode ?? 0) !== 0)
    ?.state?.terminated;
  if (ended && p.status?.phase !== 'Succeeded')
    return ended.reason ?? (ended.signal ? `Signal:${ended.signal}` : `ExitCode:${ended.exitCode}`);
  if (p.status?.reason) return p.status.reason;
  return p.status?.phase === 'Succeeded' ? 'Completed' : (p.status?.phase ?? 'Unknown');
}

function initProblem(p: Raw<V1Pod>): string | undefined {
  const sidecars = new Set(
    (p.spec?.initContainers ?? []).filter((container) => container.restartPolicy === 'Always').map(({ name }) => name),
  );
  const inits = p.status?.initContainerStatuses ?? [];
  for (const [index, status] of inits.entries()) {
    const ended = status.state?.terminated;
    if (ended && ended.exitCode === 0) continue;
    if (sidecars.has(status.name) && status.started) continue;
    if (ended) return `Init:${ended.reason ?? `ExitCode:${ended.exitCode}`}`;
    const waiting = status.state?.waiting?.reason;
    if (waiting && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${index}/${p.spec?.initContainers?.length ?? inits.length}`;
  }
  return undefined;
}

const STARTING = new Set(['ContainerCreating', 'PodInitializing', 'Pending']);

function podHealth(p: Raw<V1Pod>): Health {
  const phase = p.status?.phase;
  const status = podStatus(p);
  if (phase === 'Succeeded') return SUCCEEDED;
  if (phase === 'Failed') return { status: 'critical', reason: status, ...messageOf(p) };
  if (phase === 'Running') {
    const ready = p.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    if (ready === 'True') return HEALTHY;
    if (status === 'Running') return { status: 'warning', reason: 'NotReady' };
    if (status === 'Completed') return { status: 'warning', reason: 'NotReady' };
    return { status: 'critical', reason: status, ...messageOf(p) };
  }
  if (phase === 'Pending' || phase === undefined) {
    const unschedulable = p.status?.conditions?.find(
      ({ type, status: value }) => type === 'PodScheduled' && value === 'False',
    );
    if (unschedulable)
      return {
        status: 'critical',
        reason: unschedulable.reason ?? 'Unschedulable',
        ...withMessage(unschedulable.message),
      };
    if (STARTING.has(status) || /^Init:\d/.test(status)) return { status: 'warning', reason: status };
    return { status: 'critical', reason: status, ...messageOf(p) };
  }
  return { status: 'unknown', reason: phase };
}

function messageOf(p: Raw<V1Pod>): { message?: string } {
  const all = [...(p.status?.initContainerStatuses ?? []), ...statuses(p)];
  const message = p.status?.message ?? all.find((status) => status.state?.waiting?.message)?.state?.waiting?.message;
  return withMessage(message);
}

function withMessage(message: string | undefined): { message?: string } {
  return message ? { message } : {};
}
