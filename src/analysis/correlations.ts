/**
 * What things that happened have to do with each other: which triggered which, which came together, which came before. A pure function of the window and the
 * view, so that the past and a recording have them by computing them, never by remembering.
 *   TRIGGERED        cause → effect, by rules about types and the way between the two, or because the ranker knows the pair of reasons
 *   CORRELATED_WITH  effect → what else happened near it at that time
 *   PRECEDED_BY      effect → what happened to the same resource before it
 * All are said of the effect, and look back only: what comes later changes nothing of what was said, unless it is told late.
 */
import type { Change, SaidRelation } from '../model/change.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { episodeOf, isEpisode, RANKS } from './episodes.ts';
import { type Episode, hopsAround, scored } from './seed-ranker.ts';

const MINUTE_MS = 60_000;
/** How long before an effect something may have to do with it. */
export const WINDOW_MS = 15 * MINUTE_MS;
const HOPS_MAX = 2;
/** Resources around one that are looked at, and what happened to each of them. */
const AROUND_MAX = 200;
const EPISODES_MAX = 60;
/** What is said of one. */
const TRIGGERS_MAX = 5;
const CORRELATIONS_MAX = 3;
/** From here on the ranker knows a pair of reasons rather than guesses; and what is less probable is not said. */
const KNOWN_PAIR = 0.65;
const TRIGGER_MIN = 0.7;
const CONFIDENCE_MIN = 0.5;

/** From who suffers to where its causes are looked for. */
type Way = 'configuration' | 'pods' | 'itself' | 'node' | 'makers';

interface Rule {
  readonly effects: ReadonlySet<string>;
  readonly causes: ReadonlySet<string>;
  readonly way: Way;
  readonly withinMs: number;
  readonly confidence: number;
  readonly evidence: string;
}

const types = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const PODS_FAIL = types(
  'pod_restart pod_failed pod_crash_loop pod_not_ready container_start_failed container_config_failed container_oom_killed probe_failed mount_failed',
);

const rules: readonly Rule[] = [
  {
    effects: PODS_FAIL,
    causes: types('config_changed secret_changed'),
    way: 'configuration',
    withinMs: 10 * MINUTE_MS,
    confidence: 0.8,
    evidence: 'the pod uses the configuration that was changed before',
  },
  {
    effects: types('service_unavailable'),
    causes: types('pod_failed pod_restart pod_crash_loop pod_not_ready pod_evicted container_oom_killed probe_failed'),
    way: 'pods',
    withinMs: 5 * MINUTE_MS,
    confidence: 0.7,
    evidence: 'a pod that the Service selects failed before',
  },
  {
    effects: types('pod_restart pod_crash_loop pod_failed'),
    causes: types('container_oom_killed'),
    way: 'itself',
    withinMs: 2 * MINUTE_MS,
    confidence: 0.9,
    evidence: 'a container was killed for its memory before',
  },
  {
    effects: types('pod_restart pod_not_ready'),
    causes: types('probe_failed'),
    way: 'itself',
    withinMs: 2 * MINUTE_MS,
    confidence: 0.7,
    evidence: 'a probe failed before',
  },
  {
    effects: types('pod_evicted pod_not_ready pod_failed'),
    causes: types('node_not_ready memory_pressure disk_pressure pid_pressure'),
    way: 'node',
    withinMs: 10 * MINUTE_MS,
    confidence: 0.8,
    evidence: 'its node was in trouble before',
  },
  {
    effects: types(`${[...PODS_FAIL].join(' ')} image_pull_failed rollout_failed scheduling_failed`),
    causes: types('workload_changed'),
    way: 'makers',
    withinMs: 10 * MINUTE_MS,
    confidence: 0.7,
    evidence: 'who makes the pod was changed before',
  },
];

/** Relations of everything in the window that matters, the latest first; `of` chooses what is looked at. What has none is told as well: to take back. */
export function* conclusionsIn(
  view: View,
  of: Iterable<ResourceId> = effectsIn(view),
): Iterable<Extract<Change, { type: 'relate' }>> {
  const known = new Around(view);
  const at = view.at ?? '';
  for (const id of of) {
    const resource = view.get(id);
    if (resource === undefined || !isEpisode(resource)) continue;
    const relations = relationsOf(known, resource);
    if (relations.length > 0 || hasRelations(view, id))
      yield { type: 'relate', at, cluster: resource.cluster, of: id, relations };
  }
}

