/**
 * Nobody tells whom an application calls, and it errs: who stands beside it in its namespace and stopped working shortly before may be why, the more so
 * when its words name that one.
 */
import type { Resource } from '../../model/resource.ts';
import { callsOf, declaredCallees } from '../calls.ts';
import type { Case } from '../case.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { appOf, podsOf, servicesIn } from '../services.ts';
import { type Symptom, symptomsOf } from '../symptoms.ts';
import { state } from './fields.ts';
import { downTo, kubectlName } from './mechanism.ts';
import { failingBeside } from './own-failure.ts';
import { faultsOf } from './service-faults.ts';

const MINUTE = 60_000;
/** So long before, or a little after, it must have begun. */
const BEFORE_MS = 30 * MINUTE;
const AFTER_MS = MINUTE;

export function* beside(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const isOfNamespace = symptom.whole.kind === 'Namespace';
  if (!symptom.isTold || symptom.tentative || (symptom.whole.namespace === '' && !isOfNamespace)) return;
  if (callsOf(known, symptom).some(({ callee }) => callee !== undefined)) return;
  yield* failing(known, symptom);
  const called = new Set(declaredCallees(known, symptom).map((service) => appOf(known, service).id));
  const isTold = called.size > 0;
  yield* sufferers(known, symptom, called, isTold);
  yield* emptyServices(known, symptom, called, isTold);
}

/** Others of the namespace of which objects say that they are not well: the only one, or one that is named. */
function* sufferers(known: Case, symptom: Symptom, called: ReadonlySet<string>, isTold: boolean): Iterable<Hypothesis> {
  const others = new Map<string, Resource>();
  for (const { whole, since, isTold: isHeard } of symptomsOf(known))
    if (
      !isHeard &&
      whole.id !== symptom.whole.id &&
      whole.cluster === symptom.whole.cluster &&
      whole.namespace === symptom.whole.namespace &&
      since <= symptom.since + AFTER_MS &&
      since >= symptom.since - BEFORE_MS
    )
      others.set(whole.id, whole);
  for (const other of others.values()) {
    const isNamed = names(symptom, other);
    if (called.has(other.id) || (!isNamed && (isTold || others.size > 1))) continue;
    const evidence: Evidence[] = [
      state(`${titleOf(other)} beside it is not well since shortly before`, weights.usual + weights.edge, other),
      ...(isNamed ? [state('its words name it', weights.state, other)] : []),
    ];
    yield neighbour(symptom, other, evidence);
  }
}

const CLAUSE_MIN = 24;

/** Whether somebody hands on the words of another: a clause of it, whatever stands around. */
function quotes({ message }: Symptom, other: Symptom): boolean {
  return other.message
    .split(/[:;.\n"\\]+\s*/)
    .some((clause) => clause.trim().length >= CLAUSE_MIN && message.includes(clause.trim()));
}

function neighbour(symptom: Symptom, other: Resource, evidence: readonly Evidence[]): Hypothesis {
  return {
    subject: other,
    reason: 'NeighbourFails',
    summary: `${titleOf(other)}, beside ${titleOf(symptom.whole)}, fails.`,
    evidence,
    path: [titleOf(other), ...downTo(symptom)],
    remedy: { summary: 'See why it fails.', commands: [`kubectl describe ${kubectlName(other)}`] },
    because: other,
  };
}

/** Others of the namespace of whom is told what is wrong with themselves, while of this one it is not. */
function* failing(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const candidates = failingBeside(known, symptom);
  // Who says that somebody is not to be reached speaks of one that fails.
  const isCalling = callsOf(known, symptom).length > 0;
  for (const { other, failure } of candidates) {
    const isNamed = names(symptom, other.whole) || quotes(symptom, other);
    if (candidates.length > 1 && !isNamed) continue;
    const evidence: Evidence[] = [
      state(
        `${titleOf(other.whole)} beside it fails by itself since then: ${failure}`,
        weights.state + (isCalling ? weights.usual : 0),
        other.whole,
      ),
      ...(isNamed ? [state('its words name it', weights.state, other.whole)] : []),
    ];
    yield neighbour(symptom, other.whole, evidence);
  }
}

/** Services of the namespace that lost all their pods by a change shortly before. */
function* emptyServices(
  known: Case,
  symptom: Symptom,
  called: ReadonlySet<string>,
  isTold: boolean,
): Iterable<Hypothesis> {
  for (const service of servicesIn(known, symptom.whole)) {
    if (podsOf(known, service).length > 0) continue;
    const isNamed = names(symptom, service);
    const evidence = [state(`${titleOf(service)} is beside it`, isNamed ? weights.usual : -weights.usual / 2, service)];
    const asked = { service, since: symptom.since, evidence, path: downTo(symptom) };
    for (const hypothesis of faultsOf(known, asked)) {
      const isChanged = hypothesis.evidence.some(({ kind, weight }) => kind === 'change' && weight > weights.usual);
      const isOther = 'id' in hypothesis.subject && hypothesis.subject.id !== symptom.whole.id;
      if (isChanged && isOther && !called.has(appOf(known, service).id) && (isNamed || !isTold)) yield hypothesis;
    }
  }
}

/** Whether what is said holds the name of an application as a word. */
function names({ message, whole }: Symptom, { name }: Resource): boolean {
  if (name.length < 3 || name === whole.name) return false;
  const at = message.toLowerCase().indexOf(name.toLowerCase());
  const isLetter = (letter: string | undefined): boolean => letter !== undefined && /[a-z0-9-]/i.test(letter);
  return at >= 0 && !isLetter(message[at - 1]) && !isLetter(message[at + name.length]);
}
