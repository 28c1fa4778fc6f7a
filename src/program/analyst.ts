/**
 * The analyst: follows the feed, and hands back to the pipeline what follows from it: occurrences that commits show, what these have to do with each other,
 * and incidents. It explains the estate exactly as the operation `explain` does. Every conclusion is an ordinary change, so everything else works by itself.
 * Invariants: it never works within somebody's commit, only between; it rests twenty times as long as it worked; what it has waiting is bounded.
 */
import { setImmediate } from 'node:timers/promises';
import { conclusionsIn, effectsIn, isEffect } from '../analysis/correlations.ts';
import { isEpisode } from '../analysis/episodes.ts';
import { escalationDefaults, escalationsIn } from '../analysis/escalation.ts';
import type { Estate } from '../analysis/estate.ts';
import { explain } from '../analysis/explain.ts';
import { happeningsOf } from '../analysis/happenings.ts';
import { explainedFrom } from '../analysis/incident-happenings.ts';
import {
  type Explained,
  type Filed,
  INCIDENT,
  IncidentBook,
  type IncidentObject,
  type IncidentState,
  incidentDefaults,
  isActive,
} from '../analysis/incidents.ts';
import type { Logger } from '../lib/logger.ts';
import type { Change } from '../model/change.ts';
import type { Commit } from '../model/commit.ts';
import type { HistoryQueries } from '../model/history.ts';
import { Problem, problemFrom } from '../model/problem.ts';
import type { ResourceId } from '../model/resource.ts';
import { compareTime, type Time } from '../model/time.ts';
import type { View } from '../model/view.ts';
import { incidentTold } from '../operations/explain.ts';
import type { IncidentDesk } from '../operations/operation.ts';
import { estateFrom } from '../operations/shared/estate.ts';
import type { Pipeline } from './pipeline.ts';

export interface AnalystOptions {
  readonly pipeline: Pick<Pipeline, 'view' | 'feed' | 'submit'>;
  /** What was; without it incidents are explained by `estate`. */
  readonly history: Pick<HistoryQueries, 'courses' | 'versions'>;
  /** Another way to see the estate, for what keeps no history. */
  readonly estate?: (view: View, at: Time) => Promise<Estate> | Estate;
  /** Whether time goes on by itself; otherwise it is that of the last change. */
  readonly live: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Logger;
  readonly settings?: Partial<AnalystSettings>;
}

export interface AnalystSettings {
  /** Milliseconds that it waits for more after something happened. */
  readonly settleMs: number;
  /** It rests so many times as long as it worked. */
  readonly rest: number;
  /** While something is wrong, it looks again after so long, whether or not anything happened. */
  readonly againMs: number;
  readonly resolveAfterMs: number;
  readonly reopenWithinMs: number;
  readonly keptMax: number;
  readonly escalation: { readonly windowMinutes: number; readonly threshold: number } | undefined;
}

const defaults: AnalystSettings = {
  settleMs: 500,
  rest: 20,
  againMs: 15_000,
  ...incidentDefaults,
  escalation: escalationDefaults,
};

/** Happenings that wait for a look at what they have to do with each other, and that are looked at together. */
const FRESH_MAX = 20_000;
const CONCLUDED_MAX = 500;
/** Of what was in the window when it began. */
const RECALLED_MAX = 2_000;
/** Derived occurrences that wait to be handed over; of more a storm tells nothing new. */
const DERIVED_MAX = 20_000;
/** So long one step may hold the thread up before others have their turn. */
const SLICE_MS = 12;

export class Analyst implements IncidentDesk {
  readonly #options: AnalystOptions;
  readonly #settings: AnalystSettings;
  #book: IncidentBook;
  readonly #fresh = new Set<ResourceId>();
  #derived: Change[] = [];
  #lost = 0;
  #isOver = false;
  #matters = true;
  #wake: () => void = () => undefined;
  /** One look at a time, and no word of people in between. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: AnalystOptions, known: readonly Filed[]) {
    this.#options = options;
    this.#settings = { ...defaults, ...options.settings };
    this.#book = new IncidentBook(known, this.#settings);
    // Conclusions are not remembered: those about what is in the window already are drawn first.
    for (const id of effectsIn(options.pipeline.view, RECALLED_MAX)) this.#fresh.add(id);
  }

  /** Goes on from the incidents that are in the graph. */
  static async open(options: AnalystOptions): Promise<Analyst> {
    return new Analyst(options, await recalled(options));
  }

