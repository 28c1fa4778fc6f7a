/**
 * What does a relist of everything cost when 1 % has changed? After an expired resource version (410) the whole list comes again.
 *
 *   npx node bench/relist.bench.ts [--scale 1] [--rounds 3] [--smoke] [--append DATE]
 *
 * From parsed pages through the watchers' own machine, redaction and the graph. Of the changed objects one in ten is gone, one in ten is a
 * new object under the old name, the others have a new label. The baseline is parsing the pages before there is a graph. A relist without the machine, handed to the
 * graph as a whole list (`reset`), is shown beside it: that is what a recording does.
 */
import { Graph } from '../src/graph/graph.ts';
import { describer } from '../src/kinds/index.ts';
import { type Change, groupOf, type KubeObject } from '../src/model/change.ts';
import { size } from '../src/model/diff.ts';
import { firstState } from '../src/sources/kubernetes/watch-draft.ts';
import type { State, Subject } from '../src/sources/kubernetes/watch-state.ts';
import { step } from '../src/sources/kubernetes/watch-step.ts';
import type { RawObject } from '../src/sources/raw-object.ts';
import { redactor } from '../src/sources/redact.ts';
import { hash32 } from '../test/support/random.ts';
import { benchOptions, collectGarbage, median, numberOption, report, round, withGc } from './harness.ts';
import { cluster, type KindPages, listedAt, type Pages, pagesOf, textOf } from './pages.ts';
import { type CensusKindCount, census, listed, objectsOfPage } from './workload.ts';

/** The object as the relist has it; undefined when it is gone. */
function changed(object: KubeObject, round: number): KubeObject | undefined {
  const { metadata } = object;
  const draw = hash32(`${round}/${metadata.uid}`) % 1000;
  if (draw >= 10) return object;
  if (draw === 0) return undefined;
  const resourceVersion = String(700_000_000 + round);
  const uid = draw === 1 ? `${metadata.uid?.slice(0, -2)}${10 + round}` : (metadata.uid ?? '');
  const labels = { ...metadata.labels, relisted: String(round) };
  return { ...object, metadata: { ...metadata, resourceVersion, uid, labels } };
}

/** One kind as its watcher follows it, with the network left out. */
class Follower {
  readonly #subject: Subject;
  #state: State;

  constructor({ apiVersion, kind, plural }: CensusKindCount, prepare: Subject['prepare']) {
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
    const resource = { group: groupOf(apiVersion), version, kind, plural, namespaced: true, watchable: true };
    this.#subject = { cluster, resource, pageSize: 500, streamed: false, once: false, prepare };
    this.#state = firstState(this.#subject);
    this.#step({ type: 'start', at: listedAt });
  }

  expire(): void {
    this.#step({ type: 'failed', at: listedAt, livedMs: 0, failure: { type: 'gone', message: 'expired' } });
  }

  page(items: readonly unknown[], last: boolean): readonly Change[] {
    return this.#step({ type: 'page', at: listedAt, items, version: '1', ...(last ? {} : { token: 'more' }) });
  }

  #step(input: Parameters<typeof step>[2]): readonly Change[] {
    const { state, changes } = step(this.#subject, this.#state, input);
    this.#state = state;
    return changes;
  }
}

interface Relist {
  readonly parseMs: number;
  readonly applyMs: number;
  readonly entries: number;
}

type Apply = (kind: KindPages['kind'], items: readonly KubeObject[], last: boolean) => number;

/** Goes over all pages; `apply` takes each page and says how many entries its diff had. Without it, parses only. */
function relist({ kinds }: Pages, round: number, apply?: Apply): Relist {
  let parseMs = 0;
  let applyMs = 0;
  let entries = 0;
  for (const { kind, pages } of kinds) {
    for (const [index, page] of pages.entries()) {
      const text = textOf(page);
      const start = performance.now();
      const parsed = objectsOfPage(text);
      parseMs += performance.now() - start;
      if (apply === undefined) continue;
      const objects = parsed.flatMap((object) => changed(object, round) ?? []);
      const begun = performance.now();
      entries += apply(kind, objects, index === pages.length - 1);
      applyMs += performance.now() - begun;
    }
  }
  return { parseMs, applyMs, entries };
}

await withGc(import.meta.url, async () => {
  const options = benchOptions(['scale', 'rounds']);
  const pages = pagesOf(census({ scale: numberOption(options, 'scale', options.smoke ? 0.03 : 1) }));
  const count = numberOption(options, 'rounds', options.smoke ? 1 : 3);
  relist(pages, 0);
  const parse = median(
    Array.from({ length: count }, () => {
      collectGarbage();
      return relist(pages, 0).parseMs;
    }),
  );
  const graph = new Graph({ describer });
  const redact = redactor('a key for benchmarks only');
  const followers = new Map(
    pages.kinds.map(({ kind }) => [kind, new Follower(kind, (raw: RawObject) => redact(raw as KubeObject))]),
  );
  const followed: Apply = (kind, items, last) => size(graph.apply(followers.get(kind)?.page(items, last) ?? []).diff);
  let whole: KubeObject[] = [];
  const handedOver: Apply = (kind, items, last) => {
    whole.push(...items.map(redact));
    if (!last) return 0;
    const { diff } = graph.apply([listed(cluster, listedAt, kind, whole)]);
    whole = [];
    return size(diff);
  };
  relist(pages, 0, followed);
  const rounds: { machine: Relist; reset: Relist }[] = [];
  for (let number = 1; number <= count; number++) {
    collectGarbage();
    for (const follower of followers.values()) follower.expire();
    const machine = relist(pages, number, followed);
    collectGarbage();
    const reset = relist(pages, number, handedOver);
    rounds.push({ machine, reset });
  }
  const wholeOf = (of: 'machine' | 'reset'): number => median(rounds.map((one) => one[of].parseMs + one[of].applyMs));
  const ours = wholeOf('machine');
  const shared = { unit: 'ms', baseline: parse, baselineName: 'JSON.parse' };
  const limit = options.smoke ? 10 : 1.3;
  const beside = median(rounds.map(({ machine }) => machine.parseMs));
  const entries = round(median(rounds.map(({ machine }) => machine.entries)));
  const information = { target: 'for information', met: true };
  report(
    `Relist of ${pages.objects} objects with 1 % changed (${entries} diff entries)`,
    [
      {
        name: 'parse, tell what changed, redact and link it',
        figure: ours,
        ...shared,
        target: `≤ ${limit} × JSON.parse`,
        met: ours <= limit * parse,
      },
      {
        name: 'without parsing',
        figure: median(rounds.map(({ machine }) => machine.applyMs)),
        ...shared,
        ...information,
      },
      { name: 'parsing beside a full graph, which the collector must walk', figure: beside, ...shared, ...information },
      { name: 'handed over whole: parse, redact and link all', figure: wholeOf('reset'), ...shared, ...information },
    ],
    options,
  );
});
