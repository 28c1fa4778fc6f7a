/**
 * Pods that do not get their volumes: claims that are not bound, volumes that lie elsewhere, are used elsewhere or cannot be mounted. Sources:
 * pkg/scheduler/framework/plugins/volumebinding, attachdetach/reconciler, pkg/volume/util/operationexecutor.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds, text, treeAt } from '../case.ts';
import { deletionOf } from '../changes.ts';
import { absent, type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { assess, reaches, volumesOf } from '../placement.ts';
import { clausesOf } from '../scheduler-message.ts';
import type { Symptom } from '../symptoms.ts';
import { claimFaults } from './claims.ts';
import { fieldChange, state } from './fields.ts';
import { changeEvidence, downTo, kubectlName, SLACK_MS, saysSo } from './mechanism.ts';
import { mounting } from './mounting.ts';

export function* storage(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (symptom.reason === 'Unschedulable') yield* unplaced(known, symptom);
  else yield* mounting(known, symptom);
}

const UNBOUND = new Set(['claim-unbound', 'volume-none', 'provisioning', 'volume-gone', 'claim-deleted']);

function* unplaced(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource, since, message } = symptom;
  const clauses = clausesOf(message);
  const reasons = new Set(clauses.map(({ reason }) => reason));
  if ([...reasons].some((reason) => UNBOUND.has(reason)))
    for (const claim of known.targets(resource.id, 'CLAIMS')) {
      const object = known.object(claim.id);
      const evidence = [saysSo(symptom, weights.usual)];
      const path = ['CLAIMS', ...downTo(symptom)];
      if (object?.metadata.deletionTimestamp !== undefined)
        yield leaving(symptom, claim, milliseconds(object.metadata.deletionTimestamp));
      else if (treeAt(object, 'status')?.['phase'] !== 'Bound')
        yield* claimFaults({ known, claim, since, evidence, path });
      else yield* volumeGone(known, symptom, claim);
    }
  for (const { reason, detail } of clauses) if (reason === 'claim-missing') yield* noClaim(known, symptom, detail);
  if (reasons.has('volume-affinity')) yield* elsewhere(known, symptom);
}

function leaving(symptom: Symptom, claim: Resource, at: number): Hypothesis {
  return {
    subject: claim,
    reason: 'ClaimIsBeingDeleted',
    summary: `${titleOf(claim)}, which ${titleOf(symptom.whole)} needs, is being deleted.`,
    evidence: [saysSo(symptom, weights.named), state('it was told to go', weights.state, claim, at)],
    path: [titleOf(claim), 'CLAIMS', ...downTo(symptom)],
    remedy: { summary: 'Make the claim anew once it is gone.', commands: [`kubectl describe ${kubectlName(claim)}`] },
  };
}

/** A claim is bound to a volume that is not there any more. */
function* volumeGone(known: Case, symptom: Symptom, claim: Resource): Iterable<Hypothesis> {
  const name = text(treeAt(known.object(claim.id), 'spec')?.['volumeName']);
  if (name === '' || known.named(claim, '', 'PersistentVolume', name)) return;
  const target = { group: '', kind: 'PersistentVolume', namespace: '', name };
  const gone = deletionOf(known, target);
  yield {
    subject: { absent: true, cluster: claim.cluster, ...target },
    reason: gone ? 'PersistentVolumeDeleted' : 'PersistentVolumeMissing',
    summary: `The volume ${name} of ${titleOf(claim)} is gone.`,
    evidence: [
      saysSo(symptom, weights.named),
      state('it is not there', weights.missing, claim),
      ...(gone ? [changeEvidence(gone, symptom.since)] : []),
    ],
    path: [`PersistentVolume/${name}`, 'BOUND_TO', titleOf(claim), 'CLAIMS', ...downTo(symptom)],
    remedy: { summary: 'Restore the volume.', commands: ['kubectl get pv'] },
  };
}

