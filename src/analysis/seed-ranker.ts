/**
 * The ranker of the event pipelines that this program takes the place of: which earlier events may have led to one, by time, distance in the graph and
 * what is known of reasons. It knows no mechanism, and is kept for whoever compares; `explain` is the answer. Two variants:
 *
 *   seed      0.3 temporal + 0.3 distance + 0.4 domain; temporal falls to 0 over the window, distance is 1 / (hops + 1), at most 3 hops.
 *   enhanced  0.4 temporal + 0.3 distance + 0.3 domain; a window that depends on the cause's reason, distances by table, the best five above 0.3.
 *
 * Unlike there, what happened to the same resource counts (no hops, distance 1), and an event that came again and again counts as of its last time
 * before the effect that is known.
 */
import { edgeInfo } from '../model/edges.ts';
import { compareText } from '../model/order.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { enhancedTable, scoreIn, seedTable, type Wording, windows } from './seed-tables.ts';

/** Something that happened to a resource: an Event or an occurrence. Times in milliseconds since 1970. */
export interface Episode extends Wording {
  readonly id: ResourceId;
  readonly subject: Resource;
  /** When it happened last. */
  readonly at: number;
  /** When it happened first, where it came several times. */
  readonly since?: number;
}

export type Variant = 'seed' | 'enhanced';

/** Through which edges distance is counted, both ways: those that the rankers knew, or all that failure travels on. */
export type Through = 'seed' | 'failure';

export interface RankOptions {
  /** Default: seed. */
  readonly variant?: Variant | undefined;
  /** How long before its effect a cause may lie; default: 15 minutes, of the variant enhanced by reason. */
  readonly windowMs?: number | undefined;
  /** Default: 3. */
  readonly hopsMax?: number | undefined;
  /** Default: seed. */
  readonly through?: Through | undefined;
  /** What is less is left out; default: 0, of the variant enhanced 0.3. */
  readonly confidenceMin?: number | undefined;
  /** Most causes; default: all, of the variant enhanced 5. */
  readonly limit?: number | undefined;
}

/** Each score 0..1. */
export interface RankedCause {
  readonly episode: Episode;
  /** Edges between the two resources; undefined when they are further apart (variant enhanced only). */
  readonly hops: number | undefined;
  /** Milliseconds from cause to effect. */
  readonly lagMs: number;
  readonly temporal: number;
  readonly distance: number;
  readonly domain: number;
  readonly confidence: number;
}

const WINDOW_MS = 15 * 60_000;
const HOPS_MAX = 3;
/** Resources around one that are looked at. */
const AROUND_MAX = 20_000;
const SEED_EDGES: ReadonlySet<string> = new Set(['SELECTS', 'OWNS', 'RUNS_ON']);

/** What may have led to an effect, the best first; of equally good ones the latest. Of `episodes`, in any order, the effect itself is left out. */
export function rankCauses(
  view: View,
  effect: Episode,
  episodes: Iterable<Episode>,
  options: RankOptions = {},
): readonly RankedCause[] {
  const { variant = 'seed', hopsMax = HOPS_MAX, through = 'seed' } = options;
  const isEnhanced = variant === 'enhanced';
  const { confidenceMin = isEnhanced ? 0.3 : 0, limit = isEnhanced ? 5 : Number.POSITIVE_INFINITY } = options;
  const around = hopsAround(view, effect.subject.id, hopsMax, through);
  const causes: RankedCause[] = [];
  for (const episode of episodes) {
    if (episode.id === effect.id) continue;
    const cause = scored(episode, effect, around.get(episode.subject.id), options);
    if (cause && cause.confidence >= confidenceMin && !(isEnhanced && cause.confidence === confidenceMin))
      causes.push(cause);
  }
  return causes.sort(better).slice(0, limit);
}

function better(a: RankedCause, b: RankedCause): number {
  return b.confidence - a.confidence || a.lagMs - b.lagMs || compareText(a.episode.id, b.episode.id);
}

/** The scores of one pair; undefined when the one cannot be a cause of the other. `hops`: undefined when they are too far apart. */
export function scored(
  cause: Episode,
  effect: Episode,
  hops: number | undefined,
  { variant = 'seed', windowMs }: Pick<RankOptions, 'variant' | 'windowMs'> = {},
): RankedCause | undefined {
  const lagMs = effect.at - lastBefore(cause, effect.at);
  const pair = { episode: cause, hops, lagMs };
  if (variant === 'seed') {
    const within = windowMs ?? WINDOW_MS;
    if (hops === undefined || !(lagMs >= 0 && lagMs <= within)) return undefined;
    const temporal = within === 0 ? 1 : 1 - lagMs / within;
    const distance = 1 / (hops + 1);
    const domain = scoreIn(seedTable, cause, effect);
    return { ...pair, temporal, distance, domain, confidence: 0.3 * temporal + 0.3 * distance + 0.4 * domain };
  }
  const within = windowMs ?? windows.find(([isCause]) => isCause(cause))?.[1] ?? 0;
  if (!(lagMs > 0 && lagMs < within) || cause.subject.cluster !== effect.subject.cluster) return undefined;
  const temporal = Math.max(0.1, 1 - (0.9 * lagMs) / 300_000);
  const distance = DISTANCES[hops ?? DISTANCES.length] ?? apart(cause.subject, effect.subject);
  const domain = scoreIn(enhancedTable, cause, effect);
  return { ...pair, temporal, distance, domain, confidence: 0.4 * temporal + 0.3 * distance + 0.3 * domain };
}

/** Of the variant enhanced, by hops. */
const DISTANCES = [0.95, 0.85, 0.7, 0.55];

function apart(a: Resource, b: Resource): number {
  return a.namespace === b.namespace && a.namespace !== '' && a.kind === b.kind ? 0.4 : 0.2;
}

/** The last time that is known of an episode and does not lie after an instant. */
function lastBefore({ at, since = at }: Episode, instant: number): number {
  return at <= instant ? at : since;
}

/** How many edges lie between a resource and others, itself with 0, whichever way the edges run. */
export function hopsAround(
  view: View,
  id: ResourceId,
  hopsMax = HOPS_MAX,
  through: Through = 'seed',
): ReadonlyMap<ResourceId, number> {
  const wants = through === 'seed' ? (type: string): boolean => SEED_EDGES.has(type) : carriesFailure;
  const hops = new Map<ResourceId, number>([[id, 0]]);
  let rim: ResourceId[] = [id];
  for (let step = 1; step <= hopsMax && rim.length > 0; step++) {
    const next: ResourceId[] = [];
    for (const from of rim) {
      const visit = (_: string, { id: other }: Resource): boolean => {
        if (hops.has(other)) return true;
        hops.set(other, step);
        next.push(other);
        return hops.size < AROUND_MAX;
      };
      view.scan(from, 'out', visit, wants);
      view.scan(from, 'in', visit, wants);
    }
    rim = next;
  }
  return hops;
}

function carriesFailure(type: string): boolean {
  const { family, along, against } = edgeInfo(type);
  return family !== 'containment' && (along !== undefined || against !== undefined);
}
