/**
 * Estate → incidents: what is not well, why, and how sure that is. Symptoms that one cause explains are one incident; a cause that suffers itself gives
 * way to what explains it. Where nothing is believed enough, causes are empty and it is said what was looked at.
 */
import { edgeInfo } from '../model/edges.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import { byTitle, Case } from './case.ts';
import { type Cause, causesOfAll, ranked } from './chains.ts';
import type { Detection } from './detectors/detection.ts';
import { detect } from './detectors/index.ts';
import { defaultThresholds, type Thresholds } from './detectors/thresholds.ts';
import type { Estate } from './estate.ts';
import { type Hypothesis, keyOf, type Subject, titleOf, weightOf } from './hypothesis.ts';
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
  /** Known patterns that go on among those who suffer and what is why. */
  readonly patterns: readonly Detection[];
}

/** What is less probable is not told. */
const BELIEVED = 0.3;
/** What must be believed of a cause before what it explains counts as a fault at all. */
const SURE = 0.6;
const CAUSES_MAX = 10;

/** Whatever is wrong. Patterns are looked for only where something is: they add to an incident and never make one. */
export function explain(estate: Estate, thresholds: Thresholds = defaultThresholds): readonly Incident[] {
  const known = new Case(estate);
  const symptoms = symptomsOf(known);
  const hypotheses = new Map(symptoms.map((symptom) => [symptom, hypothesesOf(known, symptom)]));
  const causes = causesOfAll(symptoms, hypotheses);
  const isCertain = symptoms.some(({ tentative }) => tentative === undefined);
  const incidents = grouped(symptoms, causes, hypotheses)
    .filter((group) => isFault(group, causes, isCertain))
    .map((group) => incidentOf(known, group, causes, hypotheses));
  const patterns = incidents.length === 0 ? [] : detect(known, thresholds).filter(isTrouble);
  const told = incidents.map((incident) => ({
    ...incident,
    patterns: patterns.filter((one) => isPartOf(one, incident)),
  }));
  return told.sort((a, b) => urgency(a) - urgency(b) || since(a) - since(b));
}

function isTrouble({ active, severity }: Detection): boolean {
  return active && severity !== 'info';
}

/** Whom a pattern is about, or who is part of it, suffers in an incident, or is why. Of changed configuration only what is why, or suffers, itself. */
function isPartOf(
  { pattern, subject, resources }: Detection,
  { symptoms, causes }: Omit<Incident, 'patterns'>,
): boolean {
  const parts = new Set([subject, ...(pattern.startsWith('config') ? [] : resources)].map(({ id }) => id));
  const isIt = (one: Subject): boolean => 'id' in one && parts.has(one.id);
  return (
    symptoms.some(({ resource, whole, alike }) => [resource, whole, ...alike].some(isIt)) ||
    causes.some(({ subject: cause }) => isIt(cause))
  );
}

function hypothesesOf(known: Case, symptom: Symptom): readonly Hypothesis[] {
  return mechanisms.flatMap((mechanism) => [...mechanism(known, symptom)]);
}

/** Symptoms together that have the same first cause; who has none is with those because of whom it may suffer. */
function grouped(
  symptoms: readonly Symptom[],
  causes: ReadonlyMap<Symptom, readonly Cause[]>,
  hypotheses: ReadonlyMap<Symptom, readonly Hypothesis[]>,
): readonly (readonly Symptom[])[] {
  const keys = new Map<Symptom, string>();
  for (const symptom of symptoms) {
    const [first] = causes.get(symptom) ?? [];
    if (first && first.confidence >= BELIEVED) keys.set(symptom, keyOf(first.subject));
  }
  const byWhole = Map.groupBy(keys.keys(), ({ whole }) => whole.id);
  const joined = (symptom: Symptom): string | undefined => {
    const above = (hypotheses.get(symptom) ?? [])
      .toSorted((a, b) => weightOf(b) - weightOf(a))
      .flatMap(({ because }) => (because ? (byWhole.get(because.id) ?? []) : []));
    return above.map((one) => keys.get(one)).find((key) => key !== undefined);
  };
  const keyed = symptoms.map(
    (symptom) => [keys.get(symptom) ?? joined(symptom) ?? `? ${symptom.whole.id}`, symptom] as const,
  );
  return [...Map.groupBy(keyed, ([key]) => key).values()].map((group) => group.map(([, symptom]) => symptom));
}

/** What is only perhaps a fault is one when a cause is found that is worth believing, and nothing else is surely one. */
function isFault(
  symptoms: readonly Symptom[],
  causes: ReadonlyMap<Symptom, readonly Cause[]>,
  isCertain: boolean,
): boolean {
  if (symptoms.some(({ tentative }) => tentative === undefined)) return true;
  return !isCertain && symptoms.some((symptom) => (causes.get(symptom)?.[0]?.confidence ?? 0) >= SURE);
}

function incidentOf(
  known: Case,
  symptoms: readonly Symptom[],
  causes: ReadonlyMap<Symptom, readonly Cause[]>,
  hypotheses: ReadonlyMap<Symptom, readonly Hypothesis[]>,
): Omit<Incident, 'patterns'> {
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
