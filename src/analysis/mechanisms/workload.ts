/** What mechanisms that blame a workload share: which of its template was changed, and how to go back. */
import { isBuiltInGroup } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';
import type { Case } from '../case.ts';
import type { ObjectChange } from '../changes.ts';
import { type Evidence, type Hypothesis, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { fieldChange } from './fields.ts';
import { changeBefore, changeEvidence, downTo, kubectlName } from './mechanism.ts';

/** Fields of what pods are made from, in workloads and CronJobs. */
const TEMPLATE = /^spec\.(?:jobTemplate\.spec\.)?template\.spec\b/;

/** The last change of a template's fields before a symptom, only with the fields that matter; else that who owns the template wrote, where that is all that is known. */
export function templateChange(known: Case, { whole, since }: Symptom, matters: RegExp): ObjectChange | undefined {
  // What operators make pods of has fields of its own.
  const isCustom = !isBuiltInGroup(whole.group);
  const isMeant = ({ path }: { readonly path: string }): boolean =>
    TEMPLATE.test(path) || (whole.kind === 'Pod' && path.startsWith('spec.'))
      ? matters.test(path)
      : isCustom && path.startsWith('spec.') && !/replicas$/i.test(path);
  const change = changeBefore(
    known,
    whole,
    since,
    ({ verb, fields }) => verb === 'changed' && fields.some((field) => isMeant(field)),
  );
  if (change) return { ...change, fields: change.fields.filter(isMeant) };
  if (isCustom) return fieldChange(known, whole, since, NEVER, 'spec');
  return whole.kind === 'CronJob'
    ? fieldChange(known, whole, since, NEVER, 'spec', 'jobTemplate')
    : fieldChange(known, whole, since, NEVER, 'spec', 'template');
}

const NEVER = /(?!)/;

/** The change of a template as evidence: all of its weight where it is known what was changed. */
export function templateEvidence(
  { at, fields, ...change }: ObjectChange,
  { since }: Symptom,
  weight: number = weights.changed,
): Evidence {
  return changeEvidence({ at, fields, ...change }, since, fields.length > 0 ? weight : weights.written / 2);
}

export interface OwnFault {
  readonly reason: string;
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  readonly remedy: string;
  /** Without them: the way back to the revision before. */
  readonly commands?: readonly string[];
}

/** That the workload that suffers is at fault itself. */
export function ownFault(symptom: Symptom, { reason, summary, evidence, remedy, commands }: OwnFault): Hypothesis {
  const { whole } = symptom;
  return {
    subject: whole,
    reason,
    summary,
    evidence,
    path: downTo(symptom),
    remedy: { summary: remedy, commands: commands ?? rollback(whole) },
  };
}

export function rollback(whole: Resource): readonly string[] {
  const canUndo = /^(?:Deployment|StatefulSet|DaemonSet)$/.test(whole.kind);
  return canUndo ? [`kubectl rollout undo ${kubectlName(whole)}`] : [`kubectl edit ${kubectlName(whole)}`];
}
