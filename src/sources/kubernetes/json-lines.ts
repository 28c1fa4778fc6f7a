/**
 * A response of newline-delimited JSON as batches of parsed values.
 * Invariants: reads only when asked, so that a slow reader stops the socket; no more than one line is held unparsed, and no line beyond the
 * limit; a last line without a newline is not used, for it may be cut.
 */
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { compactFieldsInPlace } from '../managed-fields-bytes.ts';
import { type Failure, failureFromError } from './failure.ts';

/** How a stream of lines ends: the server closed it as it should, or not. */
export type Ending = { readonly type: 'closed' } | Failure;

/** A batch, or why there is none any more. */
export type Read = { readonly type: 'lines'; readonly lines: readonly unknown[] } | Ending;

export interface JsonLines {
  /** What has come, at least one value. Rejects only when `stop` fires. For one caller at a time. */
  read(): Promise<Read>;
  /** Ends the stream as unreachable when nothing comes for so long while somebody waits for it. */
  silenceLimit(milliseconds: number): void;
  /** Gives the connection up. */
  close(): void;
}

export interface JsonLinesOptions {
  readonly lineBytesMax: number;
  readonly stop: AbortSignal;
}

/** Values a batch, about. */
const BATCH = 256;
const NEWLINE = 0x0a;

export function jsonLines(stream: Readable, { lineBytesMax, stop }: JsonLinesOptions): JsonLines {
  const splitter = new Splitter(lineBytesMax);
  let silenceMs = 0;
  let ended: Ending | undefined;
  let wake: () => void = () => undefined;
  const end = (ending: Ending): void => {
    ended ??= ending;
    wake();
  };
  stream.on('readable', () => wake());
  stream.on('end', () => end({ type: 'closed' }));
  stream.on('error', (error) => end(failureFromError(error)));
  stream.on('close', () => end({ type: 'unreachable', message: 'the connection was given up' }));

  /** Until something can be read or the stream ended. */
  const something = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    const tooLong = (): void => {
      stream.destroy(new Error(`nothing came for ${silenceMs / 1000} s`));
    };
    const timer = silenceMs > 0 ? setTimeout(tooLong, silenceMs) : undefined;
    await promise;
    clearTimeout(timer);
  };

  return {
    async read() {
      // A server writes every event for itself: one more turn of the event loop, and several can be read at once.
      for (let patience = 1; ; ) {
        const chunk = splitter.fault === undefined ? (stream.read() as Buffer | null) : null;
        if (chunk !== null) splitter.add(chunk);
        else if (splitter.values.length > 0 && patience-- > 0) await nextTurn();
        else if (splitter.values.length > 0) break;
        else if (splitter.fault !== undefined) return splitter.fault;
        else if (ended !== undefined) {
          stop.throwIfAborted();
          return ended;
        } else await something();
        if (splitter.values.length >= BATCH) break;
      }
      return { type: 'lines', lines: splitter.take() };
    },
    silenceLimit(milliseconds) {
      silenceMs = milliseconds;
    },
    close: () => {
      stream.destroy();
    },
  };
}

/** Cuts chunks into lines and parses them. */
class Splitter {
  values: unknown[] = [];
  /** Set once: nothing after it can be trusted. */
  fault: Failure | undefined;
  readonly #lineBytesMax: number;
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax;
  }

  take(): readonly unknown[] {
    const { values } = this;
    this.values = [];
    return values;
  }

  add(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      if (this.#restBytes === 0) this.#parse(chunk, start, end);
      else this.#parse(Buffer.concat([...this.#rest, chunk.subarray(0, end)]), 0, this.#restBytes + end);
      this.#rest = [];
      this.#restBytes = 0;
      start = end + 1;
      if (this.fault !== undefined) return;
    }
    if (start === chunk.length) return;
    this.#rest.push(chunk.subarray(start));
    this.#restBytes += chunk.length - start;
    if (this.#restBytes > this.#lineBytesMax) {
      this.fault = { type: 'too-large', message: `a line is longer than ${this.#lineBytesMax} bytes` };
    }
  }

  #parse(bytes: Buffer, start: number, lineEnd: number): void {
    const end = compactFieldsInPlace(bytes, start, lineEnd);
    const line = bytes.toString('utf8', start, end);
    if (line === '' || line === '\r') return;
    try {
      this.values.push(JSON.parse(line));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.fault = { type: 'malformed', message: `a line is not JSON: ${reason}` };
    }
  }
}
