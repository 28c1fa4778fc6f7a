/**
 * A claim without a volume: its class is not there, no volume fits it, the one that does belongs to another, nobody makes one. Source:
 * pkg/controller/volume/persistentvolume/pv_controller.go and its events; claims that only wait for a pod are well.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, text, treeAt } from '../case.ts';
import { deletionOf } from '../changes.ts';
import { absent, type Evidence, type Hypothesis, type Subject, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { type Mismatch, mismatchesOf, occupantOf } from '../volumes.ts';
import { fieldChange, state, told } from './fields.ts';
import { changeBefore, changeEvidence, inNamespace, kubectlName } from './mechanism.ts';
import { provisionerFaults } from './provisioner.ts';

/** A claim, and how it is known to matter. */
export interface Waiting {
  readonly known: Case;
  readonly claim: Resource;
  readonly since: number;
  /** What leads from the claim to who suffers. */
  readonly evidence: readonly Evidence[];
  readonly path: readonly string[];
}

export function* claims(known: Case, { resource, since, reason }: Symptom): Iterable<Hypothesis> {
  if (resource.kind !== 'PersistentVolumeClaim') return;
  yield* claimFaults({
    known,
    claim: resource,
    since,
    evidence: [state(reason, weights.usual, resource, since)],
    path: [],
  });
}

const TELLING = /^(?:ProvisioningFailed|FailedBinding|VolumeMismatch|ExternalProvisioning|ClaimLost|ClaimMisbound)$/;

/** Why a claim has no volume. */
export function* claimFaults(waiting: Waiting): Iterable<Hypothesis> {
  const { known, claim } = waiting;
  const notice = known.notices(claim).findLast(({ reason }) => TELLING.test(reason));
  const message = notice?.message ?? '';
  const said = notice ? [told(message || notice.reason, weights.named, claim, notice.last)] : [];
  const heard: Waiting = { ...waiting, evidence: [...said, ...waiting.evidence] };
  const missing = missingClass(known, claim, message);
  if (text(treeAt(known.object(claim.id), 'status')?.['phase']) === 'Lost') yield* lost(heard);
  else if (missing !== undefined) yield* classMissing(heard, missing);
  else if (
    notice?.reason === 'ExternalProvisioning' ||
    (notice?.reason === 'ProvisioningFailed' && !/not found/.test(message))
  )
    yield* provisionerFaults(heard, notice);
  else yield* noVolume(heard);
}

/** A hypothesis about what keeps a claim waiting. */
export function about(
  { claim, evidence, path }: Waiting,
  subject: Subject,
  reason: string,
  summary: string,
  more: readonly Evidence[],
  remedy: Hypothesis['remedy'] = {
    summary: 'See what the claim asks for.',
    commands: [`kubectl describe ${kubectlName(claim)}`],
  },
): Hypothesis {
  const isClaim = titleOf(subject) === titleOf(claim);
  return {
    subject,
    reason,
    summary: `${summary}.`,
    evidence: [...evidence, ...more],
    path: isClaim ? [titleOf(claim), ...path] : [titleOf(subject), 'BOUND_TO', titleOf(claim), ...path],
    remedy,
  };
}

function lost(waiting: Waiting): Iterable<Hypothesis> {
  const { known, claim } = waiting;
  const name = text(treeAt(known.object(claim.id), 'spec')?.['volumeName']);
  const target = { group: '', kind: 'PersistentVolume', namespace: '', name };
  const gone = deletionOf(known, target);
  return [
    about(
      waiting,
      known.named(claim, '', 'PersistentVolume', name) ?? absent(claim, target),
      gone ? 'PersistentVolumeDeleted' : 'PersistentVolumeLost',
      `The volume ${name} of ${titleOf(claim)} is gone`,
      [
        state('its volume is not there', weights.missing, claim),
        ...(gone ? [changeEvidence(gone, waiting.since)] : []),
      ],
    ),
  ];
}

/** The class that a claim names and that does not exist. */
function missingClass(known: Case, claim: Resource, message: string): string | undefined {
  const [, said] = /storageclass(?:\.storage\.k8s\.io)? "([^"]+)" not found/i.exec(message) ?? [];
  const broken = known.dangling(claim.id).find(({ type }) => type === 'PROVISIONED_BY');
  const name = broken?.target.name ?? said;
  if (name === undefined || known.named(claim, 'storage.k8s.io', 'StorageClass', name)) return undefined;
  // Volumes that are made by hand may go by the name of a class that never was.
  return isOfHand(known, claim, name) ? undefined : name;
}

