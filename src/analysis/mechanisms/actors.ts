/**
 * Who changed a workload was a Job of this very cluster: its command speaks of the workload, and a run of it began shortly before the change. What it did
 * is only what it was told; the CronJob or Job is why.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds, text, treeAt } from '../case.ts';
import { changesOf, containersOf, type ObjectChange } from '../changes.ts';
import { type Evidence, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { state } from './fields.ts';
import { changeEvidence, downTo, kubectlName, type Mechanism, SLACK_MS } from './mechanism.ts';

const WORKLOAD = /^(?:Deployment|StatefulSet|DaemonSet|Rollout)$/;
/** A command that changes what there is in a cluster. */
const CHANGES =
  /\b(?:kubectl|oc|helm)\b[\s\S]*\b(?:patch|set|scale|rollout (?:restart|undo)|delete|apply|replace|edit|annotate|label|upgrade|rollback)\b|\bapis?\/(?:apps\/)?v1\//;
/** So long after its beginning a run may make a change. */
const RUN_MS = 2 * 60_000;

export const actors: Mechanism = function* (known, symptom) {
  const { whole, since } = symptom;
  if (!WORKLOAD.test(whole.kind)) return;
  const change = changesOf(known, whole).find(({ at, verb }) => verb === 'changed' && at <= since + SLACK_MS);
  if (change === undefined) return;
  const seen = new Set<string>();
  for (const job of known.view.resources({ cluster: whole.cluster, group: 'batch', kind: 'Job' })) {
    const actor = known.whole(job);
    if (seen.has(actor.id) || !isAbout(known, job, whole)) continue;
    const began = milliseconds(
      treeAt(known.object(job.id), 'status')?.['startTime'] ?? known.object(job.id)?.metadata.creationTimestamp,
    );
    if (change.at < began - SLACK_MS || change.at - began > RUN_MS) continue;
    seen.add(actor.id);
    yield {
      subject: actor,
      reason: 'JobChangesWorkload',
      summary: `${titleOf(actor)} changes ${titleOf(whole)}, which does not run since.`,
      evidence: evidenceOf(symptom, actor, change, began),
      path: [titleOf(actor), 'CHANGED', ...downTo(symptom)],
      remedy: {
        summary: 'Stop it, then take back what it changed.',
        commands:
          actor.kind === 'CronJob'
            ? [`kubectl patch ${kubectlName(actor)} -p '{"spec":{"suspend":true}}'`]
            : [`kubectl delete ${kubectlName(actor)}`],
      },
    };
  }
};

function evidenceOf(
  { since, whole }: Symptom,
  actor: Resource,
  change: ObjectChange,
  began: number,
): readonly Evidence[] {
  return [
    // What is done once may have been meant; what is done again and again by itself is not looked at.
    state(`its command speaks of ${whole.name}`, actor.kind === 'CronJob' ? weights.named : weights.usual, actor),
    { ...state('a run of it began right before the change', weights.usual, actor), at: began },
    changeEvidence(change, since),
  ];
}

/** Whether the command of a Job changes things, and names the workload. */
function isAbout(known: Case, job: Resource, { name, namespace }: Resource): boolean {
  return containersOf(known.object(job.id)).some((container) => {
    const command = [container['command'], container['args']].flat().map(text).join(' ');
    const isHere = job.namespace === namespace || command.includes(namespace);
    return (
      isHere && CHANGES.test(command) && new RegExp(`(?<![\\w-])${name.replace(/\./g, '\\.')}(?![\\w-])`).test(command)
    );
  });
}
