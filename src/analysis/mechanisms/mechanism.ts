/** What a mechanism is: one way in which things fail, as a pure function from who suffers to what may be why. */
import { edgeInfo } from '../../model/edges.ts';
import type { Resource } from '../../model/resource.ts';
import type { Case } from '../case.ts';
import { changesOf, type ObjectChange } from '../changes.ts';
import { type Evidence, type Hypothesis, type Subject, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';

export type Mechanism = (known: Case, symptom: Symptom) => Iterable<Hypothesis>;

const MINUTE = 60_000;

/** Seconds by which clocks and whole seconds may make a cause seem later than its effect. */
export const SLACK_MS = 5_000;

/** How much less a change says the longer before it was: all of it within ten minutes, half within an hour, little after a day. */
export function recency(changedAt: number, since: number): number {
  const before = since - changedAt;
  if (before < -SLACK_MS) return 0;
  if (before <= 10 * MINUTE) return 1;
  return before <= 60 * MINUTE ? 0.6 : before <= 1_440 * MINUTE ? 0.25 : 0.1;
}

/** The last change before something began, of those that matter. */
export function changeBefore(
  known: Case,
  resource: Resource,
  since: number,
  matters: (change: ObjectChange) => boolean = () => true,
): ObjectChange | undefined {
  return changesOf(known, resource).find(
    (change) => change.at <= since + SLACK_MS && change.verb !== 'deleted' && matters(change),
  );
}

/** That an object was changed, as evidence for what began at `since`. */
export function changeEvidence(change: ObjectChange, since: number, weight: number = weights.changed): Evidence {
  const { at, verb, resource, fields, by } = change;
  const [field] = fields;
  const what =
    field === undefined
      ? verb
      : `${field.path} ${shown(field.before)} → ${shown(field.after)}${fields.length > 1 ? ` and ${fields.length - 1} more` : ''}`;
  return {
    kind: 'change',
    at,
    text: `${titleOf(resource)}: ${what}${by === undefined ? '' : ` by ${by}`}`,
    resource,
    weight: weight * recency(at, since),
  };
}

function shown(value: unknown): string {
  if (value === undefined) return '(absent)';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** What the sufferer says of itself, as evidence. */
export function saysSo({ resource, reason, message, since }: Symptom, weight: number): Evidence {
  const text = message === '' ? reason : `${reason}: ${message}`;
  return { kind: 'state', at: since, text: text.length > 500 ? `${text.slice(0, 499)}…` : text, resource, weight };
}

/** Titles and edge types from the cause to who suffers. */
export function pathOf(subject: Subject, ...steps: readonly (string | Subject)[]): readonly string[] {
  return [titleOf(subject), ...steps.map((step) => (typeof step === 'string' ? step : titleOf(step)))];
}

/** The path from a workload to the pod that suffers. */
export function downTo({ whole, resource }: Symptom): readonly string[] {
  return whole.id === resource.id ? [titleOf(whole)] : [titleOf(whole), 'OWNS', titleOf(resource)];
}

/** `-n shop` for what lives in a namespace. */
export function inNamespace({ namespace }: { readonly namespace: string }): string {
  return namespace === '' ? '' : ` -n ${namespace}`;
}

/** How kubectl names it: `deployment/web -n shop`. */
export function kubectlName(subject: Subject): string {
  return `${subject.kind.toLowerCase()}/${subject.name}${inNamespace(subject)}`;
}

/** `reads its environment from`. */
export function sentence(type: string): string {
  return edgeInfo(type).sentence;
}
