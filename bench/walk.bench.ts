/**
 * How long do the two questions that people ask by clicking take at census size: what breaks if this goes, and what surrounds this hub?
 *
 *   npx node bench/walk.bench.ts [--scale 1] [--hot-pods 5000] [--smoke] [--append DATE]
 *
 * The baseline is reading as many edges, one after another, as the largest answer has entries.
 */

import { impact } from '../src/graph/walk/impact.ts';
import { neighbours } from '../src/graph/walk/neighbours.ts';
import type { Resource } from '../src/model/resource.ts';
import type { View } from '../src/model/view.ts';
import { seededRandom } from '../test/support/random.ts';
import { benchOptions, type Figure, numberOption, percentile, report, round, withGc } from './harness.ts';
import { graphOf, pagesOf } from './pages.ts';
import { census } from './workload.ts';

/** The resources with most edges. */
function hubs(view: View, count: number): Resource[] {
  const degree = ({ id }: Resource): number => view.degree(id).in + view.degree(id).out;
  return [...view.resources()].sort((a, b) => degree(b) - degree(a)).slice(0, count);
}

function sample(view: View, kind: string, count: number): Resource[] {
  const random = seededRandom(kind);
  const all = [...view.resources({ kind })];
  return all.length === 0 ? [] : Array.from({ length: count }, () => random.pick(all));
}

interface Timing {
  readonly ms: number;
  /** Entries of the answer. */
  readonly entries: number;
}

/** Milliseconds of each walk, and how many entries its answer has. */
function walks(starts: readonly Resource[], walk: (start: Resource) => number): Timing[] {
  for (const start of starts.slice(0, 20)) walk(start);
  return starts.map((start) => {
    const begun = performance.now();
    const entries = walk(start);
    return { ms: performance.now() - begun, entries };
  });
}

/** Milliseconds to read this many edges one after another. */
function pass(view: View, edges: number): number {
  const begun = performance.now();
  let seen = 0;
  for (const _ of view.edges()) if (++seen >= edges) break;
  return performance.now() - begun;
}

function figures(view: View, name: string, timings: readonly Timing[], limit: number): Figure[] {
  if (timings.length === 0) return [];
  const edges = percentile(
    timings.map((one) => one.entries),
    100,
  );
  return [50, 100].map((percent) => {
    const figure = percentile(
      timings.map(({ ms }) => ms),
      percent,
    );
    const title = percent === 100 ? `worst of ${timings.length} (answers of up to ${round(edges)} entries)` : 'median';
    const met = percent !== 100 || figure < limit;
    return {
      name: `${name}, ${title}`,
      figure,
      unit: 'ms',
      baseline: pass(view, edges),
      baselineName: 'reading as many edges',
      target: `< ${limit} ms`,
      met,
    };
  });
}

await withGc(import.meta.url, async () => {
  const options = benchOptions(['scale', 'hot-pods']);
  const hotPods = numberOption(options, 'hot-pods', options.smoke ? 500 : 5_000);
  const { view } = graphOf(
    pagesOf(census({ scale: numberOption(options, 'scale', options.smoke ? 0.03 : 1), hotPods })),
  );
  const largest = hubs(view, 50);
  const limit = options.smoke ? 500 : 50;
  const impactOf = (start: Resource): number => impact(view, [start.id]).impacted.length;
  const aroundOf = (start: Resource): number => neighbours(view, [start.id], { depth: 2 }).edges.length;
  const usual = ['Deployment', 'Node', 'ConfigMap', 'Secret', 'Service'].flatMap((kind) => sample(view, kind, 20));
  report(
    `Walks among ${view.resourceCount} resources and ${view.edgeCount} edges`,
    [
      ...figures(view, 'impact of one of the 50 largest hubs', walks(largest, impactOf), limit),
      ...figures(view, 'impact of a Deployment, Node, ConfigMap, Secret or Service', walks(usual, impactOf), limit),
      ...figures(view, '2 hops around one of the 50 largest hubs', walks(largest, aroundOf), limit),
      ...figures(view, '2 hops around a Deployment, Node, ConfigMap, Secret or Service', walks(usual, aroundOf), limit),
    ],
    options,
  );
});