  /** How much of what happened waits to be looked at. */
  get waiting(): number {
    return this.#fresh.size + this.#derived.length;
  }

  /** How much of what happened was not looked at, because there was too much. */
  get lost(): number {
    return this.#lost;
  }

  /** Works until it is stopped; what it is at then is left. Never rejects: what goes wrong is told to the log, and tried again. */
  async run(stop: AbortSignal): Promise<void> {
    const end = this.#options.pipeline.feed.subscribe((commit) => this.see(commit));
    const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
    try {
      while (!stop.aborted) {
        await this.#rest(stop, this.#waitMs());
        await sleep(this.#settings.settleMs, stop);
        if (stop.aborted) break;
        const start = performance.now();
        await Promise.race([this.look().catch((error: unknown) => this.#told(error)), stopped]);
        await sleep((performance.now() - start) * this.#settings.rest, stop);
      }
    } finally {
      this.#isOver = true;
      end();
    }
  }

  #told(error: unknown): void {
    const { code, message } = problemFrom(error);
    if (!this.#isOver) this.#options.log.warn({ code }, `the analyst could not look: ${message}`);
  }

  async #submit(changes: readonly Change[]): Promise<void> {
    if (!this.#isOver && changes.length > 0) await this.#options.pipeline.submit(changes);
  }

  /** Takes note of a commit: quick, and changes nothing. */
  see(commit: Commit): void {
    const { view } = this.#options.pipeline;
    const { resources } = commit.diff;
    const derived = happeningsOf(commit, view);
    const room = DERIVED_MAX - this.#derived.length;
    this.#derived.push(...derived.slice(0, room));
    this.#lost += Math.max(0, derived.length - room);
    for (const resource of resources.added) if (isEpisode(resource)) this.#note(resource.id, isEffect(resource));
    for (const { from, to } of resources.updated) {
      if (isEpisode(to)) this.#note(to.id, isEffect(to));
      else if (!to.pseudo && from.health !== to.health && from.health.status !== to.health.status) this.#matters = true;
    }
    if (derived.length > 0 || resources.removed.some((resource) => !resource.pseudo && !isEpisode(resource)))
      this.#matters = true;
    if (this.#matters || this.#fresh.size > 0) this.#wake();
  }

  #note(id: ResourceId, matters: boolean): void {
    if (!matters) return;
    if (this.#fresh.size < FRESH_MAX) this.#fresh.add(id);
    else this.#lost++;
    this.#matters = true;
  }

  /** One look, whatever happened; resolves when all that follows is in the graph. */
  look(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#tell();
      await this.#conclude();
      if (!this.#matters && !this.#isWaiting()) return;
      if (isLoading(this.#options.pipeline.view)) return;
      this.#matters = false;
      await this.#explain();
    });
  }

  get(name: string): Filed | undefined {
    return this.#book.get(name);
  }

  change(
    name: string,
    said: { readonly state: IncidentState; readonly by?: string; readonly note?: string },
  ): Promise<Filed> {
    return this.#inTurn(async () => {
      const filed = this.#book.change(name, said, this.#now());
      if (filed === undefined) throw new Problem('not-found', `no incident is called ${name}; "incidents" lists them`);
      await this.#submit([applied(filed, this.#now())]);
      return filed;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Hands over what commits showed to have happened. */
  async #tell(): Promise<void> {
    const derived = this.#derived;
    this.#derived = [];
    await this.#submit(derived);
  }

  async #conclude(): Promise<void> {
    const { view } = this.#options.pipeline;
    const fresh = Array.from(this.#fresh).slice(0, CONCLUDED_MAX);
    for (const id of fresh) this.#fresh.delete(id);
    if (fresh.length === 0) return;
    const { escalation } = this.#settings;
    const worse = escalation ? escalationsIn(view, fresh, escalation) : [];
    await this.#submit(worse);
    let relations: Change[] = [];
    let began = performance.now();
    for (const relation of conclusionsIn(view, fresh)) {
      relations.push(relation);
      if (performance.now() - began < SLICE_MS) continue;
      await this.#submit(relations);
      relations = [];
      await setImmediate();
      began = performance.now();
    }
    await this.#submit(relations);
  }

  async #explain(): Promise<void> {
    const { pipeline, history, estate } = this.#options;
    const at = this.#now();
    const { view } = pipeline;
    const known = isCalm(view) ? undefined : await (estate ? estate(view, at) : estateFrom(view, history, at));
    const incidents = known ? explain(known) : [];
    const explained: Explained[] = incidents.map((incident) => explainedFrom(view, incident, incidentTold(incident)));
    const { changed, dropped } = this.#book.take(explained, at);
    const changes: Change[] = [
      ...changed.map((filed) => applied(filed, at)),
      ...dropped.map(
        ({ cluster, object: { metadata } }): Change => ({
          type: 'delete',
          at,
          cluster,
          object: { ...INCIDENT, metadata: { name: metadata.name } },
        }),
      ),
    ];
    await this.#submit(changes);
  }

  #now(): Time {
    const { pipeline, live, now } = this.#options;
    const seen = pipeline.view.at ?? '';
    if (!live) return seen;
    const clock = new Date(now()).toISOString();
    return seen !== '' && compareTime(clock, seen) < 0 ? seen : clock;
  }

  /** Whether something is wrong, so that it may end without anything happening. */
  #isWaiting(): boolean {
    return Iterator.from(this.#book.all()).some(isActive);
  }

  /** How long nothing need be looked at; undefined when only what happens matters. */
  #waitMs(): number | undefined {
    if (this.#matters || this.#fresh.size > 0 || this.#derived.length > 0) return 0;
    if (!this.#options.live || !this.#isWaiting()) return undefined;
    const due = this.#book.due;
    const { againMs } = this.#settings;
    return due === undefined ? againMs : Math.min(againMs, Math.max(0, due - this.#options.now()) + 1);
  }

  /** Until something happens, or so long. */
  async #rest(stop: AbortSignal, ms: number | undefined): Promise<void> {
    if (ms === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
    stop.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
    this.#wake = () => undefined;
  }
}

function applied({ cluster, object }: Filed, at: Time): Change {
  return { type: 'apply', at, cluster, object };
}

/** Nobody is accused before everything is known. */
function isLoading(view: View): boolean {
  return view.coverage().some(({ coverage }) => coverage === 'loading');
}

/** Whether there is nothing to explain: everything is well, was all the time, and nobody complains. */
function isCalm(view: View): boolean {
  for (const resource of view.resources()) {
    const { pseudo, health, summary } = resource;
    if (isEpisode(resource)) {
      if (pseudo && isEffect(resource)) return false;
    } else if (
      !pseudo &&
      (health.status === 'critical' || health.status === 'warning' || Number(summary['restarts'] ?? 0) > 0)
    )
      return false;
  }
  return true;
}

/** The incidents of the graph as the history has them. */
async function recalled({ pipeline: { view }, history }: AnalystOptions): Promise<readonly Filed[]> {
  const known = [...view.resources({ group: '', kind: INCIDENT.kind })].filter(({ pseudo }) => pseudo);
  if (known.length === 0 || view.at === undefined) return [];
  const courses = await history.courses(known, { from: view.at, to: view.at });
  return courses.flatMap(({ of: { cluster }, versions }) => {
    const object = versions.at(-1)?.object as IncidentObject | undefined;
    return object?.kind === INCIDENT.kind && object.spec && object.status ? [{ cluster, object }] : [];
  });
}

async function sleep(ms: number, stop: AbortSignal): Promise<void> {
  if (ms <= 0 || stop.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const end = (): void => {
    clearTimeout(timer);
    resolve();
  };
  stop.addEventListener('abort', end, { once: true });
  await promise;
  stop.removeEventListener('abort', end);
}
