/**
 * A step of the machine in the making: the state so far, and what has been said. Pure, like the step itself; `known` and `shown` are updated in
 * place. Invariants: an object is said once per version, never an older one after a newer, and never again after it was deleted, unless all are
 * to be said again; a tombstone only of what was said; the coverage only when it is news.
 */
import { type Change, type Coverage, groupOf } from '../../model/change.ts';
import { type GroupKind, kindKey, type Wanted } from '../../model/groups.ts';
import type { Time } from '../../model/time.ts';
import { isUid, type RawObject, refOf } from '../raw-object.ts';
import { type ToldKind, toldKinds } from './kinds.ts';
import type { Effect, Known, State, Step, Subject } from './namespace-state.ts';
import { compareVersions, keyInNamespace, unwrapped } from './payload.ts';

/** Rounds for which a deleted object is remembered. */
const GONE_ROUNDS = 2;

/** What is to be said before anything is asked: what is about to be looked at. The first state takes it as said. */
export function announcement({ cluster, namespace }: Pick<Subject, 'cluster' | 'namespace'>, at: Time): Change[] {
  return [...toldKinds.values()]
    .filter(({ always }) => always)
    .map(({ group, kind }) => ({
      type: 'observe',
      at,
      cluster,
      scope: { group, kind, namespace },
      coverage: 'loading',
    }));
}

export function firstState(): State {
  const loading = [...toldKinds.values()].filter(({ always }) => always);
  return {
    phase: 'opening',
    known: new Map(),
    shown: new Map(loading.map((kind) => [kindKey(kind), { kind, coverage: 'loading' }])),
    table: toldKinds,
    cut: new Set(),
    round: 0,
    pings: undefined,
    goodAt: undefined,
    attempt: 0,
    again: false,
  };
}

/** Lives for one call of `step`. */
export class Draft {
  readonly subject: Subject;
  state: State;
  readonly #at: Time;
  readonly #changes: Change[] = [];

  constructor(subject: Subject, state: State, at: Time) {
    this.subject = subject;
    this.state = state;
    this.#at = at;
  }

  set(part: Partial<State>): void {
    this.state = { ...this.state, ...part };
  }

