/**
 * Following one kind, as a state machine: `step(subject, state, input)` gives the next state, what to tell the world, and the one thing to do
 * next. No I/O, no clock, no randomness: every recovery is a case here and a row in its test. `watcher.ts` does what is asked.
 *
 *            start            last page           410, vanished history
 *   (loading) ──▶ listing ───────────────▶ watching ─────────────────────▶ listing, as a diff
 *                 │  ▲  page, page, …       │  ▲  lines, lines, …
 *                 └──┘ failed: wait, again  └──┘ closed or failed: again from the last resourceVersion
 *
 * What the coverage says, and when it lies least:
 * - `ready` is said with the last page: everything is known, and the watch that follows starts exactly there, so nothing is missed.
 * - A watch that ends and can be taken up again at its resourceVersion misses nothing. The first retry is made at once and silently. When that
 *   fails too, the kind is `broken` since its last sign of life: answers about it are old. If the watch is taken up in the end, `ready` says
 *   `resumed`: everything that happened has been told, only later than it happened, so that interval is no gap.
 * - A watch that cannot be taken up (410) is `broken` since its last sign of life until the new list is complete. What came and went in
 *   between is lost: that interval is a gap. So is a refresh that was asked for, however short; it says every object again, changed or not.
 *
 * The state is handed over with each step: `known` is one large map that is updated in place, so a state must not be used twice.
 */

import type { RawObject } from '../raw-object.ts';
import { type Failure, failureFromStatus } from './failure.ts';
import { Draft } from './watch-draft.ts';
import type { Input, Phase, State, Step, Subject } from './watch-state.ts';

/** A connection that held so long was a good one: the next failure is the first. */
const GOOD_WATCH_MS = 5_000;
/** A watch that ends sooner and says nothing was none (client-go calls it "very short watch"). */
const SHORT_WATCH_MS = 1_000;

export function step(subject: Subject, state: State, input: Input): Step {
  const draft = new Draft(subject, state, input.at);
  if (state.phase.type === 'ended') return draft.end();
  switch (input.type) {
    case 'start':
      draft.observe('loading');
      return draft.work();
    case 'wake':
      return draft.work();
    case 'nudge':
      draft.set({ attempt: 0 });
      if (state.phase.type === 'watching') draft.set({ phase: { ...state.phase, accepted: false, progress: false } });
      return draft.work();
    case 'refresh':
      if (state.coverage === 'ready') draft.good();
      draft.interrupted('listed again because it was asked for');
      draft.set({ attempt: 0 });
      draft.sayAgain();
      return draft.relist();
    case 'vanish':
      draft.forgetAll();
      draft.observe('absent', 'the API no longer serves it');
      return draft.end();
    case 'page':
      return page(draft, input);
    case 'opened':
      return draft.do({ type: 'read' });
    case 'quiet':
      accept(draft);
      return draft.do({ type: 'read' });
    case 'lines':
      return lines(draft, input.lines);
    case 'closed':
      return closed(draft, input.livedMs);
    case 'failed':
      return failed(draft, input.failure, input.livedMs);
    default:
      return input satisfies never;
  }
}

function page(draft: Draft, { items, version, token }: Extract<Input, { type: 'page' }>): Step {
  const { phase } = draft.state;
  if (phase.type !== 'listing') return draft.work();
  for (const item of items) draft.take(item);
  draft.good();
  if (token === undefined) return complete(draft, version);
  draft.set({ phase: { type: 'listing', limit: phase.limit, token } });
  return draft.work();
}

/** Everything has been listed: what was not seen is gone. */
function complete(draft: Draft, version: string | undefined): Step {
  draft.forgetUnseen();
  if (draft.subject.once) {
    draft.observe('ready');
    return draft.end();
  }
  if (!version) {
    draft.observe('broken', 'the server gives no resourceVersion to follow from; listed again now and then');
    draft.restart();
    return draft.sleep({ slow: true });
  }
  if (draft.state.followable) draft.observe('ready');
  else draft.observe('broken', 'may be listed but not watched; listed again now and then');
  draft.set({ phase: { type: 'watching', version, accepted: false, progress: false } });
  return draft.work();
}

/** The server took the resourceVersion: from it on, everything will come. */
function accept(draft: Draft): void {
  const { phase, coverage, followable } = draft.state;
  if (phase.type !== 'watching' || phase.accepted) return;
  draft.set({ phase: { ...phase, accepted: true }, followable: true, lostAgain: false });
  draft.good();
  if (coverage !== 'ready') draft.observe('ready', undefined, { resumed: followable });
}

interface WatchLine {
  readonly type?: unknown;
  readonly object?: RawObject & { readonly code?: number };
}

function lines(draft: Draft, list: readonly unknown[]): Step {
  for (const line of list) {
    const { type, object } = (line ?? {}) as WatchLine;
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
        draft.take(object);
        break;
      case 'DELETED':
        draft.forget(object);
        break;
      case 'BOOKMARK':
        break;
      case 'ERROR':
        return lineFailed(draft, failureFromStatus(object?.code ?? 500, object));
      default:
        return lineFailed(draft, { type: 'malformed', message: `a line of type ${JSON.stringify(type) ?? 'none'}` });
    }
    const ended = reached(draft, type === 'BOOKMARK', object);
    if (ended !== undefined) return ended;
  }
  draft.good();
  return draft.do({ type: 'read' });
}

