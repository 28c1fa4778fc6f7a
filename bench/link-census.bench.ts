/**
 * How long does it take to link the whole census, beside parsing it? What a start costs after the bytes have arrived.
 *
 *   npx node bench/link-census.bench.ts [--scale 1] [--rounds 3] [--smoke] [--append DATE]
 *
 * Both passes go over the same pages. "Link" is what the second pass takes beyond the first, so that every collection of garbage
 * that a full graph makes dearer is counted against us; the time inside `Graph.apply` alone is shown beside it, and redaction, which comes
 * before it at the source.
 */
import { Graph } from '../src/graph/graph.ts';
import { describer } from '../src/kinds/index.ts';
import { redactor } from '../src/sources/redact.ts';
import { benchOptions, collectGarbage, heapMb, median, numberOption, report, round, withGc } from './harness.ts';
import { applied, type Pages, pagesOf, textOf } from './pages.ts';
import { census, objectsOfPage } from './workload.ts';

interface Pass {
  readonly parseMs: number;
  readonly redactMs: number;
  readonly linkMs: number;
}

const redact = redactor('a key for benchmarks only');

/** Goes over all pages; with a graph, redacts and links each page's objects. Making text of bytes is in no figure. */
function pass({ kinds }: Pages, graph: Graph | undefined): Pass {
  let parseMs = 0;
  let redactMs = 0;
  let linkMs = 0;
  for (const { pages } of kinds) {
    for (const page of pages) {
      const text = textOf(page);
      const start = performance.now();
      const objects = objectsOfPage(text);
      const parsed = performance.now();
      parseMs += parsed - start;
      if (graph === undefined) continue;
      const clean = objects.map(redact);
      const redacted = performance.now();
      graph.apply(applied(clean));
      redactMs += redacted - parsed;
      linkMs += performance.now() - redacted;
    }
  }
  return { parseMs, redactMs, linkMs };
}

interface Round {
  readonly link: number;
  readonly inApply: number;
  readonly redact: number;
  readonly parse: number;
  readonly summary: string;
}

/** Both passes. The graph is gone when this returns, so that it does not slow the next round's parsing. */
function measure(pages: Pages): Round {
  const heapBefore = heapMb();
  const alone = pass(pages, undefined);
  collectGarbage();
  const graph = new Graph({ describer });
  const { parseMs, redactMs, linkMs } = pass(pages, graph);
  const heap = round(heapMb() - heapBefore);
  const summary = `heap ${heap} MB for ${graph.view.resourceCount} resources, ${graph.view.edgeCount} edges`;
  return { link: parseMs + linkMs - alone.parseMs, inApply: linkMs, redact: redactMs, parse: alone.parseMs, summary };
}

await withGc(import.meta.url, async () => {
  const options = benchOptions(['scale', 'rounds']);
  const scale = numberOption(options, 'scale', options.smoke ? 0.03 : 1);
  const pages = pagesOf(census({ scale }));
  measure(pages);
  const rounds = Array.from({ length: numberOption(options, 'rounds', options.smoke ? 1 : 3) }, () => measure(pages));
  const parse = median(rounds.map((one) => one.parse));
  const shared = { unit: 'ms', baseline: parse, baselineName: 'JSON.parse' };
  const link = median(rounds.map((one) => one.link));
  const inApply = median(rounds.map((one) => one.inApply));
  const limit = options.smoke ? 10 : 1;
  const information = { target: 'for information', met: true };
  const size = `${pages.objects} objects, ${round(pages.megabytes)} MB, ${rounds[0]?.summary}`;
  report(
    'Link the census from parsed objects',
    [
      {
        name: `link (${size})`,
        figure: link,
        ...shared,
        target: `≤ ${limit} × JSON.parse`,
        met: link <= limit * parse,
      },
      { name: 'inside Graph.apply', figure: inApply, ...shared, ...information },
      { name: 'redaction before it', figure: median(rounds.map((one) => one.redact)), ...shared, ...information },
    ],
    options,
  );
});
