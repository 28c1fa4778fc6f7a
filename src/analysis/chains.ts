/**
 * From hypotheses to causes along chains: who suffers because another suffers has the causes of that one, less probable by how sure the step is. The best
 * way to each cause is found by going over all steps until nothing becomes more probable; steps are never certain, so circles explain nothing.
 */
import { compareText } from '../model/order.ts';
import type { ResourceId } from '../model/resource.ts';
import { confidenceOf, type Hypothesis, keyOf, weightOf } from './hypothesis.ts';
import type { Symptom } from './symptoms.ts';

export interface Cause extends Omit<Hypothesis, 'because'> {
  readonly confidence: number;
}

/** Of what is less probable than that no one will hear. */
const NEGLIGIBLE = 0.02;
/** Causes of a symptom that are handed on. */
const HANDED_ON = 12;
/** Longest chain. */
const STEPS_MAX = 30;

/** A hypothesis by which a symptom has the causes of others. */
interface Step {
  readonly hypothesis: Hypothesis;
  readonly confidence: number;
  readonly above: readonly Symptom[];
}

type Found = Map<string, Cause>;

/** Causes of each symptom, the best first, each subject once. */
export function causesOfAll(
  symptoms: readonly Symptom[],
  hypotheses: ReadonlyMap<Symptom, readonly Hypothesis[]>,
): ReadonlyMap<Symptom, readonly Cause[]> {
  const byWhole = Map.groupBy(symptoms, ({ whole }) => whole.id);
  const found = new Map<Symptom, Found>(symptoms.map((symptom) => [symptom, new Map()]));
  const steps = new Map<Symptom, readonly Step[]>();
  for (const symptom of symptoms) steps.set(symptom, begin(symptom, hypotheses, byWhole, found));
  propagate(steps, found);
  // Who suffers because of one that nothing explains: that one is as far as can be seen.
  const ends = [...steps].flatMap(([symptom, own]) =>
    own.filter(({ above }) => above.every((one) => found.get(one)?.size === 0)).map((step) => ({ symptom, step })),
  );
  for (const { symptom, step } of ends) note(found, symptom, asCause(step.hypothesis, step.confidence));
  propagate(steps, found);
  return new Map(symptoms.map((symptom) => [symptom, ranked([...(found.get(symptom)?.values() ?? [])])]));
}

/** Notes what needs nobody else to be explained; returns the rest. */
function begin(
  symptom: Symptom,
  hypotheses: ReadonlyMap<Symptom, readonly Hypothesis[]>,
  byWhole: ReadonlyMap<ResourceId, readonly Symptom[]>,
  found: ReadonlyMap<Symptom, Found>,
): readonly Step[] {
  const steps: Step[] = [];
  for (const hypothesis of hypotheses.get(symptom) ?? []) {
    const confidence = confidenceOf(weightOf(hypothesis));
    const above = (hypothesis.because ? byWhole.get(hypothesis.because.id) : undefined) ?? [];
    const others = above.filter((one) => one !== symptom);
    if (others.length > 0) steps.push({ hypothesis, confidence, above: others });
    else note(found, symptom, asCause(hypothesis, confidence));
  }
  return steps;
}

function propagate(steps: ReadonlyMap<Symptom, readonly Step[]>, found: ReadonlyMap<Symptom, Found>): void {
  for (let round = 0, isNew = true; isNew && round < STEPS_MAX; round++) {
    isNew = false;
    for (const [symptom, own] of steps)
      for (const step of own)
        for (const one of step.above)
          for (const cause of ranked([...(found.get(one)?.values() ?? [])]).slice(0, HANDED_ON))
            if (leads(cause, step, symptom) && note(found, symptom, through(cause, step))) isNew = true;
  }
}

/** Whether it is worth a step, and no circle: that somebody is why by way of another whom it made suffer. */
function leads(cause: Cause, { confidence }: Step, { whole }: Symptom): boolean {
  return cause.confidence * confidence > NEGLIGIBLE && keyOf(cause.subject) !== keyOf(whole);
}

function asCause({ because: _, ...hypothesis }: Hypothesis, confidence: number): Cause {
  return { ...hypothesis, confidence };
}

/** The cause of another, as the cause of who suffers because of that one. */
function through(cause: Cause, { hypothesis: { evidence, path }, confidence }: Step): Cause {
  return {
    ...cause,
    confidence: cause.confidence * confidence,
    evidence: [...cause.evidence, ...evidence],
    path: [...cause.path, ...path.slice(1)],
  };
}

/** Keeps the better of two; tells whether it is the new one. */
function note(found: ReadonlyMap<Symptom, Found>, symptom: Symptom, cause: Cause): boolean {
  const causes = found.get(symptom);
  const key = keyOf(cause.subject);
  if (causes === undefined || (causes.get(key)?.confidence ?? 0) >= cause.confidence) return false;
  causes.set(key, cause);
  return true;
}

export function ranked(causes: readonly Cause[]): readonly Cause[] {
  return causes.toSorted((a, b) => b.confidence - a.confidence || compareText(keyOf(a.subject), keyOf(b.subject)));
}