/** The workload names a claim that is not there: it was deleted, or never was; or the name is wrong, as a claim beside it that nobody uses tells. */
function* noClaim(known: Case, symptom: Symptom, name: string): Iterable<Hypothesis> {
  const { resource, whole, since } = symptom;
  const { cluster, namespace } = resource;
  const target = { group: '', kind: 'PersistentVolumeClaim', namespace, name };
  const gone = deletionOf(known, target);
  const change = fieldChange(known, whole, since, /volumes|volumeClaimTemplates/);
  const spare = [...known.view.resources({ cluster, group: '', kind: 'PersistentVolumeClaim', namespace })].find(
    ({ id }) => known.sources(id, 'CLAIMS').length === 0,
  );
  const subject = absent(resource, target);
  yield {
    subject,
    reason: `PersistentVolumeClaim${gone ? 'Deleted' : 'Missing'}`,
    summary: `${titleOf(subject)}, which ${titleOf(whole)} needs, ${gone ? 'was deleted' : 'does not exist'}.`,
    evidence: [
      saysSo(symptom, weights.named),
      state(`${titleOf(subject)} does not exist`, weights.missing, subject),
      ...(gone ? [changeEvidence(gone, since)] : []),
    ],
    path: [titleOf(subject), 'CLAIMS', ...downTo(symptom)],
    remedy: { summary: 'Make the claim, or name one that exists.', commands: [`kubectl get pvc -n ${namespace}`] },
  };
  if (gone || (change === undefined && spare === undefined)) return;
  yield {
    subject: whole,
    reason: 'ClaimNameWrong',
    summary: `${titleOf(whole)} names a claim that does not exist${spare ? `, and ${titleOf(spare)} is used by nobody` : ''}.`,
    evidence: [
      saysSo(symptom, weights.named),
      ...(spare ? [state(`${titleOf(spare)} is used by nobody`, weights.state + weights.usual, spare)] : []),
      ...(change
        ? [changeEvidence(change, since), state('it names another claim than before', weights.state, whole)]
        : []),
    ],
    path: downTo(symptom),
    remedy: { summary: 'Name a claim that exists.', commands: [`kubectl edit ${kubectlName(whole)}`] },
  };
}

/** Where the volume is, the pod may not run: the node is gone, or the workload is sent elsewhere. */
function* elsewhere(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource, whole, since } = symptom;
  const nodes = assess(known, resource);
  // A node where the volume is and the pod may run is at fault itself, or full.
  if (nodes.some(({ obstacles }) => !obstacles.some(({ type }) => type === 'selector' || type === 'volume'))) return;
  const said = saysSo(symptom, weights.named);
  for (const volume of volumesOf(known, resource)) {
    const object = known.object(volume.id);
    if (treeAt(treeAt(object, 'spec'), 'nodeAffinity') === undefined) continue;
    const there = nodes.filter((one) => reaches(object, one.object));
    const path = [titleOf(volume), 'BOUND_TO', ...downTo(symptom)];
    const gone = known.estate.deletions.findLast(
      ({ at, resource: node, object: was }) =>
        node.kind === 'Node' && was !== undefined && reaches(object, was) && milliseconds(at) <= since + SLACK_MS,
    );
    if (there.length === 0 && gone)
      yield {
        subject: gone.resource,
        reason: 'NodeDeleted',
        summary: `${titleOf(gone.resource)}, where the volume of ${titleOf(whole)} is, is gone.`,
        evidence: [
          said,
          state('the volume can be used there alone', weights.state, volume),
          {
            kind: 'change',
            at: milliseconds(gone.at),
            text: `${titleOf(gone.resource)} was deleted`,
            resource: gone.resource,
            weight: weights.changed,
          },
        ],
        path: [titleOf(gone.resource), 'ACCESSIBLE_FROM', ...path],
        remedy: { summary: 'Bring the node back, or restore the data elsewhere.', commands: ['kubectl get nodes'] },
      };
    const moved = fieldChange(known, whole, since, /nodeSelector|affinity/, 'spec', 'template', 'spec', 'nodeSelector');
    if (there.length > 0)
      yield {
        subject: whole,
        reason: 'PlacementConflictsWithVolume',
        summary: `${titleOf(whole)} is sent to nodes from which ${titleOf(volume)} cannot be used.`,
        evidence: [
          said,
          state('its selector and its volume exclude each other', weights.usual, whole),
          ...(moved ? [changeEvidence(moved, since)] : []),
        ],
        path: downTo(symptom),
        remedy: { summary: 'Let it run where its volume is.', commands: [`kubectl edit ${kubectlName(whole)}`] },
      };
    const changed = fieldChange(known, volume, since, /nodeAffinity|metadata\.labels/, 'spec', 'nodeAffinity');
    const evidence: Evidence[] = [
      said,
      state(
        there.length === 0 ? 'no node that is left has it' : 'it can be used on other nodes only',
        gone || moved ? 0 : weights.state,
        volume,
      ),
      ...(changed ? [changeEvidence(changed, since)] : []),
    ];
    yield {
      subject: volume,
      reason: 'VolumeNodeAffinityConflict',
      summary: `${titleOf(volume)} can only be used where ${titleOf(whole)} cannot run.`,
      evidence,
      path,
      remedy: {
        summary: 'Let the workload run where the volume is, or move its data.',
        commands: [`kubectl get ${kubectlName(volume)} -o yaml`],
      },
    };
  }
}
