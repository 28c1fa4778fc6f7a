/**
 * A step of the machine in the making: the state so far, and what has been said. Pure, like the step itself; `known` is updated in place.
 * Invariants: an object is said once per version, unless all are to be said again; a tombstone only of what was said; the coverage only when
 * it is news.
 */
import type { Change, Coverage, Scope } from '../../model/change.ts';
import type { Time } from '../../model/time.ts';
import { isUid, keyOf, type RawObject, refOf } from '../raw-object.ts';
import { apiVersionOf } from './api-resource.ts';
import type { Failure } from './failure.ts';
import type { Effect, Known, Phase, State, Step, Subject } from './watch-state.ts';

export function firstState(subject: Subject, known: State['known'] = new Map()): State {
  return {
    phase: firstPhase(subject, subject.streamed),
    // Not seen by any list of this machine yet.
    known: new Map([...known].map(([key, object]) => [key, { ...object, round: 0 }])),
    round: 1,
    coverage: undefined,
    message: undefined,
    goodAt: undefined,
    attempt: 0,
    lostAgain: false,
    streamed: subject.streamed,
    followable: true,
  };
}

function firstPhase({ pageSize }: Subject, streamed: boolean): Phase {
  return streamed ? { type: 'streaming', progress: false } : { type: 'listing', limit: pageSize };
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

  /** Does what the phase is about. */
  work(): Step {
    const { phase } = this.state;
    switch (phase.type) {
      case 'listing':
        return this.do({ ...phase, type: 'list' });
      case 'streaming':
        return this.do({ type: 'watch' });
      case 'watching':
        return this.do({ type: 'watch', version: phase.version });
      default:
        return this.do({ type: 'end' });
    }
  }

  sleep({ failure, slow = false }: { failure?: Failure; slow?: boolean }): Step {
    const { attempt } = this.state;
    this.set({ attempt: attempt + 1 });
    return this.do({ type: 'sleep', attempt: attempt + 1, slow, atLeastMs: failure?.retryAfterMs ?? 0 });
  }

  end(): Step {
    this.set({ phase: { type: 'ended' } });
    return this.do({ type: 'end' });
  }

  /** The next list begins anew. */
  restart(): this {
    this.set({ phase: firstPhase(this.subject, this.state.streamed), round: this.state.round + 1 });
    return this;
  }

  relist(): Step {
    return this.restart().work();
  }

  /** At once the first time, for the server is there; when it happens again before the watch held, after a pause. */
  relistLater(): Step {
    const { lostAgain } = this.state;
    this.restart().set({ lostAgain: true });
    if (lostAgain) return this.sleep({});
    this.set({ attempt: 0 });
    return this.work();
  }

  /** An object as it is now. Said only when it is another version than the one known. */
  take(raw: unknown): void {
    const { known, round } = this.state;
    const object: RawObject = typeof raw === 'object' && raw !== null ? raw : {};
    const { name, namespace, resourceVersion: version } = object.metadata ?? {};
    const key = keyOf(object, namespace ?? '');
    const before = known.get(key);
    if (before !== undefined && version !== undefined && before.version === version) {
      before.round = round;
      return;
    }
    if (name !== undefined) known.set(key, { name, namespace, version, round });
    this.#changes.push({
      type: 'apply',
      at: this.#at,
      cluster: this.subject.cluster,
      object: this.subject.prepare(object),
    });
  }

  /** Whatever comes next is said, also in the version that is known. */
  sayAgain(): void {
    for (const object of this.state.known.values()) object.version = undefined;
  }

  forget(raw: RawObject | undefined): void {
    const key = keyOf(raw, raw?.metadata?.namespace ?? '');
    const before = this.state.known.get(key);
    if (before !== undefined) this.#delete(key, before);
  }

  forgetUnseen(): void {
    const { known, round } = this.state;
    for (const [key, object] of known) if (object.round !== round) this.#delete(key, object);
  }

  forgetAll(): void {
    for (const [key, object] of this.state.known) this.#delete(key, object);
  }

  #delete(key: string, object: Known): void {
    this.state.known.delete(key);
    this.#changes.push(tombstone(this.subject, key, object, this.#at));
  }

  /** What was complete is no longer followed; what never was is still loading, and now one knows why. */
  interrupted(message: string): void {
    const { coverage, goodAt } = this.state;
    if (coverage === 'ready') this.observe('broken', message, goodAt === undefined ? {} : { since: goodAt });
    else if (coverage === 'loading' || coverage === 'broken') this.observe(coverage, message);
  }

  /** Says how well the kind is observed, when that is news. */
  observe(
    coverage: Coverage,
    message?: string,
    more: { readonly since?: Time; readonly resumed?: boolean } = {},
  ): void {
    if (this.state.coverage === coverage && this.state.message === message) return;
    this.set({ coverage, message });
    this.#changes.push({
      type: 'observe',
      at: this.#at,
      cluster: this.subject.cluster,
      scope: scopeOf(this.subject),
      coverage,
      ...(message !== undefined && { message }),
      ...(more.since !== undefined && { since: more.since }),
      ...(more.resumed && { resumed: true }),
    });
  }
}

export function scopeOf({ resource: { group, kind }, namespace }: Pick<Subject, 'resource' | 'namespace'>): Scope {
  return { group, kind, ...(namespace !== undefined && { namespace }) };
}

/** Says that an object is gone. `key` is what it is known by. */
export function tombstone(
  { cluster, resource }: Pick<Subject, 'cluster' | 'resource'>,
  key: string,
  { name, namespace }: Pick<Known, 'name' | 'namespace'>,
  at: Time,
): Change {
  const uid = isUid(key, namespace ?? '', name) ? key : undefined;
  const object = refOf({ apiVersion: apiVersionOf(resource), kind: resource.kind, namespace, name, uid });
  return { type: 'delete', at, cluster, object };
}
