/** Who fails by itself, as far as words go: what alerts say of its state, what it says of itself, that it comes to its end and speaks of nobody else. */
import { callsOf } from '../calls.ts';
import { type Case, milliseconds } from '../case.ts';
import { type Clue, cluesIn } from '../clues.ts';
import { isFatal } from '../complaints.ts';
import { isStore } from '../stores.ts';
import { type Symptom, symptomsOf } from '../symptoms.ts';
import { saidAbout } from './said.ts';

/** So long apart things may begin that belong together: what watches states waits a quarter of an hour. */
const TOGETHER_MS = 20 * 60_000;
const TEXT_MAX = 100;

export interface Failing {
  readonly other: Symptom;
  /** What is told of it. */
  readonly failure: string;
}

/** Who fails by itself in the namespace of a sufferer, since about then; nobody where the sufferer does as well. */
export function failingBeside(known: Case, symptom: Symptom): readonly Failing[] {
  if (ownFailure(known, symptom) !== undefined) return [];
  return symptomsOf(known).flatMap((other) => {
    const failure = isBeside(symptom, other) ? ownFailure(known, other) : undefined;
    return failure === undefined ? [] : [{ other, failure }];
  });
}

/** Whether others of its namespace are told to suffer since about then. */
export function hasSufferersBeside(known: Case, symptom: Symptom): boolean {
  return symptomsOf(known).some((other) => isBeside(symptom, other));
}

function isBeside(symptom: Symptom, { whole, isTold, tentative, since }: Symptom): boolean {
  return (
    isTold === true &&
    tentative === undefined &&
    whole.id !== symptom.whole.id &&
    whole.cluster === symptom.whole.cluster &&
    whole.namespace === placeOf(symptom) &&
    Math.abs(since - symptom.since) <= TOGETHER_MS
  );
}

/** An alert about a Namespace is about what is in it. */
function placeOf({ whole }: Symptom): string {
  return whole.kind === 'Namespace' ? whole.name : whole.namespace;
}

function ownFailure(known: Case, symptom: Symptom): string | undefined {
  const own = symptom.condition ?? saidAbout(known, symptom).find(({ clue }) => isOwn(clue))?.evidence.text;
  return (own ?? lastWords(known, symptom) ?? ofStore(known, symptom))?.slice(0, TEXT_MAX);
}

/** A store that errs, and speaks of nobody else. */
function ofStore(known: Case, symptom: Symptom): string | undefined {
  return isStore(known, symptom.whole) && callsOf(known, symptom).length === 0 ? symptom.message : undefined;
}

function lastWords(known: Case, symptom: Symptom): string | undefined {
  if (callsOf(known, symptom).length > 0) return undefined;
  const told = known.told(symptom.resource.id).filter(({ at }) => milliseconds(at) >= symptom.since);
  return told.find(isFatal)?.occurrence.message;
}

const OWN: ReadonlySet<Clue['type']> = new Set<Clue['type']>([
  'exception',
  'full',
  'port-taken',
  'configuration',
  'file',
  'variable',
]);

/** With these an exception tells of somebody else. */
const OF_OTHERS: ReadonlySet<Clue['type']> = new Set<Clue['type']>([
  'connection',
  'lookup',
  'unauthenticated',
  'refuses',
  'denied',
  'certificate',
]);

/** What a program says of itself; that a store has no connections left says it of the store. */
export function isOwn(clue: Clue): boolean {
  if (clue.type === 'exception') return !cluesIn(clue.text).some(({ type }) => OF_OTHERS.has(type));
  return OWN.has(clue.type) && !(clue.type === 'full' && clue.what === 'connections');
}
