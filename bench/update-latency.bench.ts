/**
 * How long does one change take when the whole census is in the graph, hot selectors included?
 *
 *   npx node bench/update-latency.bench.ts [--scale 1] [--hot-pods 5000] [--changes 20000] [--smoke] [--append DATE]
 *
 * Each change is a batch of its own, as received over the wire. The baseline is parsing the watch event that carried it.
 */

import type { Graph } from '../src/graph/graph.ts';
import type { Change, KubeObject } from '../src/model/change.ts';
import { type Random, seededRandom } from '../test/support/random.ts';
import { benchOptions, type Figure, numberOption, percentile, report, withGc } from './harness.ts';
import { applied, cluster, graphOf, listedAt, pagesOf } from './pages.ts';
import { changesOf, churn } from './workload/churn.ts';
import { hotNamespace } from './workload/hot.ts';
import { type Census, census } from './workload.ts';

interface Latencies {
  readonly apply: readonly number[];
  readonly parse: readonly number[];
}

/** Microseconds per change, ours and of parsing its JSON. The texts wait outside the heap, so that they weigh on neither. */
function latencies(graph: Graph, changes: Iterable<Change>): Latencies {
  const apply: number[] = [];
  const parse: number[] = [];
  for (const bytes of Array.from(changes, (change) => Buffer.from(JSON.stringify(change)))) {
    const text = bytes.toString('latin1');
    const start = performance.now();
    const received = JSON.parse(text) as Change;
    const parsed = performance.now();
    graph.apply([received]);
    apply.push((performance.now() - parsed) * 1000);
    parse.push((parsed - start) * 1000);
  }
  return { apply, parse };
}

/** Churn until there are so many changes; in order, and each part goes on where the one before ended. */
function take(changes: Iterator<Change>, count: number): Change[] {
  const taken: Change[] = [];
  while (taken.length < count) {
    const { value, done } = changes.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

/** Changes of single pods under the hot Service and policy: a new status, a label that takes it out of service or back, gone and made again. */
function* hotChanges(pods: readonly KubeObject[], random: Random, count: number): Generator<Change> {
  const away = new Set<string>();
  for (let done = 0; done < count; done++) {
    const pod = random.pick(pods);
    const { name } = pod.metadata;
    const draw = random.int(3);
    if (draw === 0) yield { type: 'apply', at: listedAt, cluster, object: withRestarts(pod, done, away.has(name)) };
    if (draw === 1) {
      if (!away.delete(name)) away.add(name);
      yield { type: 'apply', at: listedAt, cluster, object: withRestarts(pod, done, away.has(name)) };
    }
    if (draw === 2) {
      away.delete(name);
      yield { type: 'delete', at: listedAt, cluster, object: pod };
      yield { type: 'apply', at: listedAt, cluster, object: pod };
    }
  }
}

function withRestarts(pod: KubeObject, restarts: number, away: boolean): KubeObject {
  const status = pod['status'] as { containerStatuses: object[] };
  const containerStatuses = status.containerStatuses.map((each) => ({ ...each, restartCount: restarts }));
  const labels = { ...pod.metadata.labels, ...(away ? { 'app.kubernetes.io/name': 'taken-out' } : {}) };
  return { ...pod, metadata: { ...pod.metadata, labels }, status: { ...status, containerStatuses } };
}

/** The hot Service selects nothing, then everything again: work for each of its pods, unavoidably. */
function* selectorChanges(made: Census, count: number): Generator<Change> {
  const service = [...made.objects('Service')].find(({ metadata }) => metadata.namespace === hotNamespace);
  if (service === undefined) throw new Error('the census has no hot namespace');
  const spec = service['spec'] as object;
  for (let done = 0; done < count; done++) {
    const none = { ...service, spec: { ...spec, selector: { app: 'nobody' } } };
    for (const object of [none, service]) yield* applied([object]);
  }
}

function figures(name: string, { apply, parse }: Latencies, targets: readonly [number, number] | undefined): Figure[] {
  return [50, 99].map((percent, index) => {
    const figure = percentile(apply, percent);
    const limit = targets?.[index];
    return {
      name: `${name}, p${percent}`,
      figure,
      unit: 'µs',
      baseline: percentile(parse, percent),
      baselineName: 'JSON.parse of it',
      target: limit === undefined ? 'for information' : `< ${limit} µs`,
      met: limit === undefined || figure < limit,
    };
  });
}

await withGc(import.meta.url, async () => {
  const options = benchOptions(['scale', 'hot-pods', 'changes']);
  const hotPods = numberOption(options, 'hot-pods', options.smoke ? 500 : 5_000);
  const count = numberOption(options, 'changes', options.smoke ? 2_000 : 20_000);
  const made = census({ scale: numberOption(options, 'scale', options.smoke ? 0.02 : 1), hotPods });
  const graph = graphOf(pagesOf(made));
  const happenings = changesOf(churn(made, seededRandom(1), cluster));
  latencies(graph, take(happenings, count / 10));
  const mixed = latencies(graph, take(happenings, count));
  const hotPodObjects = [...made.objects('Pod')].filter(({ metadata }) => metadata.namespace === hotNamespace);
  const hot = latencies(graph, hotChanges(hotPodObjects, seededRandom(2), count / 4));
  const selector = latencies(graph, selectorChanges(made, options.smoke ? 3 : 10));
  const targets = options.smoke ? ([1_000, 20_000] as const) : ([50, 1_000] as const);
  report(
    `One change among ${graph.view.resourceCount} resources and ${graph.view.edgeCount} edges`,
    [
      ...figures('mixed churn', mixed, targets),
      ...figures(`a pod under a Service and a policy of ${hotPods}`, hot, targets),
      ...figures(`the selector of that Service`, selector, undefined),
    ],
    options,
  );
});