  good(): void {
    this.set({ goodAt: this.#at });
  }

  do(effect: Effect): Step {
    return { state: this.state, changes: this.#changes, effect };
  }

  open(): Step {
    this.set({ phase: 'opening', pings: undefined });
    return this.do({ type: 'open' });
  }

  fetch(): Step {
    this.set({ phase: 'fetching', round: this.state.round + 1, again: false });
    return this.do({ type: 'fetch' });
  }

  wait(failures: number, atLeastMs = 0): Step {
    return this.do({ type: 'wait', failures, atLeastMs });
  }

  end(): Step {
    this.set({ phase: 'ended' });
    return this.do({ type: 'end' });
  }

  /** The stream says that an object is so. What it repeats every minute is no sign that the object is there. */
  take(object: RawObject): void {
    const { metadata } = object;
    if (metadata?.namespace !== undefined && metadata.namespace !== this.subject.namespace) return;
    const before = this.state.known.get(keyInNamespace(object));
    const order = compareVersions(metadata?.resourceVersion, before?.version);
    if (before !== undefined && (before.gone || order === -1 || (order === 0 && !before.again))) return;
    this.#apply(object, before);
  }

  /** A fetch lists an object. What the stream said meanwhile is newer, unless the versions say otherwise. */
  list(object: RawObject): void {
    const before = this.state.known.get(keyInNamespace(object));
    if (before?.gone) return;
    const order = compareVersions(object.metadata?.resourceVersion, before?.version);
    const isOld = order === undefined ? before?.round === this.state.round : order <= 0;
    if (before === undefined || (before.again && order === 0) || !isOld) this.#apply(object, before);
    else before.round = this.state.round;
  }

  #apply(object: RawObject, before: Known | undefined): void {
    const { known, round } = this.state;
    const { apiVersion = '', kind = '', metadata } = object;
    const { name, resourceVersion: version } = metadata ?? {};
    if (typeof name === 'string' && name !== '') {
      if (before === undefined) {
        const group = groupOf(apiVersion);
        known.set(keyInNamespace(object), { group, kind, apiVersion, name, version, round, gone: false, again: false });
      } else Object.assign(before, { version, round, again: false });
    }
    const { cluster, prepare } = this.subject;
    this.#changes.push({ type: 'apply', at: this.#at, cluster, object: prepare(object) });
  }

  /** Whatever comes next of these kinds is said, also in the version that is known. */
  sayAgain(wanted: Wanted): void {
    for (const object of this.state.known.values()) if (wanted(object)) object.again = true;
  }

  forget(object: RawObject): void {
    const key = keyInNamespace(object);
    const before = this.state.known.get(key);
    if (before !== undefined && !before.gone) this.#delete(key, before);
  }

  /** What this round has not seen of these kinds is gone. */
  forgetUnseen(kinds: ReadonlySet<string>): void {
    const { known, round } = this.state;
    for (const [key, object] of known) {
      if (object.gone) {
        if (round - object.round > GONE_ROUNDS) known.delete(key);
      } else if (object.round !== round && kinds.has(kindKey(object))) this.#delete(key, object);
    }
  }

  forgetAll(): void {
    for (const [key, object] of this.state.known) if (!object.gone) this.#delete(key, object);
  }

  #delete(key: string, known: Known): void {
    const { apiVersion, kind, name } = known;
    const { cluster, namespace } = this.subject;
    const hasUid = isUid(key, kindKey(known), name);
    if (hasUid) Object.assign(known, { gone: true, round: this.state.round });
    else this.state.known.delete(key);
    const object = refOf({ apiVersion, kind, namespace, name, uid: hasUid ? key : undefined });
    this.#changes.push({ type: 'delete', at: this.#at, cluster, object });
  }

  /** What was complete is no longer followed; what never was is not yet, and now one knows why. */
  interrupted(kind: GroupKind, message: string): void {
    const { coverage = 'loading' } = this.state.shown.get(kindKey(kind)) ?? {};
    this.observe(kind, coverage === 'ready' ? 'broken' : coverage, message);
  }

  allInterrupted(message: string): void {
    for (const { kind } of [...this.state.shown.values()]) this.interrupted(kind, message);
  }

  /** Says how well a kind is observed here, when that is news. */
  observe({ group, kind }: GroupKind, coverage: Coverage, message?: string): void {
    const { shown, goodAt } = this.state;
    const key = kindKey({ group, kind });
    const before = shown.get(key);
    if (before?.coverage === coverage && before.message === message) return;
    shown.set(key, { kind: { group, kind }, coverage, ...(message !== undefined && { message }) });
    const { cluster, namespace } = this.subject;
    this.#changes.push({
      type: 'observe',
      at: this.#at,
      cluster,
      scope: { group, kind, namespace },
      coverage,
      ...(message !== undefined && { message }),
      ...(coverage === 'broken' && goodAt !== undefined && { since: goodAt }),
    });
  }

  /** Remembers kinds of an answer that the table does not know, by what is in their lists. */
  learn(body: Readonly<Record<string, unknown>>): void {
    const { table } = this.state;
    const learned = Object.entries(body).flatMap(([plural, items]) => (table.has(plural) ? [] : toldBy(plural, items)));
    if (learned.length > 0) this.set({ table: new Map([...table, ...learned]) });
  }
}

function toldBy(plural: string, items: unknown): [string, ToldKind][] {
  const { apiVersion, kind } = (Array.isArray(items) ? unwrapped(items[0]) : undefined) ?? {};
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return [];
  return [[plural, { group: groupOf(apiVersion), kind, apiVersion, streamed: true, always: false }]];
}