/** Notes how far we are. A step, when a streamed list just became complete and ended everything. */
function reached(draft: Draft, bookmark: boolean, object: RawObject | undefined): Step | undefined {
  const { phase } = draft.state;
  const { resourceVersion: version, annotations } = object?.metadata ?? {};
  if (phase.type === 'watching') {
    accept(draft);
    draft.set({ phase: { ...phase, version: version ?? phase.version, accepted: true, progress: true }, attempt: 0 });
  } else if (phase.type === 'streaming') {
    if (!bookmark || annotations?.['k8s.io/initial-events-end'] !== 'true') {
      if (!phase.progress) draft.set({ phase: { type: 'streaming', progress: true } });
      return undefined;
    }
    const completed = complete(draft, version);
    if (completed.effect.type !== 'watch') return completed;
    accept(draft);
  }
  return undefined;
}

/** The server said so, in the stream. When it said nothing else, asking again from the same place would give the same. */
function lineFailed(draft: Draft, failure: Failure): Step {
  const { phase } = draft.state;
  if (failure.type === 'gone' || phase.type !== 'watching' || phase.progress) return failed(draft, failure, 0);
  draft.interrupted(failure.message);
  return draft.relistLater();
}

function closed(draft: Draft, livedMs: number): Step {
  const { phase } = draft.state;
  if (phase.type !== 'watching' || (livedMs < SHORT_WATCH_MS && !phase.progress)) {
    return failed(draft, { type: 'unreachable', message: 'the server ended the watch at once' }, livedMs);
  }
  draft.good();
  draft.set({ attempt: 0, phase: { ...phase, accepted: false, progress: false } });
  return draft.work();
}

function failed(draft: Draft, failure: Failure, livedMs: number): Step {
  switch (draft.state.phase.type) {
    case 'watching':
      return watchFailed(draft, draft.state.phase, failure, livedMs);
    case 'streaming':
      return streamFailed(draft, draft.state.phase, failure);
    default:
      return listFailed(draft, failure);
  }
}

function watchFailed(
  draft: Draft,
  phase: Extract<Phase, { type: 'watching' }>,
  failure: Failure,
  livedMs: number,
): Step {
  const wasGood = phase.progress || (phase.accepted && livedMs >= GOOD_WATCH_MS);
  if (wasGood) draft.set({ attempt: 0 });
  switch (failure.type) {
    case 'gone':
      draft.interrupted(`history is gone, listing again: ${failure.message}`);
      return draft.relistLater();
    case 'forbidden':
    case 'refused': {
      draft.interrupted(`may not be watched: ${failure.message}`);
      if (!draft.state.followable) return draft.restart().sleep({ slow: true });
      draft.set({ followable: false });
      return draft.relist();
    }
    case 'not-found':
      draft.interrupted('the API does not serve it (404)');
      return draft.restart().sleep({});
    case 'malformed':
    case 'too-large':
      draft.interrupted(failure.message);
      if (!phase.progress) return draft.relistLater();
      break;
    case 'unreachable':
    case 'busy':
    case 'unauthorized':
      if (!wasGood || failure.type !== 'unreachable') draft.interrupted(failure.message);
      break;
    default:
      return failure.type satisfies never;
  }
  draft.set({ phase: { ...phase, accepted: false, progress: false } });
  return wasGood && failure.type !== 'busy' ? draft.work() : draft.sleep({ failure });
}

function streamFailed(draft: Draft, phase: Extract<Phase, { type: 'streaming' }>, failure: Failure): Step {
  const later = failure.type === 'busy' || failure.type === 'unauthorized' || failure.type === 'unreachable';
  if (later && !phase.progress) {
    draft.interrupted(failure.message);
    return draft.restart().sleep({ failure });
  }
  // Not offered, not allowed, or it broke off: the list by pages knows what to make of it.
  draft.set({ streamed: false });
  return draft.relist();
}

function listFailed(draft: Draft, failure: Failure): Step {
  const { phase, known } = draft.state;
  if (phase.type !== 'listing') return draft.work();
  switch (failure.type) {
    case 'gone':
      return draft.relistLater();
    case 'forbidden':
      draft.observe('forbidden', failure.message);
      return draft.restart().sleep({ slow: true });
    case 'not-found':
      if (known.size > 0) draft.interrupted('the API does not serve it (404)');
      else draft.observe('absent', 'the API does not serve it (404)');
      return draft.restart().sleep({});
    case 'too-large':
      draft.interrupted(failure.message);
      if (phase.limit === 1) return draft.restart().sleep({ slow: true });
      draft.set({ phase: { ...phase, limit: Math.max(1, Math.floor(phase.limit / 8)) } });
      return draft.work();
    case 'refused':
    case 'malformed':
      draft.interrupted(failure.message);
      return draft.restart().sleep({ failure });
    case 'unreachable':
    case 'busy':
    case 'unauthorized':
      draft.interrupted(failure.message);
      return draft.sleep({ failure });
    default:
      return failure.type satisfies never;
  }
}
