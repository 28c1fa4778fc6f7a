/**
 * Workloads that an operator makes from a custom resource: what is wrong with the workload stands in the custom resource, and would be put back there if it
 * were mended in the workload.
 */
import { isBuiltInGroup } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';
import type { Case } from '../case.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { changed } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { changeBefore, kubectlName, type Mechanism } from './mechanism.ts';

/** A mechanism whose blame of a workload is passed on to the custom resource that the workload is made from. */
export function throughOperators(mechanism: Mechanism): Mechanism {
  return function* (known, symptom) {
    for (const hypothesis of mechanism(known, symptom)) {
      const { subject } = hypothesis;
      const maker = 'absent' in subject || hypothesis.because || !isMade(subject) ? undefined : makerOf(known, subject);
      if (maker === undefined || 'absent' in subject) yield hypothesis;
      else yield* passedOn(known, symptom, hypothesis, subject, maker);
    }
  };
}

/** Operators make workloads, some by way of a custom resource of their own. */
function isMade({ group, kind }: Resource): boolean {
  return MADE.test(kind) || (!isBuiltInGroup(group) && /Set$/.test(kind));
}

const MADE = /^(?:Deployment|StatefulSet|DaemonSet|Job|CronJob|Pod|PersistentVolumeClaim)$/;
/** So soon an operator does what it is asked for. */
const SOON_MS = 10 * 60_000;

/** The custom resource at the top of a workload's owners. */
function makerOf(known: Case, workload: Resource): Resource | undefined {
  // What has no namespace is no workload: a Node may belong to a claim for one, and is at fault itself.
  if (workload.namespace === '') return undefined;
  let top = workload;
  for (let steps = 0; steps < 5; steps++) {
    const owner = known.owner(top);
    if (owner === undefined || owner.namespace !== workload.namespace) break;
    top = owner;
  }
  return top.id === workload.id || isBuiltInGroup(top.group) ? undefined : top;
}

/** Managers of fields that write what a custom resource asks for. */
const OPERATOR = /operator|controller|manager/i;

function* passedOn(
  known: Case,
  { since }: Symptom,
  hypothesis: Hypothesis,
  workload: Resource,
  maker: Resource,
): Iterable<Hypothesis> {
  const change = fieldChange(known, maker, since, /^spec\b/, 'spec');
  const last = changeBefore(known, workload, since, ({ verb, fields }) => verb === 'changed' && fields.length > 0);
  const isAsked =
    last === undefined || OPERATOR.test(last.by ?? '') || (change && Math.abs(change.at - last.at) < SOON_MS);
  const isByHand = !isAsked;
  const made: Evidence = state(
    `${titleOf(maker)} makes ${titleOf(workload)}`,
    isByHand ? -weights.usual : weights.edge,
    maker,
  );
  yield {
    ...hypothesis,
    subject: maker,
    summary: `${hypothesis.summary} It is made from ${titleOf(maker)}.`,
    evidence: [...hypothesis.evidence, made, ...changed(change, since)],
    path: [titleOf(maker), 'OWNS', ...hypothesis.path],
    remedy: {
      summary: `${hypothesis.remedy.summary} Do so in ${titleOf(maker)}.`,
      commands: [`kubectl edit ${kubectlName(maker)}`],
    },
  };
  yield {
    ...hypothesis,
    evidence: [
      ...hypothesis.evidence,
      ...(isByHand ? [] : [state(`${titleOf(maker)} would put it back`, -weights.usual, maker)]),
    ],
  };
}
