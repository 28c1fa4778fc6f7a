/** Histories for tests of what people read in SQL: made as the program makes them, by the thread that writes. */
import { join, resolve } from 'node:path';
import { Graph } from '../../src/graph/graph.ts';
import { describer } from '../../src/kinds/index.ts';
import type { Change } from '../../src/model/change.ts';
import type { View } from '../../src/model/view.ts';
import type { Entry } from '../../src/sinks/history/entries.ts';
import { openHistory } from '../../src/sinks/history/history.ts';
import { entriesOf } from '../../src/sinks/history/remember.ts';
import { emptyReport, recordingSource } from '../../src/sources/recording.ts';

const recording = join(resolve(import.meta.dirname, '../..'), 'demo/shop.jsonl.gz');

/** What commits of changes, one a batch, leave to remember. */
export function* entriesIn(batches: Iterable<readonly Change[]>): Generator<readonly Entry[]> {
  const graph = new Graph({ describer });
  for (const batch of batches) yield entriesOf(graph.apply(batch), graph.view, describer);
}

/** Writes a history of changes, one commit a batch, and closes it. Returns the graph at its end. */
export async function historyOf(url: string, batches: AsyncIterable<readonly Change[]>): Promise<View> {
  const graph = new Graph({ describer });
  const history = await openHistory(url);
  for await (const batch of batches) history.write(entriesOf(graph.apply(batch), graph.view, describer));
  await history.written();
  await history.close();
  return graph.view;
}

/** What the demo leaves to remember. */
export async function* demoEntries(): AsyncGenerator<readonly Entry[]> {
  yield* entriesIn(await Array.fromAsync(demoChanges()));
}

/** The changes of the demo's recording, one by one: each at its time. */
export async function* demoChanges(): AsyncGenerator<readonly Change[]> {
  const options = { paths: [recording], redact: <T>(object: T): T => object };
  for await (const batch of recordingSource(options, emptyReport()).changes(new AbortController().signal))
    for (const change of batch) yield [change];
}