/** Of which relations are said: it does harm. Those of the latest; a storm is told by some of it. */
export function effectsIn(view: View, max = 5_000): readonly ResourceId[] {
  const effects: { readonly id: ResourceId; readonly at: string }[] = [];
  for (const kind of ['Event', 'Occurrence'])
    for (const resource of view.resources({ group: '', kind }))
      if (isEffect(resource)) effects.push({ id: resource.id, at: timeTextOf(resource) });
  if (effects.length > max) effects.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)).length = max;
  return effects.map(({ id }) => id);
}

export function isEffect({ summary }: Resource): boolean {
  return (RANKS[String(summary['severity']) as keyof typeof RANKS] ?? 0) >= RANKS.warning;
}

function timeTextOf({ summary, createdAt = '' }: Resource): string {
  return String(summary['lastSeen'] ?? createdAt);
}

function hasRelations(view: View, id: ResourceId): boolean {
  return (
    ['PRECEDED_BY', 'CORRELATED_WITH'].some((type) => !isEmpty(view.out(id, type))) ||
    !isEmpty(view.in(id, 'TRIGGERED'))
  );
}

function isEmpty(edges: Iterable<unknown>): boolean {
  return edges[Symbol.iterator]().next().done === true;
}

/** What lies around resources, each looked for once. */
class Around {
  readonly view: View;
  readonly #hops = new Map<ResourceId, ReadonlyMap<ResourceId, number>>();
  readonly #episodes = new Map<ResourceId, readonly Happening[]>();

  constructor(view: View) {
    this.view = view;
  }

  hops(id: ResourceId): ReadonlyMap<ResourceId, number> {
    let hops = this.#hops.get(id);
    if (hops === undefined) {
      hops = new Map([...hopsAround(this.view, id, HOPS_MAX)].slice(0, AROUND_MAX));
      this.#hops.set(id, hops);
    }
    return hops;
  }

  /** What happened to a resource, as far as it came last. */
  episodes(id: ResourceId): readonly Happening[] {
    let episodes = this.#episodes.get(id);
    if (episodes === undefined) {
      const found: Happening[] = [];
      this.view.scan(
        id,
        'in',
        (_, resource) => {
          found.push(happeningOf(this.view, resource));
          return found.length < EPISODES_MAX;
        },
        (type) => type === 'ABOUT',
      );
      episodes = found;
      this.#episodes.set(id, episodes);
    }
    return episodes;
  }
}

interface Happening extends Episode {
  readonly type: string;
  readonly matters: boolean;
}

function happeningOf(view: View, resource: Resource): Happening {
  return { ...episodeOf(view, resource), type: String(resource.summary['type'] ?? ''), matters: isEffect(resource) };
}

function relationsOf(known: Around, resource: Resource): readonly SaidRelation[] {
  if (!isEffect(resource)) return [];
  const effect = happeningOf(known.view, resource);
  const triggers = triggersOf(known, effect);
  const correlated: SaidRelation[] = [];
  for (const { cause, score } of rankedAround(known, effect)) {
    if (triggers.has(cause.id)) continue;
    const { temporal, distance, domain, confidence, lagMs } = score;
    const attributes = {
      lag: seconds(lagMs),
      temporal: hundredths(temporal),
      distance: hundredths(distance),
      domain: hundredths(domain),
    };
    if (domain >= KNOWN_PAIR && confidence >= TRIGGER_MIN && isBefore(cause, effect)) {
      const evidence = `${cause.reason} leads to ${effect.reason}`;
      triggers.set(cause.id, {
        edge: 'TRIGGERED',
        target: cause.id,
        reverse: true,
        confidence,
        attributes: { ...attributes, evidence },
      });
    } else if (cause.matters && correlated.length < CORRELATIONS_MAX)
      correlated.push({ edge: 'CORRELATED_WITH', target: cause.id, confidence, attributes });
  }
  const before = precedingOf(known, effect);
  return [
    ...[...triggers.values()].sort((a, b) => (b.confidence ?? 0) - (a.confidence ?? 0)).slice(0, TRIGGERS_MAX),
    ...correlated,
    ...(before ? [before] : []),
  ];
}

