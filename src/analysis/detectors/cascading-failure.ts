/**
 * A failure that spreads: who depends on a failing one fails after it. Dependence is what the graph says, or whom a caller complains about; failing the same way
 * at the same time alone is none.
 */
import { edgeInfo } from '../../model/edges.ts';
import type { Resource, ResourceId } from '../../model/resource.ts';
import { callsOf } from '../calls.ts';
import { type Case, push } from '../case.ts';
import { appOf } from '../services.ts';
import { type Symptom, symptomsOf } from '../symptoms.ts';
import { CLUES_MAX, counted, type Detector, MINUTE } from './detection.ts';
import { fullest } from './restarts.ts';
import { type Complaint, complaintClue, complaintsByApp, distinct, firstLine, stillComes } from './signals.ts';

export const cascadingFailure: Detector = function* (known, { cascadeDependents, cascadeMinutes, cascadeErrors }) {
  const followers = followersIn(known, cascadeMinutes * MINUTE);
  for (const { origin, symptoms } of followers.values()) {
    const apps = distinct(symptoms.map(({ whole }) => whole));
    if (apps.length < cascadeDependents) continue;
    const first = firstOf(known, origin);
    yield {
      pattern: 'cascading_failure',
      severity: 'critical',
      confidence: 0.85,
      active: true,
      since: first?.since ?? symptoms[0]?.since ?? known.now,
      until: known.now,
      subject: origin,
      resources: apps,
      summary: `After ${origin.kind} ${origin.name} failed, ${counted(apps.length, 'workload')} that depend on it failed, too.`,
      evidence: [...(first ? [first] : []), ...symptoms].slice(0, CLUES_MAX).map(symptomClue),
    };
  }
  yield* sameReason(known, cascadeErrors, cascadeMinutes);
};

interface Follower {
  readonly origin: Resource;
  readonly symptoms: Symptom[];
}

/** Those that fail, by whom of the failing they depend on in the end: who began it depends on nobody that failed before. */
function followersIn(known: Case, withinMs: number): ReadonlyMap<ResourceId, Follower> {
  const symptoms = symptomsOf(known);
  const firsts = new Map<ResourceId, Symptom>();
  for (const symptom of symptoms) if (!firsts.has(symptom.whole.id)) firsts.set(symptom.whole.id, symptom);
  const found = new Map<ResourceId, Follower>();
  for (const symptom of firsts.values())
    for (const origin of originsOf(known, symptom, firsts, withinMs)) {
      const follower = found.get(origin.id) ?? { origin, symptoms: [] };
      found.set(origin.id, follower);
      follower.symptoms.push(symptom);
    }
  return found;
}

/** So many steps from one to the next. */
const STEPS_MAX = 6;

function originsOf(
  known: Case,
  symptom: Symptom,
  firsts: ReadonlyMap<ResourceId, Symptom>,
  withinMs: number,
): readonly Resource[] {
  const seen = new Set([symptom.whole.id]);
  const origins: Resource[] = [];
  let rim = [symptom];
  for (let step = 0; step < STEPS_MAX && rim.length > 0; step++) {
    const next: Symptom[] = [];
    for (const one of rim) {
      const earlier = neededBy(known, one).flatMap(({ id }) => {
        const first = seen.has(id) ? undefined : firsts.get(id);
        return first && first.since <= one.since && one.since - first.since <= withinMs ? [first] : [];
      });
      for (const { whole } of earlier) seen.add(whole.id);
      if (earlier.length === 0 && one !== symptom) origins.push(one.whole);
      next.push(...earlier);
    }
    rim = next;
  }
  return origins;
}

/** Applications that one needs: those it is joined to by an edge that failure travels on, and those it complains about. */
function neededBy(known: Case, symptom: Symptom): readonly Resource[] {
  const { whole, resource } = symptom;
  const needed: Resource[] = [];
  for (const { id } of distinct([whole, resource]))
    known.view.scan(
      id,
      'out',
      (_, other) => {
        needed.push(appOf(known, other));
      },
      (type) => edgeInfo(type).against !== undefined && CALLS.has(edgeInfo(type).family),
    );
  for (const { callee } of callsOf(known, symptom)) if (callee && 'id' in callee) needed.push(appOf(known, callee));
  return distinct(needed);
}

const CALLS: ReadonlySet<string> = new Set(['networking', 'selection', 'delivery']);

function firstOf(known: Case, { id }: Resource): Symptom | undefined {
  return symptomsOf(known).find(({ whole }) => whole.id === id);
}

function symptomClue({ resource, since, reason, message }: Symptom): {
  kind: 'state';
  at: number;
  text: string;
  resource: Resource;
} {
  return {
    kind: 'state',
    at: since,
    text: `${resource.kind} ${resource.name}: ${reason}${message === '' ? '' : `, ${firstLine(message)}`}`,
    resource,
  };
}

/** One reason again and again, of several applications. */
function* sameReason(known: Case, errors: number, minutes: number): ReturnType<Detector> {
  const byReason = new Map<string, Complaint[]>();
  for (const list of complaintsByApp(known).values())
    for (const one of list) if (one.told.occurrence.reason) push(byReason, one.told.occurrence.reason, one);
  for (const [reason, list] of byReason) {
    const { count, events } = fullest(
      list.sort((a, b) => a.at - b.at),
      minutes * MINUTE,
      (one) => one.count,
    );
    const apps = distinct(events.map(({ app }) => app));
    const [first] = events;
    const last = list.at(-1);
    if (first === undefined || last === undefined || count <= errors || apps.length < 3) continue;
    yield {
      pattern: 'cascading_failure',
      severity: 'warning',
      confidence: 0.8,
      active: stillComes(list, known.now, minutes * MINUTE),
      since: first.at,
      until: last.at,
      subject: first.app,
      resources: apps,
      summary: `${reason} came ${count} times within ${minutes} minutes, of ${counted(apps.length, 'application')}.`,
      evidence: events.slice(0, CLUES_MAX).map(complaintClue),
    };
  }
}
