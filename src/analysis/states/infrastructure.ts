/** Nodes that cannot do their work, and claims that wait for a volume that does not come. Sources: core/v1, pkg/controller/volume/persistentvolume. */
import type { Resource } from '../../model/resource.ts';
import { type Case, listAt, milliseconds, type Notice, text, treeAt } from '../case.ts';
import { PATIENCE_MS, type Read } from './state.ts';

/** Conditions that are bad news when True: of the kubelet, and of the node problem detector. */
const BAD =
  /Pressure$|^(?:KernelDeadlock|ReadonlyFilesystem|XfsShutdown|CorruptDockerOverlay2|NetworkUnavailable)$|^Frequent/;

export const node: Read = (known, resource) => {
  const { status, reason = 'NotReady', message = '' } = resource.health;
  if (status !== 'critical' && !BAD.test(reason)) return undefined;
  const object = known.object(resource.id);
  const created = milliseconds(object?.metadata.creationTimestamp);
  // A node that has just joined is not ready yet; one that is removed need not be.
  if (object?.metadata.deletionTimestamp !== undefined) return undefined;
  if (created > 0 && known.now - created < PATIENCE_MS) return undefined;
  const told = listAt(treeAt(object, 'status'), 'conditions').find(({ type, status: value }) =>
    BAD.test(reason) ? type === reason && value === 'True' : type === 'Ready',
  );
  const since = milliseconds(told?.['lastTransitionTime']) || known.now;
  const severity = status === 'critical' ? 'critical' : 'warning';
  return { resource, whole: resource, reason, message: message || text(told?.['message']), since, severity };
};

/** What is told of a claim that is not bound. What only waits for a pod is well. */
const TELLING = /^(?:ProvisioningFailed|FailedBinding|VolumeMismatch|ExternalProvisioning|ClaimLost|ClaimMisbound)$/;
const WAITING = /^(?:WaitForFirstConsumer|WaitForPodScheduled)$/;

export const claim: Read = (known, resource) => {
  const object = known.object(resource.id);
  const phase = text(treeAt(object, 'status')?.['phase']);
  if ((phase !== 'Pending' && phase !== 'Lost') || object?.metadata.deletionTimestamp !== undefined) return undefined;
  const created = milliseconds(object?.metadata.creationTimestamp) || known.begins;
  const told = known.notices(resource).findLast(({ reason }) => TELLING.test(reason) || WAITING.test(reason));
  const isUsed = known.sources(resource.id, 'CLAIMS').some(({ kind }) => kind === 'Pod');
  const severity = isUsed ? 'critical' : 'warning';
  if (phase === 'Lost')
    return {
      resource,
      whole: resource,
      reason: 'ClaimLost',
      message: told?.message ?? '',
      since: told?.first ?? created,
      severity,
    };
  if (
    told === undefined
      ? waitsForPod(known, resource) || !isUsed || known.now - created < PATIENCE_MS
      : !isFault(known, told)
  )
    return undefined;
  return {
    resource,
    whole: resource,
    reason: told?.reason ?? 'ClaimPending',
    message: told?.message ?? '',
    since: told?.first ?? created,
    severity,
  };
};

/** That a provisioner works on it is news; that it does for minutes is a fault. */
function isFault(known: Case, { reason, first }: Notice): boolean {
  return TELLING.test(reason) && (reason !== 'ExternalProvisioning' || known.now - first > PATIENCE_MS);
}

/** Of a class that binds when a pod was placed. */
function waitsForPod(known: Case, claimed: Resource): boolean {
  return known
    .targets(claimed.id, 'PROVISIONED_BY')
    .some((kind) => known.object(kind.id)?.['volumeBindingMode'] === 'WaitForFirstConsumer');
}
