/**
 * Changes → recording file. Writes a header, then one line a change; rotates at a size and stops at a limit.
 * Invariant: a line is written whole; a killed process leaves at most its last line cut off.
 */

import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGzip, createZstdCompress, type Gzip, type ZstdCompress } from 'node:zlib';
import type { Change } from '../model/change.ts';
import { Problem } from '../model/problem.ts';
import type { Time } from '../model/time.ts';

export interface RecorderOptions {
  readonly path: string;
  readonly cluster: string;
  readonly startedAt: Time;
  readonly producer: string;
  /** Bytes of JSON after which the next file is begun (`name.1.jsonl.gz`, …). */
  readonly rotateBytes?: number;
  /** Bytes of JSON after which recording ends. */
  readonly bytesMax?: number;
}

interface Output {
  readonly file: WriteStream;
  /** Rejects when the disk does not take what is written. */
  readonly failed: Promise<never>;
  readonly head: WriteStream | Gzip | ZstdCompress;
}

export class Recorder {
  readonly #options: RecorderOptions;
  #output: Output | undefined;
  #part = 0;
  #partBytes = 0;
  /** Bytes of JSON written, before compression. */
  bytes = 0;
  lines = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Names of the files written, in order. */
  get paths(): readonly string[] {
    return Array.from({ length: this.#part }, (_, part) => partPath(this.#options.path, part));
  }

  get full(): boolean {
    const { bytesMax } = this.#options;
    return bytesMax !== undefined && this.bytes >= bytesMax;
  }

  /** Writes a batch and waits while the disk is behind. */
  async write(changes: readonly Change[]): Promise<void> {
    for (const change of changes) {
      if (this.full) return;
      await this.#line(`${JSON.stringify(change)}\n`);
      this.lines++;
    }
  }

  async #line(text: string): Promise<void> {
    const { rotateBytes } = this.#options;
    if (rotateBytes !== undefined && this.#partBytes + text.length > rotateBytes && this.#partBytes > 0)
      await this.#end();
    const { head, failed } = this.#output ?? (await this.#begin());
    this.#partBytes += text.length;
    this.bytes += text.length;
    if (!head.write(text)) await Promise.race([once(head, 'drain'), failed]);
  }

  async #begin(): Promise<Output> {
    const { path, cluster, startedAt, producer } = this.#options;
    const name = partPath(path, this.#part);
    const file = createWriteStream(name, { flags: 'w' });
    try {
      await once(file, 'open');
    } catch (cause) {
      throw new Problem('invalid-input', `${name} cannot be written: ${String(cause)}`, { cause });
    }
    const head = name.endsWith('.gz') ? createGzip() : name.endsWith('.zst') ? createZstdCompress() : file;
    if (head !== file) head.pipe(file);
    const failed = once(file, 'error').then(([error]) => Promise.reject(error));
    failed.catch(() => undefined);
    this.#output = { file, head, failed };
    this.#part++;
    this.#partBytes = 0;
    head.write(`${JSON.stringify({ type: 'recording', version: 1, cluster, startedAt, producer })}\n`);
    return this.#output;
  }

  async #end(): Promise<void> {
    const output = this.#output;
    if (output === undefined) return;
    this.#output = undefined;
    output.head.end();
    await finished(output.file);
  }

  /** Writes out what is buffered. Call once at the end; safe when nothing was written. */
  async close(): Promise<void> {
    await this.#end();
  }
}

/** `estate.jsonl.gz` → `estate.jsonl.gz`, `estate.1.jsonl.gz`, `estate.2.jsonl.gz` … */
function partPath(path: string, part: number): string {
  if (part === 0) return path;
  const match = /^(.*?)((?:\.[A-Za-z]\w*){0,2})$/.exec(path);
  return `${match?.[1] ?? path}.${part}${match?.[2] ?? ''}`;
}
