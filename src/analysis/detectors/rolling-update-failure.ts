/** A rollout whose new pods fail, so that it does not come to its end. That it is slow only, less than half done, is less certain than what is told by default. */
import { kindKey } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds, text, treeAt } from '../case.ts';
import { conditionsIn } from '../containers.ts';
import { numberAt } from '../states/state.ts';
import { CLUES_MAX, counted, type Detection, type Detector, MINUTE } from './detection.ts';
import { faultOf, firstLine } from './signals.ts';

/** So long every rollout may take. */
const PATIENCE_MS = 60_000;

export const rollingUpdateFailure: Detector = function* (known, { rolloutMinutes }) {
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'])
    for (const workload of known.view.resources({ group: 'apps', kind })) {
      if (workload.health.status === 'healthy') continue;
      const rollout = rolloutOf(known, workload);
      const found = rollout && failureOf(known, workload, rollout, rolloutMinutes * MINUTE);
      if (found) yield found;
    }
};

interface Rollout {
  readonly since: number;
  /** Pods of the new template. */
  readonly pods: readonly Resource[];
  readonly wanted: number;
  readonly updated: number;
  readonly available: number;
}

function rolloutOf(known: Case, workload: Resource): Rollout | undefined {
  const object = known.object(workload.id);
  const status = treeAt(object, 'status');
  if (object === undefined || status === undefined) return undefined;
  const isSet = kindKey(workload) === 'apps/DaemonSet';
  const wanted = isSet
    ? numberAt(status, 'desiredNumberScheduled', 0)
    : numberAt(treeAt(object, 'spec'), 'replicas', 1);
  const updated = numberAt(status, isSet ? 'updatedNumberScheduled' : 'updatedReplicas', 0);
  const available = numberAt(status, isSet ? 'numberAvailable' : 'availableReplicas', 0);
  const made = kindKey(workload) === 'apps/Deployment' ? ofDeployment(known, workload) : ofRevision(known, workload);
  return made && { ...made, wanted, updated, available };
}

/** The newest of several ReplicaSets: with one alone nothing is rolled over. */
function ofDeployment(known: Case, workload: Resource): Pick<Rollout, 'since' | 'pods'> | undefined {
  const sets = known.targets(workload.id, 'OWNS').filter((one) => kindKey(one) === 'apps/ReplicaSet');
  const numberOf = ({ id }: Resource): number =>
    Number(known.object(id)?.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
  const [newest, before] = sets.toSorted((a, b) => numberOf(b) - numberOf(a));
  return newest && before && { since: begunAt(known, workload, newest), pods: known.pods(newest) };
}

/** When the rollout began: a ReplicaSet may be an old one that is taken up again. */
function begunAt(known: Case, workload: Resource, newest: Resource): number {
  const made = milliseconds(newest.createdAt);
  const pods = known
    .pods(newest)
    .map(({ createdAt }) => milliseconds(createdAt))
    .filter((at) => at > 0);
  const progressing = conditionsIn(treeAt(known.object(workload.id), 'status')).find(
    ({ type }) => type === 'Progressing',
  );
  return Math.max(made, pods.length > 0 ? Math.min(...pods) : made, pods.length > 0 ? 0 : (progressing?.at ?? 0));
}

function ofRevision(known: Case, workload: Resource): Pick<Rollout, 'since' | 'pods'> | undefined {
  const revisions = known.targets(workload.id, 'OWNS').filter(({ kind }) => kind === 'ControllerRevision');
  const newest = revisions.toSorted((a, b) => milliseconds(b.createdAt) - milliseconds(a.createdAt))[0];
  if (newest === undefined || revisions.length < 2) return undefined;
  const wanted = text(treeAt(known.object(workload.id), 'status')?.['updateRevision']) || newest.name;
  const hash = wanted.slice(workload.name.length + 1);
  const pods = known
    .pods(workload)
    .filter(({ labels }) => [wanted, hash].includes(labels['controller-revision-hash'] ?? ''));
  return { since: milliseconds(newest.createdAt), pods };
}

function failureOf(
  known: Case,
  workload: Resource,
  { since, pods, wanted, updated, available }: Rollout,
  withinMs: number,
): Detection | undefined {
  if (wanted === 0 || (updated >= wanted && available >= wanted)) return undefined;
  const failed = pods.flatMap((pod) => {
    const fault = faultOf(known, pod);
    return fault && fault.since - since <= withinMs ? [{ pod, fault }] : [];
  });
  const isSlow = failed.length === 0 && available < wanted && 2 * updated < wanted && known.now - since > PATIENCE_MS;
  if (failed.length === 0 && !isSlow) return undefined;
  return {
    pattern: 'rolling_update_failure',
    severity: isSlow ? 'warning' : 'critical',
    confidence: isSlow ? 0.7 : 0.9,
    active: true,
    since,
    until: known.now,
    subject: workload,
    resources: isSlow ? pods : failed.map(({ pod }) => pod),
    summary: isSlow
      ? `The rollout of ${workload.kind} ${workload.name} has come to ${updated} of ${counted(wanted, 'pod')}.`
      : `The rollout of ${workload.kind} ${workload.name} does not end: ${failed.length} of ${counted(pods.length, 'new pod')} ${failed.length === 1 ? 'fails' : 'fail'}.`,
    evidence: failed.slice(0, CLUES_MAX).map(({ pod, fault }) => ({
      kind: 'state',
      at: fault.since,
      text: `pod ${pod.name}: ${fault.reason}${fault.message === '' ? '' : `, ${firstLine(fault.message)}`}`,
      resource: pod,
    })),
  };
}
