/** Jobs that take longer than they may, and runs of CronJobs that do not come to an end: because of a sidecar that never does, or all of them. */
import type { Resource } from '../../model/resource.ts';
import { type Case, treeAt } from '../case.ts';
import { containersIn } from '../containers.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { changed } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { inNamespace, kubectlName, type Mechanism, saysSo } from './mechanism.ts';
import { ownFault, templateChange, templateEvidence } from './workload.ts';

export const jobs: Mechanism = function* (known, symptom) {
  if (symptom.reason === 'DeadlineExceeded') yield tooLong(known, symptom);
  if (symptom.reason === 'RunsPileUp') yield pilingUp(known, symptom);
};

function tooLong(known: Case, symptom: Symptom): Hypothesis {
  const { whole, since } = symptom;
  const isCron = whole.kind === 'CronJob';
  const change = fieldChange(
    known,
    whole,
    since,
    /activeDeadlineSeconds/,
    'spec',
    ...(isCron ? ['jobTemplate', 'spec'] : []),
    'activeDeadlineSeconds',
  );
  const template = change ? undefined : templateChange(known, symptom, /./);
  return ownFault(symptom, {
    reason: 'DeadlineExceeded',
    summary: `${titleOf(whole)} takes longer than its activeDeadlineSeconds let it.`,
    evidence: [
      saysSo(symptom, weights.state + weights.edge),
      ...changed(change, since),
      ...(template ? [templateEvidence(template, symptom)] : []),
    ],
    remedy: 'Give it more time, or see what takes so long.',
    commands: [`kubectl edit ${kubectlName(whole)}`],
  });
}

function pilingUp(known: Case, symptom: Symptom): Hypothesis {
  const { whole, since } = symptom;
  const runs = known.pods(whole).filter((pod) => treeAt(known.object(pod.id), 'status')?.['phase'] === 'Running');
  const left = [...new Set(runs.flatMap((pod) => leftRunning(known, pod)))];
  const change =
    templateChange(known, symptom, /ontainers/) ??
    fieldChange(known, whole, since, /^spec\.(?:schedule|concurrencyPolicy)/, 'spec');
  const evidence: Evidence[] = [
    saysSo(symptom, weights.state),
    ...(left.length > 0
      ? [state(`what its runs are for has ended well, and ${left.join(', ')} runs on`, weights.state, whole)]
      : []),
    ...(change ? [templateEvidence(change, symptom)] : []),
  ];
  return ownFault(symptom, {
    reason: left.length > 0 ? 'SidecarNeverEnds' : 'RunsPileUp',
    summary:
      left.length > 0
        ? `Runs of ${titleOf(whole)} do not come to an end: container ${left.join(', ')} goes on when the others are done.`
        : `${titleOf(whole)} begins runs faster than they come to an end.`,
    evidence,
    remedy:
      left.length > 0
        ? 'Make it an init container with restartPolicy Always, or let it end with the others.'
        : 'Set concurrencyPolicy to Forbid or Replace, or activeDeadlineSeconds.',
    commands: [`kubectl edit ${kubectlName(whole)}`, `kubectl get jobs${inNamespace(whole)}`],
  });
}

/** Containers that go on although another has done its work. */
function leftRunning(known: Case, pod: Resource): readonly string[] {
  const object = known.object(pod.id);
  const containers = containersIn(treeAt(object, 'status'), treeAt(object, 'spec')).filter(({ init }) => !init);
  if (!containers.some(({ terminated }) => terminated?.exitCode === 0)) return [];
  return containers.flatMap(({ name, startedAt = 0 }) => (startedAt > 0 ? [name] : []));
}