/** Whether there are volumes of that class that nobody provisioned. */
function isOfHand(known: Case, { cluster }: Resource, name: string): boolean {
  for (const { id } of known.view.resources({ cluster, group: '', kind: 'PersistentVolume' })) {
    const volume = known.object(id);
    if (treeAt(volume, 'spec')?.['storageClassName'] === name && !volume?.metadata.annotations?.[PROVISIONED_BY])
      return true;
  }
  return false;
}

const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

function* classMissing(waiting: Waiting, name: string): Iterable<Hypothesis> {
  const { known, claim, since } = waiting;
  const target = { group: 'storage.k8s.io', kind: 'StorageClass', namespace: '', name };
  const gone = deletionOf(known, target);
  const users = [...known.view.resources({ cluster: claim.cluster, group: '', kind: 'PersistentVolumeClaim' })].filter(
    ({ id }) =>
      treeAt(known.object(id), 'spec')?.['storageClassName'] === name &&
      treeAt(known.object(id), 'status')?.['phase'] === 'Bound',
  );
  const subject = absent(claim, target);
  const wasThere = gone !== undefined || users.length > 0;
  yield about(
    waiting,
    claim,
    'StorageClassNotFound',
    `${titleOf(claim)} asks for the storage class ${name}, which does not exist`,
    [state(`storage class ${name} does not exist`, wasThere ? 0 : weights.state, claim)],
  );
  yield about(
    waiting,
    subject,
    gone ? 'StorageClassDeleted' : 'StorageClassMissing',
    `${titleOf(subject)}, which ${titleOf(claim)} asks for, ${gone ? 'was deleted' : 'does not exist'}`,
    [
      state(`${titleOf(subject)} does not exist`, wasThere ? weights.missing : -weights.usual, subject),
      ...users.slice(0, 1).map((user) => state(`${titleOf(user)} got its volume from it`, weights.usual, user)),
      ...(gone ? [changeEvidence(gone, since)] : []),
    ],
    {
      summary: 'Make the class, or ask for one that exists.',
      commands: ['kubectl get storageclasses', `kubectl get pvc ${claim.name}${inNamespace(claim)} -o yaml`],
    },
  );
}

/** Volumes are made by hand, and none of them is for this claim. */
function* noVolume(waiting: Waiting): Iterable<Hypothesis> {
  const { known, claim, since } = waiting;
  const object = known.object(claim.id);
  const volumes = [...known.view.resources({ cluster: claim.cluster, group: '', kind: 'PersistentVolume' })];
  const compared = volumes
    .map((volume) => ({
      volume,
      mismatches: mismatchesOf(object, known.object(volume.id)),
      occupant: occupantOf(known, claim, volume),
    }))
    .sort((a, b) => a.mismatches.length - b.mismatches.length || (a.volume.name < b.volume.name ? -1 : 1));
  const wanted = text(treeAt(object, 'spec')?.['volumeName']);
  const own = compared.filter(({ volume }) => wanted === '' || volume.name === wanted);
  for (const { volume, mismatches, occupant } of own)
    if (mismatches.length === 0 && occupant !== undefined) yield* taken(waiting, volume, occupant);
  const [closest] = own.filter(({ mismatches, occupant }) => mismatches.length > 0 && occupant === undefined);
  const isTaken = own.some(({ mismatches, occupant }) => mismatches.length === 0 && occupant !== undefined);
  if (closest) yield* differs(waiting, closest.volume, closest.mismatches, isTaken);
  if (closest || isTaken) return;
  const gone = known.estate.deletions.findLast(
    ({ resource, object: volume }) =>
      resource.kind === 'PersistentVolume' &&
      mismatchesOf(object, volume).length === 0 &&
      (wanted === '' || resource.name === wanted),
  );
  if (gone)
    yield about(
      waiting,
      gone.resource,
      'PersistentVolumeDeleted',
      `${titleOf(gone.resource)}, which would fit ${titleOf(claim)}, was deleted`,
      [
        changeEvidence(
          { at: Date.parse(gone.at), verb: 'deleted', resource: gone.resource, fields: [], known: 'seen' },
          since,
        ),
        state('it would fit', weights.state, gone.resource),
      ],
    );
  yield* noDefault(waiting);
  yield about(
    waiting,
    claim,
    'NoMatchingVolume',
    `No volume is there for ${titleOf(claim)}${wanted === '' ? '' : `, which asks for ${wanted}`}`,
    [state('no volume is available', gone ? 0 : weights.usual, claim)],
  );
}

