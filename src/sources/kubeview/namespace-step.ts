/**
 * Following one namespace of KubeView, as a state machine: `step(subject, state, input)` gives the next state, what to tell the world, and what to
 * do next. No I/O, no clock, no randomness. `namespace-follower.ts` does what is asked.
 *
 *   opening ──first word──▶ fetching ──everything──▶ following ──due, asked for──▶ fetching
 *      ▲                        │                        │
 *      └────────due─────────  pausing  ◀──stream lost────┘
 *
 * A fetch is asked for only while a stream is open that has spoken: a fetch under an id without a stream stops KubeView for everybody. What the
 * stream says while a fetch is under way is taken at once, and the fetch does not undo it.
 *
 * What the coverage says, and when it lies least:
 * - Nothing is replayed after a break, so a stream that is lost is a gap from its last sign of life until the next fetch is complete.
 * - `null` says that KubeView could not list a kind: what was known of it stays, `broken`, or `forbidden` when it never could.
 * - Exactly 1,000 of a kind may be fewer than there are: nothing unlisted is taken for gone, and the kind counts as complete when KubeView, which
 *   repeats every object each minute, has had two minutes to do so.
 * - What KubeView does not stream is as old as the last fetch, and says so.
 *
 * The state is handed over with each step: its maps are updated in place, so a state must not be used twice.
 */
import { kindKey } from '../../model/groups.ts';
import type { Failure } from '../kubernetes/failure.ts';
import { LIST_MAX, type ToldKind } from './kinds.ts';
import { Draft } from './namespace-draft.ts';
import type { Input, State, Step, Subject } from './namespace-state.ts';
import { named, unwrapped } from './payload.ts';

/** Pings, ten seconds apart, until everything has been repeated twice. */
export const REPEATED_PINGS = 12;

export function step(subject: Subject, state: State, input: Input): Step {
  const draft = new Draft(subject, state, input.at);
  const { phase } = state;
  if (phase === 'ended') return draft.end();
  switch (input.type) {
    case 'start':
      return draft.open();
    case 'opened':
      return phase === 'opening' ? draft.fetch() : draft.do({ type: 'none' });
    case 'due':
      return goOn(draft);
    case 'nudge':
      return phase === 'pausing' ? draft.open() : draft.do({ type: 'none' });
    case 'refresh':
      draft.sayAgain(input.wanted);
      draft.set({ attempt: 0, again: phase === 'fetching' });
      return goOn(draft);
    case 'updates':
      return updates(draft, input);
    case 'fetched':
      return phase === 'fetching' ? fetched(draft, input.body) : draft.do({ type: 'none' });
    case 'unfetched':
      return phase === 'fetching' ? unfetched(draft, input.failure) : draft.do({ type: 'none' });
    case 'lost':
      return lost(draft, input.failure);
    case 'vanish':
      draft.forgetAll();
      for (const { kind } of [...state.shown.values()])
        draft.observe(kind, 'absent', 'KubeView no longer lists the namespace');
      return draft.end();
    default:
      return input satisfies never;
  }
}

function goOn(draft: Draft): Step {
  const { phase } = draft.state;
  if (phase === 'following') return draft.fetch();
  return phase === 'pausing' ? draft.open() : draft.do({ type: 'none' });
}

function updates(draft: Draft, { updates: list, pings, unreadable }: Extract<Input, { type: 'updates' }>): Step {
  const { phase, pings: before, again, attempt } = draft.state;
  for (const { type, object } of list) {
    if (type === 'apply') draft.take(object);
    else draft.forget(object);
  }
  draft.good();
  if (before !== undefined) {
    draft.set({ pings: before + pings });
    if (before < REPEATED_PINGS && before + pings >= REPEATED_PINGS) complete(draft);
  }
  if (!unreadable || again) return draft.do({ type: 'none' });
  // Something happened, and only a fetch can tell what; not at once, for it may come again and again, and then that fetch is not put off.
  draft.set({ again: phase === 'fetching' || phase === 'following' });
  return phase === 'following' ? draft.wait(Math.max(1, attempt)) : draft.do({ type: 'none' });
}

/** By now every object has been repeated, also of lists that were cut. */
function complete(draft: Draft): void {
  for (const kind of draft.state.table.values())
    if (draft.state.cut.has(kindKey(kind))) draft.observe(kind, 'ready', CUT);
}

const CUT = `KubeView lists no more than ${LIST_MAX.toLocaleString('en')}; what is beyond is known when KubeView repeats it, and if it is deleted unseen, it stays`;

function fetched(draft: Draft, body: Readonly<Record<string, unknown>>): Step {
  draft.learn(body);
  const { table } = draft.state;
  draft.set({ pings: draft.state.pings ?? 0, attempt: 0, cut: new Set() });
  const whole = new Set<string>();
  const cut = new Set<string>();
  const lists = [...table].map(([plural, kind]) => ({ kind, items: body[plural] }));
  for (const { kind, items } of lists) {
    if (!Array.isArray(items)) continue;
    for (const item of items) draft.list(named(unwrapped(item), kind));
    (items.length === LIST_MAX ? cut : whole).add(kindKey(kind));
  }
  draft.forgetUnseen(whole);
  draft.set({ cut });
  for (const { kind, items } of lists) show(draft, kind, items);
  draft.good();
  draft.set({ phase: 'following' });
  if (draft.subject.once) return draft.end();
  return draft.state.again ? draft.fetch() : draft.wait(0);
}

/** Says how well a kind is observed after a fetch. */
function show(draft: Draft, kind: ToldKind, items: unknown): void {
  const { shown, cut, pings = 0 } = draft.state;
  const before = shown.get(kindKey(kind))?.coverage;
  if (!Array.isArray(items)) {
    const message = 'KubeView could not list it: it may not, or the cluster does not serve it';
    // Of two kinds of endpoints one is not told of.
    if (items === undefined && before === undefined) return;
    draft.observe(kind, before === 'ready' || before === 'broken' ? 'broken' : 'forbidden', message);
  } else if (cut.has(kindKey(kind))) {
    if (before === 'ready' || pings >= REPEATED_PINGS) draft.observe(kind, 'ready', CUT);
    else draft.observe(kind, before === 'broken' ? before : 'loading', CUT);
  } else if (kind.streamed) draft.observe(kind, 'ready');
  else
    draft.observe(
      kind,
      'ready',
      `KubeView tells of it only when it is asked, every ${draft.subject.refreshSeconds} seconds`,
    );
}

function unfetched(draft: Draft, failure: Failure): Step {
  const { subject, state } = draft;
  const attempt = state.attempt + 1;
  const forbidden = failure.type === 'forbidden';
  for (const { kind, coverage } of [...state.shown.values()])
    if (forbidden && coverage === 'loading') draft.observe(kind, 'forbidden', failure.message);
    else draft.interrupted(kind, failure.message);
  draft.set({ phase: 'following', attempt, again: false, cut: new Set() });
  if (subject.once) return draft.end();
  // What may not be looked at is looked at again with the next fetch that would be due.
  return draft.wait(forbidden ? 0 : attempt, failure.retryAfterMs);
}

function lost(draft: Draft, failure: Failure): Step {
  const { pings, attempt } = draft.state;
  draft.allInterrupted(failure.message);
  // A stream that came as far as a whole fetch was a good one.
  const failures = pings === undefined ? attempt + 1 : 1;
  draft.set({ phase: 'pausing', pings: undefined, attempt: failures, again: false, cut: new Set() });
  return draft.subject.once ? draft.end() : draft.wait(failures, failure.retryAfterMs);
}
