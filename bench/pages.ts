/**
 * The census as list pages in files, so that it is there as often as needed and weighs on no measurement: memory outside the heap
 * would hasten the collector as well. A page becomes text, objects and changes only when it is taken.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Graph } from '../src/graph/graph.ts';
import { describer } from '../src/kinds/index.ts';
import type { Change, KubeObject } from '../src/model/change.ts';
import { type Census, type CensusKindCount, objectsOfPage } from './workload.ts';

export const cluster = 'bench';
export const listedAt = '2026-11-20T00:00:00.000Z';

/** One page: a file of ASCII JSON. */
export type Page = string;

export interface KindPages {
  readonly kind: CensusKindCount;
  readonly pages: readonly Page[];
}

export interface Pages {
  readonly kinds: readonly KindPages[];
  readonly objects: number;
  readonly megabytes: number;
}

/** Writes the pages into a folder of their own, which goes when the process ends. */
export function pagesOf(census: Census): Pages {
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  let bytes = 0;
  const kinds = census.kinds.map((kind) => ({
    kind,
    pages: Array.from(census.asJsonPages(kind.kind), (text, index) => {
      const page = join(folder, `${kind.plural}-${index}.json`);
      writeFileSync(page, text, 'latin1');
      bytes += text.length;
      return page;
    }),
  }));
  return { kinds, objects: census.size, megabytes: bytes / 1e6 };
}

export function textOf(page: Page): string {
  return readFileSync(page, 'latin1');
}

/** The objects of every page, parsed one page at a time. */
export function* objectsOf({ kinds }: Pages): Generator<KubeObject[]> {
  for (const { pages } of kinds) for (const page of pages) yield objectsOfPage(textOf(page));
}

export function applied(objects: readonly KubeObject[]): Change[] {
  return objects.map((object) => ({ type: 'apply', at: listedAt, cluster, object }));
}

/** A graph of everything on the pages. */
export function graphOf(pages: Pages): Graph {
  const graph = new Graph({ describer });
  for (const objects of objectsOf(pages)) graph.apply(applied(objects));
  return graph;
}