/** The volume that is closest to what the claim asks for, and in what they differ; whichever was changed is at fault, else who asks. */
function* differs(
  waiting: Waiting,
  volume: Resource,
  mismatches: readonly Mismatch[],
  isTaken: boolean,
): Iterable<Hypothesis> {
  const { known, claim, since } = waiting;
  const [mismatch] = mismatches;
  if (mismatch === undefined) return;
  const change = fieldChange(known, volume, since, /^spec\.|^metadata\.labels/);
  if (change)
    yield about(
      waiting,
      volume,
      mismatch.reason,
      `${titleOf(volume)} does not fit ${titleOf(claim)} since it was changed`,
      [changeEvidence(change, since), state(mismatch.words, weights.usual, volume)],
    );
  yield about(
    waiting,
    claim,
    mismatch.reason,
    `${titleOf(claim)} and ${titleOf(volume)} do not fit: ${mismatches.map(({ words }) => words).join('; ')}`,
    [state(mismatch.words, isTaken ? 0 : weights.state, volume)],
  );
}

/** A volume that would fit belongs to another claim, or to one that is gone. */
function* taken(waiting: Waiting, volume: Resource, occupant: Subject): Iterable<Hypothesis> {
  const { known, claim, since } = waiting;
  const isGone = 'absent' in occupant;
  const came = isGone ? undefined : changeBefore(known, occupant, since, ({ verb }) => verb === 'created');
  if (!isGone)
    yield about(
      waiting,
      occupant,
      'OccupiesVolume',
      `${titleOf(occupant)} has ${titleOf(volume)}, the volume that fits ${titleOf(claim)}`,
      [
        state(`${titleOf(volume)} is bound to ${titleOf(occupant)}`, weights.state, volume),
        ...(came ? [changeEvidence(came, since)] : []),
      ],
      { summary: 'Give one of the claims another volume.', commands: [`kubectl get pv ${volume.name} -o yaml`] },
    );
  yield about(
    waiting,
    volume,
    isGone ? 'VolumeReleasedNotAvailable' : 'VolumeBoundElsewhere',
    `${titleOf(volume)}, which fits ${titleOf(claim)}, ${isGone ? 'still belongs to a claim that is gone' : `belongs to ${titleOf(occupant)}`}`,
    [state(`its claimRef names ${titleOf(occupant)}`, isGone ? weights.state : weights.usual, volume)],
    {
      summary: 'Clear spec.claimRef of the volume once its data may be used by another.',
      commands: [`kubectl patch pv ${volume.name} --type json -p '[{"op":"remove","path":"/spec/claimRef"}]'`],
    },
  );
}

/** A claim that names no class needs a default one; one that was a default before is at fault. */
function* noDefault(waiting: Waiting): Iterable<Hypothesis> {
  const { known, claim, since } = waiting;
  if (
    treeAt(known.object(claim.id), 'spec')?.['storageClassName'] !== undefined ||
    known.targets(claim.id, 'PROVISIONED_BY').length > 0
  )
    return;
  for (const one of known.view.resources({ cluster: claim.cluster, group: 'storage.k8s.io', kind: 'StorageClass' })) {
    const change = fieldChange(known, one, since, /is-default-class/);
    if (change)
      yield about(
        waiting,
        one,
        'NoDefaultStorageClass',
        `${titleOf(one)} is not the default class any more, and ${titleOf(claim)} names none`,
        [state('no class is the default', weights.state, one), changeEvidence(change, since)],
      );
  }
  const gone = known.estate.deletions.findLast(
    ({ resource: { kind }, object }) =>
      kind === 'StorageClass' && JSON.stringify(object?.metadata.annotations ?? {}).includes('is-default-class":"true'),
  );
  if (gone)
    yield about(
      waiting,
      gone.resource,
      'StorageClassDeleted',
      `${titleOf(gone.resource)}, the default class, was deleted, and ${titleOf(claim)} names none`,
      [
        state('no class is the default', weights.state, gone.resource),
        changeEvidence(
          { at: Date.parse(gone.at), verb: 'deleted', resource: gone.resource, fields: [], known: 'seen' },
          since,
        ),
      ],
    );
}
