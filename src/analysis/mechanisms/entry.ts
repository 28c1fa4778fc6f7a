/** Why an Ingress, route or Gateway leads nowhere: what it names was deleted or never made, or it names the wrong thing since it was changed. */
import type { Case } from '../case.ts';
import { deletionOf } from '../changes.ts';
import { absent, type Evidence, type Hypothesis, type Subject, titleOf, weights } from '../hypothesis.ts';
import { workloadsIn } from '../services.ts';
import type { Symptom } from '../symptoms.ts';
import { changed } from './evidence.ts';
import { state } from './fields.ts';
import { changeBefore, kubectlName, recency, saysSo } from './mechanism.ts';

const ENTRIES = /^(?:Ingress|HTTPRoute|GRPCRoute|TCPRoute|TLSRoute|UDPRoute|Gateway)$/;
const NEEDED = new Set(['ROUTES_TO', 'USES_CLASS', 'SERVES_CERTIFICATE', 'ATTACHES_TO']);

export function* entry(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource, since, isTold } = symptom;
  if (!ENTRIES.test(resource.kind) || isTold) return;
  const change = changeBefore(known, resource, since, ({ verb }) => verb === 'changed');
  const isNew = change !== undefined && recency(change.at, since) > 0.5;
  for (const { type, target, detail } of known.dangling(resource.id)) {
    if (!NEEDED.has(type) || detail.optional || !symptom.message.includes(target.name)) continue;
    const subject = absent(resource, target);
    const gone = deletionOf(known, target);
    const orphan =
      target.kind === 'Service' &&
      workloadsIn(known, { cluster: resource.cluster, namespace: target.namespace }).some(
        ({ name }) => name === target.name,
      );
    const evidence: Evidence[] = [
      saysSo(symptom, weights.usual),
      state(`${titleOf(subject)} does not exist`, weights.usual, subject),
    ];
    if (gone)
      evidence.push({
        kind: 'change',
        at: gone.at,
        text: `${titleOf(subject)} was deleted`,
        resource: subject,
        weight: weights.changed,
      });
    if (orphan) evidence.push(state('the workload of its name runs', weights.state, subject));
    if (isNew && !gone)
      evidence.push(state(`${titleOf(resource)} was changed meanwhile`, weights.othersWell, resource));
    if (type === 'USES_CLASS') evidence.push(state('others have a class that exists', weights.othersWell / 2, subject));
    yield hypothesisOf(symptom, subject, `${target.kind}${gone ? 'Deleted' : 'Missing'}`, type, evidence);
  }
  const parents = [...known.targets(resource.id, 'ATTACHES_TO'), ...known.targets(resource.id, 'ROUTES_TO')];
  for (const parent of parents) {
    const theirs = changeBefore(known, parent, since, ({ verb }) => verb === 'changed');
    if (theirs && recency(theirs.at, since) > 0.5 && theirs.at > (change?.at ?? 0))
      yield hypothesisOf(symptom, parent, `${parent.kind}Changed`, 'ATTACHES_TO', [
        saysSo(symptom, weights.edge),
        ...changed(theirs, since),
      ]);
  }
  yield hypothesisOf(symptom, resource, symptom.reason, undefined, [
    saysSo(symptom, weights.named),
    ...changed(change, since, isNew ? 1 : 0.4),
  ]);
}

function hypothesisOf(
  { resource, message }: Symptom,
  subject: Subject,
  reason: string,
  type: string | undefined,
  evidence: readonly Evidence[],
): Hypothesis {
  return {
    subject,
    reason,
    summary: `${titleOf(resource)} leads nowhere: ${message}.`,
    evidence,
    path: type === undefined ? [titleOf(resource)] : [titleOf(subject), type, titleOf(resource)],
    remedy: {
      summary: 'Make what it names, or name what exists.',
      commands: [`kubectl describe ${kubectlName(resource)}`, `kubectl edit ${kubectlName(resource)}`],
    },
  };
}
