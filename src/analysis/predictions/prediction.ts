/**
 * A prediction: when something that is used up more and more will be used up. Only where it rises for certain, no further ahead than what was seen allows, and
 * with the interval in which it will be. What is used up already says so.
 */
import type { Resource } from '../../model/resource.ts';
import type { Case } from '../case.ts';
import { evenly, type Meeting, meetingOf, type Point, type Trend, trendOf } from './trend.ts';

/** What runs out. */
export const predictionKinds = {
  volume: 'a volume fills',
  quota: 'a quota is used up',
  certificate: 'a certificate expires',
  memory: 'memory grows towards its limit',
  replicas: 'an autoscaler comes to its maximum',
  allocatable: 'the requests of its pods fill a node',
} as const satisfies Record<string, string>;

export type PredictionKind = keyof typeof predictionKinds;

export interface Prediction {
  readonly kind: PredictionKind;
  readonly subject: Resource;
  /** What of it: `requests.cpu`, `data`, a container. */
  readonly what: string;
  readonly unit: 'bytes' | 'cores' | 'count' | 'share' | 'time';
  readonly value: number;
  readonly limit: number;
  /** `exhausted`: it is so already. */
  readonly state: 'exhausted' | 'rising';
  /** When it will be, or (exhausted) since when it is. Milliseconds since 1970. */
  readonly at: number;
  /** Not said of what is exhausted. */
  readonly earliest?: number;
  readonly latest?: number;
  /** What it was seen by. */
  readonly points: number;
  readonly spanMs: number;
  /** An hour. */
  readonly rate?: number;
  readonly summary: string;
}

/** Something that is measured against a limit. */
export interface Series {
  readonly kind: PredictionKind;
  readonly subject: Resource;
  readonly what: string;
  readonly unit: Prediction['unit'];
  readonly limit: number;
  /** As they were measured, the earliest first. */
  readonly points: readonly Point[];
  /** Each point holds until the next one. */
  readonly isSteps?: true;
  /** Since when it has been at its limit, where it is. */
  readonly exhaustedSince?: number;
}

/** Looks for what is measured; pure. */
export type Reader = (known: Case) => Iterable<Series | Prediction>;

/** So many times as long as was looked, a line may be drawn further. */
const AHEAD = 10;
/** What was looked at for less long says nothing of what is to come. */
const SPAN_MIN_MS = 5 * 60_000;
const HOUR = 3_600_000;

export function isPrediction(one: Series | Prediction): one is Prediction {
  return 'state' in one;
}

/** What is to be expected of a series; undefined where nothing is. */
export function predictionOf(series: Series, now: number): Prediction | undefined {
  const { kind, subject, what, unit, limit, points, isSteps, exhaustedSince } = series;
  const last = points.at(-1);
  if (last === undefined || !(limit > 0)) return undefined;
  const base = { kind, subject, what, unit, limit, value: last.value };
  const first = points[0] ?? last;
  const seen = { points: points.length, spanMs: last.at - first.at };
  if (last.value >= limit)
    return {
      ...base,
      ...seen,
      state: 'exhausted',
      at: exhaustedSince ?? sinceFull(points, limit),
      summary: `${nameOf(subject, what)} is used up: ${amount(last.value, unit)} of ${amount(limit, unit)}.`,
    };
  const trend = isSteps ? trendOfSteps(points, now) : trendOf(points);
  const meeting = trend && meetingOf(trend, limit, isSteps ? now : last.at);
  if (
    trend === undefined ||
    meeting === undefined ||
    trend.spanMs < SPAN_MIN_MS ||
    meeting.at - now > AHEAD * trend.spanMs
  )
    return undefined;
  return {
    ...base,
    points: points.length,
    spanMs: trend.spanMs,
    state: 'rising',
    ...within(meeting, now),
    rate: trend.slope * HOUR,
    summary: `${nameOf(subject, what)} rises by ${amount(trend.slope * HOUR, unit)} an hour, and has ${amount(last.value, unit)} of ${amount(limit, unit)}.`,
  };
}

/** Fewer values one after the other are no trend: something was scaled, or rolled over. */
const VALUES_MIN = 5;

function trendOfSteps(steps: readonly Point[], now: number): Trend | undefined {
  return new Set(steps.map(({ value }) => value)).size < VALUES_MIN ? undefined : trendOf(evenly(steps, now));
}

/** What should have come by now has not. */
function within({ at, earliest, latest }: Meeting, now: number): Pick<Prediction, 'at' | 'earliest' | 'latest'> {
  return {
    at: Math.max(at, now),
    earliest: Math.max(earliest, now),
    ...(latest !== undefined && { latest: Math.max(latest, now) }),
  };
}

function sinceFull(points: readonly Point[], limit: number): number {
  const before = points.findLastIndex(({ value }) => value < limit);
  return points[before + 1]?.at ?? points.at(-1)?.at ?? 0;
}

function nameOf({ kind, name }: Resource, what: string): string {
  return `${what} of ${kind} ${name}`;
}

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** An amount for people. */
export function amount(value: number, unit: Prediction['unit']): string {
  if (unit === 'share') return `${Math.round(value * 100)} %`;
  if (unit === 'cores') return `${short(value)} cores`;
  if (unit !== 'bytes') return short(value);
  const power = value < 1 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log2(value) / 10));
  return `${short(value / 1024 ** power)} ${SIZES[power]}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
