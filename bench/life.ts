/**
 * What a history is made of, for benchmarks: the census as watchers list it, then what happens to it at a steady rate, redacted as sources do it.
 * The same options give the same changes in every process.
 */
import { Graph } from '../src/graph/graph.ts';
import { describer } from '../src/kinds/index.ts';
import { type Change, groupOf, type KubeObject } from '../src/model/change.ts';
import type { Entry } from '../src/sinks/history/entries.ts';
import { entriesOf } from '../src/sinks/history/remember.ts';
import type { HistoryWriter } from '../src/sinks/history/writer.ts';
import { redactor } from '../src/sources/redact.ts';
import { seededRandom } from '../test/support/random.ts';
import { cluster, listedAt } from './pages.ts';
import { churn } from './workload/churn.ts';
import { type Census, pageSize } from './workload.ts';

/** Versions a minute of 5,700 resources: 1.5 MB a minute, which a timeline grew by in the field, at 5 kB each. */
export const fieldRate = 300;
export const fieldResources = 5_700;
export const fieldBytesPerMinute = 1_500_000;

/** When life begins, in milliseconds since 1970. */
export const lifeBegins = Date.parse(listedAt) + 60_000;

const redact = redactor('a key for benchmarks only');

/** The census page by page, and for each kind that it is all there. */
export function* listing(census: Census): Generator<readonly Change[]> {
  for (const { apiVersion, kind } of census.kinds) {
    let page: Change[] = [];
    for (const object of census.objects(kind)) {
      page.push({ type: 'apply', at: listedAt, cluster, object: redact(object) });
      if (page.length < pageSize) continue;
      yield page;
      page = [];
    }
    const scope = { group: groupOf(apiVersion), kind };
    yield [...page, { type: 'observe', at: listedAt, cluster, scope, coverage: 'ready' }];
  }
}

/** So much goes on at the same time. */
const ABREAST = 40;

/** What happens, not one after the other but mixed, as it is in clusters: what concerns one namespace in its order. */
function* abreast(census: Census): Generator<Change> {
  const random = seededRandom('life');
  const happenings = churn(census, random, cluster);
  const pending: { readonly namespace: string; readonly changes: Change[] }[] = [];
  for (;;) {
    while (pending.length < ABREAST) {
      const changes = [...(happenings.next().value?.changes ?? [])];
      const [first] = changes;
      if (first && 'object' in first) pending.push({ namespace: first.object.metadata.namespace ?? '', changes });
    }
    const { namespace } = random.pick(pending);
    const index = pending.findIndex((each) => each.namespace === namespace);
    const change = pending[index]?.changes.shift();
    if (change) yield change;
    else pending.splice(index, 1);
  }
}

const EVENT_TTL_MS = 3_600_000;

/**
 * Endless: one change after the other, at so many versions a minute. Renewed leases, which are no new versions, and deletions come in between. Events
 * go after an hour, as the API server has it.
 */
export function* life(census: Census, perMinute: number): Generator<Change> {
  const events: { readonly until: number; readonly object: KubeObject }[] = [];
  let oldest = 0;
  let ms = lifeBegins;
  for (const change of abreast(census)) {
    if (change.type !== 'apply' && change.type !== 'delete') continue;
    const isVersion = change.type === 'apply' && change.object.kind !== 'Lease';
    ms += isVersion ? 60_000 / perMinute : 1;
    const at = timeOf(ms);
    if (change.type === 'apply') {
      yield { ...change, at, object: redact(change.object) };
      if (change.object.kind === 'Event') events.push({ until: ms + EVENT_TTL_MS, object: change.object });
    } else yield { ...change, at };
    for (let first = events[oldest]; first && first.until <= ms; first = events[++oldest]) {
      const { apiVersion, kind, metadata } = first.object;
      yield { type: 'delete', at, cluster, object: { apiVersion, kind, metadata } };
    }
  }
}

/** Tenths of a millisecond, so that no two changes need be of one moment. */
function timeOf(ms: number): string {
  const whole = new Date(Math.floor(ms)).toISOString();
  return `${whole.slice(0, -1)}${String(Math.floor((ms % 1) * 1_000)).padStart(3, '0')}Z`;
}

/** The first changes of a life: so many versions, or fewer where some are as they were. */
export function* firstVersions(changes: Iterable<Change>, versions: number): Generator<readonly Change[]> {
  let count = 0;
  for (const change of changes) {
    yield [change];
    if (change.type === 'apply' && change.object.kind !== 'Lease' && ++count >= versions) return;
  }
}

/** Entries in one transaction: large, for this is about what is then there. */
const BATCH = 5_000;

/** The entries of batches of changes, commit by commit. */
export function* entriesFrom(graph: Graph, batches: Iterable<readonly Change[]>): Generator<readonly Entry[]> {
  for (const changes of batches) {
    const entries = entriesOf(graph.apply(changes), graph.view, describer);
    if (entries.length > 0) yield entries;
  }
}

/** Writes what batches of changes leave to remember. */
export async function remember(
  writer: HistoryWriter,
  graph: Graph,
  batches: Iterable<readonly Change[]>,
): Promise<void> {
  let batch: Entry[] = [];
  for (const entries of entriesFrom(graph, batches)) {
    batch.push(...entries);
    if (batch.length < BATCH) continue;
    await writer.write(batch);
    batch = [];
  }
  await writer.write(batch);
}

export function emptyGraph(): Graph {
  return new Graph({ describer });
}