function triggersOf(known: Around, effect: Happening): Map<ResourceId, SaidRelation> {
  const found = new Map<ResourceId, SaidRelation>();
  for (const { effects, causes, way, withinMs, confidence, evidence } of rules) {
    if (!effects.has(effect.type)) continue;
    for (const id of along(known.view, effect.subject.id, way)) {
      for (const cause of known.episodes(id)) {
        const lagMs = effect.at - cause.at;
        if (!causes.has(cause.type) || lagMs > withinMs || cause.id === effect.id || !isBefore(cause, effect)) continue;
        const known = found.get(cause.id);
        if (known && (known.confidence ?? 0) >= confidence) continue;
        const attributes = { lag: seconds(lagMs), evidence };
        found.set(cause.id, { edge: 'TRIGGERED', target: cause.id, reverse: true, confidence, attributes });
      }
    }
  }
  return found;
}

/** Causes come before effects; what is told of one instant has the order of types, which is that of rules, so none is before itself. */
function isBefore(cause: Happening, effect: Happening): boolean {
  return cause.at < effect.at || (cause.at === effect.at && cause.type !== effect.type);
}

const WAYS: Readonly<Record<Exclude<Way, 'itself' | 'makers'>, ReadonlySet<string>>> = {
  configuration: types('MOUNTS READS READS_SECRET USES_SECRET USES_CONFIG PULLS_WITH'),
  pods: types('SELECTS'),
  node: types('RUNS_ON'),
};

function* along(view: View, id: ResourceId, way: Way): Iterable<ResourceId> {
  if (way === 'itself') yield id;
  else if (way === 'makers') yield* makersOf(view, id);
  else {
    const found: ResourceId[] = [];
    view.scan(
      id,
      'out',
      (_, { id: other }) => {
        found.push(other);
        return found.length < AROUND_MAX;
      },
      (type) => WAYS[way].has(type),
    );
    yield* found;
  }
}

/** A resource, who owns it, and who owns that one. */
function* makersOf(view: View, id: ResourceId): Iterable<ResourceId> {
  let rim = [id];
  for (let step = 0; step < 3 && rim.length > 0; step++) {
    yield* rim;
    rim = rim.flatMap((one) => Array.from(view.in(one, 'OWNS'), ({ from }) => from));
  }
}

/** What happened around an effect before it, the most probable first, as the ranker has it. */
function rankedAround(
  known: Around,
  effect: Happening,
): readonly { readonly cause: Happening; readonly score: NonNullable<ReturnType<typeof scored>> }[] {
  const ranked: { readonly cause: Happening; readonly score: NonNullable<ReturnType<typeof scored>> }[] = [];
  for (const [id, hops] of known.hops(effect.subject.id)) {
    for (const cause of known.episodes(id)) {
      if (cause.id === effect.id || effect.at - cause.at > WINDOW_MS || cause.at > effect.at) continue;
      const score = scored(cause, effect, hops, { windowMs: WINDOW_MS });
      if (score && score.confidence >= CONFIDENCE_MIN) ranked.push({ cause, score });
    }
  }
  return ranked.sort(
    (a, b) =>
      b.score.confidence - a.score.confidence || a.score.lagMs - b.score.lagMs || (a.cause.id < b.cause.id ? -1 : 1),
  );
}

/** What happened to the same resource last before. */
function precedingOf(known: Around, effect: Happening): SaidRelation | undefined {
  let last: Happening | undefined;
  for (const one of known.episodes(effect.subject.id)) {
    const isEarlier = one.at < effect.at || (one.at === effect.at && one.id < effect.id);
    if (!isEarlier || effect.at - one.at > WINDOW_MS) continue;
    if (last === undefined || one.at > last.at || (one.at === last.at && one.id > last.id)) last = one;
  }
  return last && { edge: 'PRECEDED_BY', target: last.id, attributes: { lag: seconds(effect.at - last.at) } };
}

const seconds = (ms: number): number => Math.round(ms / 10) / 100;
const hundredths = (value: number): number => Math.round(value * 100) / 100;
