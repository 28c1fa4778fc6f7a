/**
 * Estate → incidents: what is not well, why, and how sure that is. Symptoms that one cause explains are one incident; a cause that suffers itself gives
 * way to what explains it. Where nothing is believed enough, causes are empty and it is said what was looked at.
 */
import { edgeInfo } from '../model/edges.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import { byTitle, Case } from './case.ts';
import { type Cause, causesOfAll, ranked } from './chains.ts';
import type { Estate } from './estate.ts';
import { type Hypothesis, keyOf, type Subject, titleOf } from './hypothesis.ts';
import { mechanisms } from './mechanisms/index.ts';
import { type Symptom, symptomsOf } from './symptoms.ts';

export interface Incident {
  readonly symptoms: readonly Symptom[];
  /** The best first; each subject once. */
  readonly causes: readonly Cause[];
  /** Who else depends on who suffers. */
  readonly affected: readonly Resource[];
  /** Where nothing was believed: what was looked at. */
  readonly lookedAt: readonly string[];
}

/** What is less probable is not told. */
const BELIEVED = 0.3;
/** What must be believed of a cause before what it explains counts as a fault at all. */
const SURE = 0.6;
const CAUSES_MAX = 10;

export function explain(estate: Estate): readonly Incident[] {
  const known = new Case(estate);
  const symptoms = symptomsOf(known);
  const hypotheses = new Map(symptoms.map((symptom) => [symptom, hypothesesOf(known, symptom)]));
  const causes = causesOfAll(symptoms, hypotheses);
  const incidents = grouped(symptoms, causes)
    .filter((group) => isFault(group, causes))
    .map((group) => incidentOf(known, group, causes, hypotheses));
  return incidents.sort((a, b) => urgency(a) - urgency(b) || since(a) - since(b));
}

function hypothesesOf(known: Case, symptom: Symptom): readonly Hypothesis[] {
  return mechanisms.flatMap((mechanism) => [...mechanism(known, symptom)]);
}

/** Symptoms together that have the same first cause. */
function grouped(
  symptoms: readonly Symptom[],
  causes: ReadonlyMap<Symptom, readonly Cause[]>,
): readonly (readonly Symptom[])[] {
  const groups = new Map<string, Symptom[]>();
  for (const symptom of symptoms) {
    const [first] = causes.get(symptom) ?? [];
    const key = first && first.confidence >= BELIEVED ? keyOf(first.subject) : `? ${symptom.whole.id}`;
    const group = groups.get(key);
    if (group) group.push(symptom);
    else groups.set(key, [symptom]);
  }
  return [...groups.values()];
}

/** What is only perhaps a fault is one when a cause is found that is worth believing. */
function isFault(symptoms: readonly Symptom[], causes: ReadonlyMap<Symptom, readonly Cause[]>): boolean {
  return symptoms.some(
    (symptom) => symptom.tentative === undefined || (causes.get(symptom)?.[0]?.confidence ?? 0) >= SURE,
  );
}

function incidentOf(
  known: Case,
  symptoms: readonly Symptom[],
  causes: ReadonlyMap<Symptom, readonly Cause[]>,
  hypotheses: ReadonlyMap<Symptom, readonly Hypothesis[]>,
): Incident {
  const best = new Map<string, Cause>();
  for (const cause of symptoms.flatMap((symptom) => causes.get(symptom) ?? [])) {
    const before = best.get(keyOf(cause.subject));
    if (before === undefined || before.confidence < cause.confidence) best.set(keyOf(cause.subject), cause);
  }
  const believed = ranked([...best.values()]).filter(({ confidence }) => confidence >= BELIEVED);
  const lookedAt = believed.length > 0 ? [] : lookedAtFor(known, symptoms, hypotheses);
  return {
    symptoms,
    causes: believed.slice(0, CAUSES_MAX),
    affected: affectedBy(known, symptoms),
    lookedAt,
  };
}

/** Whatever was thought of and not believed, and what was looked at in any case. */
function lookedAtFor(
  known: Case,
  symptoms: readonly Symptom[],
  hypotheses: ReadonlyMap<Symptom, readonly Hypothesis[]>,
): readonly string[] {
  const looked = new Set<string>();
  for (const symptom of symptoms) {
    for (const { subject, reason } of hypotheses.get(symptom) ?? [])
      looked.add(`${titleOf(subject)}: ${reason}, not likely enough`);
    looked.add(`${known.notices(symptom.resource).length} Events about ${titleOf(symptom.resource)}`);
    looked.add(`${known.told(symptom.resource.id).length} logs and alerts about ${titleOf(symptom.resource)}`);
  }
  return [...looked].slice(0, 20);
}

/** Who depends on those who suffer, along the way failure travels; not themselves. */
function affectedBy(known: Case, symptoms: readonly Symptom[]): readonly Resource[] {
  const reached = new Map<ResourceId, Resource>();
  const begin = symptoms.flatMap(({ resource, whole, alike }) => [resource, whole, ...alike]);
  const queue = [...new Set(begin)];
  const own = new Set(queue.map(({ id }) => id));
  for (const resource of queue) {
    if (reached.size > AFFECTED_MAX) break;
    const visit = (type: string, other: Resource): void => {
      if (own.has(other.id) || reached.has(other.id) || other.pseudo || edgeInfo(type).family === 'ownership') return;
      reached.set(other.id, other);
      queue.push(other);
    };
    known.view.scan(
      resource.id,
      'in',
      visit,
      (type) => edgeInfo(type).against !== undefined && edgeInfo(type).toStart !== true,
    );
    known.view.scan(resource.id, 'out', visit, (type) => edgeInfo(type).along !== undefined);
  }
  return [...reached.values()].filter(({ kind }) => !HIDDEN.has(kind)).sort(byTitle);
}

const AFFECTED_MAX = 1_000;
/** Parts of others, which say nothing more. */
const HIDDEN = new Set(['EndpointSlice', 'Endpoints', 'ReplicaSet', 'Event']);

function urgency({ symptoms }: Incident): number {
  return symptoms.some(({ severity }) => severity === 'critical') ? 0 : 1;
}

function since({ symptoms: [first] }: Incident): number {
  return first?.since ?? 0;
}

/** A name for people: what is wrong with what, or who suffers. */
export function titleOfIncident({ symptoms: [first], causes: [cause] }: Incident): string {
  const who = first ? `${titleOf(first.whole)}: ${first.reason}` : '';
  return cause ? `${who}, because of ${titleOf(cause.subject)}` : who;
}

export type { Cause, Subject };
