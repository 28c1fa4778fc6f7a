/**
 * What became of incidents from one look to the next: opened, changed, resolved. An incident is the same while its first cause, or some of who suffers,
 * stays. One that is not seen in a single look is not over yet: it is resolved when two looks in a row do not see it.
 */
import type { Explanation } from '../../operations/explain.ts';

export type Incident = Explanation['incidents'][number];
type Subject = Incident['symptoms'][number]['resource'];

export interface News {
  readonly event: 'opened' | 'changed' | 'resolved';
  readonly incident: Incident;
  /** What changed, for people. */
  readonly changes: readonly string[];
}

interface Known {
  /** As it was told of last. */
  readonly told: Incident;
  /** As it was seen last. */
  readonly seen: Incident;
  /** How many looks did not see it since. */
  readonly missed: number;
}

const MISSED_MAX = 2;
/** By how much a confidence must move to be news. */
const STEP = 0.1;

export class IncidentNews {
  #known: readonly Known[] = [];

  /** Takes a look, and tells what is new: of those that were known first. */
  take(incidents: readonly Incident[]): readonly News[] {
    const before = paired(this.#known, incidents);
    const gone = this.#known.filter((one) => ![...before.values()].includes(one));
    const news: News[] = [];
    const next: Known[] = [];
    for (const incident of incidents) {
      const known = before.get(incident);
      const changes = known ? [...changesIn(known.told, incident)] : [];
      if (known === undefined) news.push({ event: 'opened', incident, changes });
      else if (changes.length > 0) news.push({ event: 'changed', incident, changes });
      const isNews = known === undefined || changes.length > 0;
      next.push({ told: isNews ? incident : known.told, seen: incident, missed: 0 });
    }
    for (const { told, seen, missed } of gone) {
      if (missed + 1 < MISSED_MAX) next.push({ told, seen, missed: missed + 1 });
      else news.push({ event: 'resolved', incident: seen, changes: [] });
    }
    this.#known = next;
    return news;
  }
}

/** Who was who: those of the same cause first, then those that share who suffers; each once. */
function paired(known: readonly Known[], incidents: readonly Incident[]): ReadonlyMap<Incident, Known> {
  const pairs = new Map<Incident, Known>();
  const left = new Set(known);
  for (const isSame of [hasSameRoot, sharesSymptom])
    for (const incident of incidents) {
      const match = pairs.has(incident) ? undefined : [...left].find(({ seen }) => isSame(seen, incident));
      if (match === undefined) continue;
      pairs.set(incident, match);
      left.delete(match);
    }
  return pairs;
}

function hasSameRoot({ causes: [a] }: Incident, { causes: [b] }: Incident): boolean {
  return a !== undefined && b !== undefined && keyOf(a.resource) === keyOf(b.resource);
}

function sharesSymptom(a: Incident, b: Incident): boolean {
  const suffering = new Set(a.symptoms.map(({ resource }) => keyOf(resource)));
  return b.symptoms.some(({ resource }) => suffering.has(keyOf(resource)));
}

function keyOf({ cluster, kind, namespace, name }: Subject): string {
  return `${cluster} ${titleOf({ kind, namespace, name })}`;
}

export function titleOf({ kind, namespace, name }: Pick<Subject, 'kind' | 'namespace' | 'name'>): string {
  return namespace === '' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}

/** `critical, no longer warning`, `the cause is Secret/shop/key SecretDeleted, no longer unknown`, `3 suffer, no longer 1`. */
function* changesIn(before: Incident, now: Incident): Iterable<string> {
  if (before.severity !== now.severity) yield `${now.severity}, no longer ${before.severity}`;
  const [was, is] = [causeText(before), causeText(now)];
  const moved = Math.abs((before.causes[0]?.confidence ?? 0) - (now.causes[0]?.confidence ?? 0));
  if (was !== is) yield `the cause is ${is}, no longer ${was}`;
  else if (moved >= STEP) yield `${is} is ${percent(now)} likely, no longer ${percent(before)}`;
  if (before.symptoms.length !== now.symptoms.length)
    yield `${now.symptoms.length} suffer, no longer ${before.symptoms.length}`;
}

function causeText({ causes: [cause] }: Incident): string {
  return cause === undefined ? 'unknown' : `${titleOf(cause.resource)} ${cause.reason}`;
}

export function percent({ causes: [cause] }: Incident): string {
  return `${Math.round((cause?.confidence ?? 0) * 100)} %`;
}
