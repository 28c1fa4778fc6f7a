/** A pod that had to make room for another of higher priority, and finds no room again. Source: pkg/scheduler/framework/preemption. */
import type { Resource } from '../../model/resource.ts';
import { type Case, type Notice, text, treeAt } from '../case.ts';
import { changesOf } from '../changes.ts';
import { type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { state, told } from './fields.ts';
import { changeBefore, changeEvidence, downTo, kubectlName, SLACK_MS } from './mechanism.ts';

export function* preemption(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (symptom.reason !== 'Unschedulable') return;
  const { whole, since } = symptom;
  const seen = new Set<string>();
  for (const notice of known.noticesFor('Preempted')) {
    if (!isOf(known, whole, notice) || notice.first > since + SLACK_MS) continue;
    const preemptor = preemptorOf(known, notice, whole);
    const winner = preemptor && known.whole(preemptor);
    if (winner === undefined || preemptor === undefined || winner.id === whole.id || seen.has(winner.id)) continue;
    seen.add(winner.id);
    yield* ofWinner(known, symptom, notice, preemptor, winner);
  }
}

function* ofWinner(
  known: Case,
  symptom: Symptom,
  notice: Notice,
  preemptor: Resource,
  winner: Resource,
): Iterable<Hypothesis> {
  const { whole, since } = symptom;
  const change = changesOf(known, winner).find(({ at, verb }) => at <= since + SLACK_MS && verb !== 'deleted');
  const said = told(`${notice.about.kind} ${notice.about.name}: ${notice.message}`, weights.named, winner, notice.last);
  const remedy = {
    summary: 'Add nodes, or give the workloads priorities that fit.',
    commands: ['kubectl get priorityclasses', `kubectl describe ${kubectlName(winner)}`],
  };
  yield {
    subject: winner,
    reason: 'PreemptsOthers',
    summary: `Pods of ${titleOf(whole)} had to make room for ${titleOf(winner)}, which has a higher priority.`,
    evidence: [
      said,
      state(`its priority is ${priorityOf(known, preemptor)}`, weights.usual, winner),
      ...(change ? [changeEvidence(change, since)] : []),
    ],
    path: [titleOf(winner), 'FITS_ON', ...downTo(symptom)],
    remedy,
  };
  for (const priority of known.targets(preemptor.id, 'HAS_PRIORITY')) {
    const raised = changeBefore(known, priority, since);
    // A class that was made for this one is what changed; one that was always there is not.
    const isNews = raised !== undefined && raised.at > (change?.at ?? 0) - 60_000;
    yield {
      subject: priority,
      reason: 'PriorityPreempts',
      summary: `${titleOf(priority)} lets ${titleOf(winner)} take the place of ${titleOf(whole)}.`,
      evidence: [{ ...said, weight: weights.state }, ...(isNews ? [changeEvidence(raised, since)] : [])],
      path: [titleOf(priority), 'HAS_PRIORITY', titleOf(winner), 'FITS_ON', ...downTo(symptom)],
      remedy,
    };
  }
}

function priorityOf(known: Case, pod: Resource): number {
  const priority = treeAt(known.object(pod.id), 'spec')?.['priority'];
  return typeof priority === 'number' ? priority : 0;
}

/** Of a pod of the workload: of one that is there, or by the names that it gives its pods. */
function isOf(known: Case, whole: Resource, { about }: Notice): boolean {
  if (about.kind !== 'Pod' || about.namespace !== whole.namespace) return false;
  const makers = [whole, ...known.targets(whole.id, 'OWNS')];
  return makers.some(({ name }) => about.name === name || about.name.startsWith(`${name}-`));
}

/** Whom the Event names: the related object, or a uid or a name in its words; else who has the highest priority on the node. */
function preemptorOf(known: Case, { id, message }: Notice, { cluster }: Resource): Resource | undefined {
  const related = treeAt(known.object(id), 'related');
  const [, uid = text(related?.['uid'])] = /by pod ([0-9a-f]{8}-[0-9a-f-]{27,})/.exec(message) ?? [];
  const named = uid === '' ? undefined : known.view.get(`${cluster}/${uid}`);
  if (named) return named;
  const [, namespace = text(related?.['namespace']), name = text(related?.['name'])] =
    /[Pp]reempted by (?:pod )?([a-z0-9-]+)\/([a-z0-9.-]+)/.exec(message) ?? [];
  if (name !== '') return known.view.byName({ cluster, group: '', kind: 'Pod', namespace, name });
  const [, node = ''] = /on node (\S+)/.exec(message) ?? [];
  const there = known.view.byName({ cluster, group: '', kind: 'Node', namespace: '', name: node });
  const pods = there === undefined ? [] : known.sources(there.id, 'RUNS_ON').filter(({ kind }) => kind === 'Pod');
  const [first] = pods
    .filter((pod) => priorityOf(known, pod) > 0 && priorityOf(known, pod) < SYSTEM)
    .sort((a, b) => priorityOf(known, b) - priorityOf(known, a));
  return first;
}

/** Priorities of what belongs to the node itself begin here. */
const SYSTEM = 2_000_000_000;
