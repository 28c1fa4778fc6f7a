/**
 * The program of the process that holds the store; started by store.ts, ends when its channel closes. A process of its own because a
 * query in Grafeo can be ended only by ending the process it runs in (docs/adr/0011-embedded-cypher.md).
 *
 * Invariant: requests are taken one after the other, in order; queries that read run beside what follows them, but none begins in the
 * middle of a write or a replacement.
 */
import { GrafeoGraph } from './grafeo-graph.ts';
import {
  ANSWER_TOO_LARGE,
  type Envelope,
  type Fault,
  OUT_OF_MEMORY,
  type QueryReply,
  type QueryRequest,
  type Reply,
  type Request,
  type StoreLimits,
} from './protocol.ts';
import { jsonFrom } from './render.ts';

const WATCH_INTERVAL_MS = 100;

const limits = JSON.parse(process.argv[2] ?? '{}') as StoreLimits;
const graph = new GrafeoGraph();
/** Ids of queries that run now. */
const running = new Set<number>();
/** Queries that came in the middle of a write. */
let held: Envelope[] | undefined;

let turn: Promise<void> = graph.index();
process.on('message', enqueue);
// Not exit(): that would wait for queries that never end. There is nothing to save.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

function enqueue(envelope: Envelope): void {
  turn = turn.then(() => answer(envelope));
}

async function answer(envelope: Envelope): Promise<void> {
  const { id, request } = envelope;
  if (request.type !== 'query') return reply(id, () => take(request));
  if (held) held.push(envelope);
  else if (request.writes) await reply(id, () => run(id, request));
  else void reply(id, () => run(id, request));
}

async function reply(id: number, work: () => Promise<unknown>): Promise<void> {
  let message: Reply;
  try {
    message = { id, value: await work() };
  } catch (error) {
    message = { id, fault: faultFrom(error) };
  }
  process.send?.(message);
}

function faultFrom(error: unknown): Fault {
  const { message, gqlStatus } = error as { message?: string; gqlStatus?: string };
  return { message: message ?? String(error), ...(gqlStatus !== undefined && { status: gqlStatus }) };
}

async function take(request: Exclude<Request, QueryRequest>): Promise<unknown> {
  switch (request.type) {
    case 'begin':
      held ??= [];
      return graph.begin(request.generation);
    case 'nodes':
      return graph.nodes(request.rows);
    case 'outs':
      return graph.outs(request.rows);
    case 'sweep':
      graph.sweep();
      return release();
    case 'write':
      held ??= [];
      await graph.write(request.part);
      if (!request.last) return;
      graph.written();
      return release();
    case 'lacks':
      return graph.lacks(request.came, request.went);
    default:
      return request satisfies never;
  }
}

function release(): void {
  const waiting = held ?? [];
  held = undefined;
  for (const envelope of waiting) enqueue(envelope);
}

async function run(id: number, { text, params, limitRows }: QueryRequest): Promise<QueryReply> {
  running.add(id);
  process.send?.({ id, started: true } satisfies Reply);
  try {
    const result = await graph.query(text, params);
    const { columns, length } = result;
    const rows = [];
    for (let index = 0; index < Math.min(length, limitRows); index++) {
      const row = result.get(index);
      rows.push(columns.map((column) => jsonFrom(row[column], (node) => graph.idOf(node))));
    }
    const json = JSON.stringify(rows);
    if (json.length > limits.answerMax) throw new Error(ANSWER_TOO_LARGE);
    return { columns, rows: json, truncated: length > limitRows };
  } finally {
    running.delete(id);
  }
}

let before = process.memoryUsage.rss();
setInterval(() => {
  const now = process.memoryUsage.rss();
  if (running.size === 0) before = now;
  else if (now - before > limits.queryMemoryMax) giveUp();
}, WATCH_INTERVAL_MS).unref();

/** Nothing but the end of the process gives the memory back. */
function giveUp(): void {
  for (const id of running) process.send?.({ id, fault: { message: OUT_OF_MEMORY } } satisfies Reply);
  process.send?.({ id: -1 } satisfies Reply, () => process.kill(process.pid, 'SIGKILL'));
}
