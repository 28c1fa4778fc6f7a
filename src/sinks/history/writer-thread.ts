/**
 * The thread that writes history, so that compression and disks keep nobody else waiting. What it is sent is written in order, batch by batch, and
 * tried again until it is; only then it is acknowledged. What is not kept any longer is removed between two batches, a little at a time; and what people
 * read in SQL is written so, now and then.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type Backoff, backoffMs } from '../../lib/backoff.ts';
import { sleep } from '../../lib/timer.ts';
import { Problem, problemFrom } from '../../model/problem.ts';
import type { Entry } from './entries.ts';
import { openDatabase } from './open.ts';
import type { Fault, FromWriter, ToWriter, WriterData } from './protocol.ts';
import { Readable } from './readable.ts';
import { HistoryWriter } from './writer.ts';

/** Entries of one transaction, as long as they come in so many messages. */
const BATCH = 2_000;
const RETRY: Backoff = { firstMs: 250, maxMs: 15_000 };

/** How often what people read is brought up to date; while versions wait, it takes a tenth of the time; and so long at most at the end. */
const TELL_MS = 15_000;
const TELL_SHARE = 0.1;
const LAST_MS = 3_000;

const { url, readable: readableOptions } = workerData as WriterData;
const queue: Extract<ToWriter, { type: 'write' | 'frame' }>[] = [];
const closing = new AbortController();
let wake = (): void => undefined;

/** The removal that is under way. */
let pruning: ReturnType<HistoryWriter['prune']> | undefined;
let asked: Extract<ToWriter, { type: 'prune' }> | undefined;

/** What people read is being written, and when it may go on. */
let telling: ReturnType<HistoryWriter['tell']> | undefined;
let tellAt = performance.now() + TELL_MS;
let unreadable: string | undefined;

parentPort?.on('message', (message: ToWriter) => {
  if (message.type === 'write' || message.type === 'frame') queue.push(message);
  else if (message.type === 'prune') asked = message;
  else closing.abort();
  wake();
});

function say(message: FromWriter): void {
  parentPort?.postMessage(message);
}

function faultOf(error: unknown): Fault {
  const { code, message } = problemFrom(error);
  return { code, message };
}

async function run(): Promise<void> {
  const database = await openDatabase(url);
  try {
    const writer = await HistoryWriter.open(database);
    const readable = new Readable(database, readableOptions);
    say({ type: 'opened' });
    for (;;) {
      const messages = taken();
      if (messages.length > 0) await persist(writer, messages);
      else if (await keepFrame(writer)) continue;
      else if (closing.signal.aborted) break;
      const steps = [await prune(writer), await tell(writer, readable)];
      if (steps.includes(true)) await heard();
      else if (messages.length === 0) await woken();
    }
    await tellLast(writer, readable);
  } finally {
    await database.close();
  }
}

/** Something has come, or it is time to tell. */
async function woken(): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    wake = resolve;
    timer = setTimeout(resolve, Math.max(0, tellAt - performance.now()));
  });
  clearTimeout(timer);
}

/** Takes one step of what people read, when it is time; false when it is not. */
async function tell(writer: HistoryWriter, readable: Readable): Promise<boolean> {
  const start = performance.now();
  if (start < tellAt) return false;
  telling ??= writer.tell(readable, {});
  try {
    const { done } = await telling.next();
    const now = performance.now();
    tellAt = done ? now + TELL_MS : queue.length > 0 ? now + (now - start) / TELL_SHARE : now;
    if (done) {
      telling = undefined;
      tellFault(undefined);
    }
  } catch (error) {
    telling = undefined;
    tellAt = performance.now() + TELL_MS;
    tellFault(faultOf(error));
  }
  return true;
}

/** What has not been told by then is when it is opened again. */
async function tellLast(writer: HistoryWriter, readable: Readable): Promise<void> {
  const end = performance.now() + LAST_MS;
  if (unreadable !== undefined) return;
  try {
    for await (const _ of telling ?? []) if (performance.now() > end) return;
    for await (const _ of writer.tell(readable, { final: true })) if (performance.now() > end) return;
  } catch (error) {
    tellFault(faultOf(error));
  }
}

function tellFault(fault: Fault | undefined): void {
  if (fault?.message !== unreadable) say({ type: 'unreadable', fault });
  unreadable = fault?.message;
}

/** Lets messages in that have come meanwhile. */
function heard(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Takes one step of what was asked for; false when there is none. */
async function prune(writer: HistoryWriter): Promise<boolean> {
  if (asked) pruning ??= writer.prune(asked.retention, asked.options);
  if (pruning === undefined) return false;
  try {
    const { done, value } = await pruning.next();
    say(done ? { type: 'pruned', pruned: value } : { type: 'pruning', removed: value });
    if (!done) return true;
  } catch (error) {
    say({ type: 'pruned', pruned: faultOf(error) });
  }
  asked = undefined;
  pruning = undefined;
  return true;
}

/** The next messages, as many as make a batch. */
function taken(): readonly Extract<ToWriter, { type: 'write' }>[] {
  const messages: Extract<ToWriter, { type: 'write' }>[] = [];
  for (let size = 0; queue[0]?.type === 'write' && size < BATCH; size += messages.at(-1)?.entries.length ?? 0)
    messages.push(queue.shift() as Extract<ToWriter, { type: 'write' }>);
  return messages;
}

/** Keeps the graph that is next in the queue; false when none is. One that cannot be kept is made again another time. */
async function keepFrame(writer: HistoryWriter): Promise<boolean> {
  const [message] = queue;
  if (message?.type !== 'frame') return false;
  queue.shift();
  await writer.keep(message.frame).catch(() => undefined);
  return true;
}

/** Ends when it is written; when it cannot be because the store is damaged, with what that says. */
async function persist(
  writer: HistoryWriter,
  messages: readonly Extract<ToWriter, { type: 'write' }>[],
): Promise<void> {
  const entries: readonly Entry[] = messages.flatMap((message) => message.entries);
  let fault: string | undefined;
  for (let failures = 0; ; ) {
    const isLast = closing.signal.aborted;
    try {
      await writer.write(entries);
      if (fault !== undefined) say({ type: 'trouble', fault: undefined });
      return say({ type: 'written', number: messages.at(-1)?.number ?? 0 });
    } catch (error) {
      if (!(error instanceof Problem) || !error.retryable || isLast) throw error;
      if (error.message !== fault) say({ type: 'trouble', fault: faultOf(error) });
      fault = error.message;
      // What comes meanwhile waits as well; only the end is not waited for.
      await sleep(backoffMs(RETRY, ++failures, Math.random), closing.signal).catch(() => undefined);
    }
  }
}

run()
  .catch((error: unknown) => say({ type: 'failed', fault: faultOf(error) }))
  .finally(() => parentPort?.close());
