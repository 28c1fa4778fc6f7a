/**
 * Changes → recording file. Writes a header, then one line a change; rotates at a size and stops at a limit.
 * Invariant: a line is written whole; a killed process leaves at most its last line cut off. No file is overwritten unasked.
 */
import { once } from 'node:events';
import { createWriteStream, existsSync, rmSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { drained } from '../lib/streams.ts';
import type { Change } from '../model/change.ts';
import { Problem } from '../model/problem.ts';
import type { Time } from '../model/time.ts';
import { FORMAT_VERSION } from './change-from-json.ts';
import { existingParts, partPath } from './recording-files.ts';

export interface RecorderOptions {
  readonly path: string;
  readonly cluster: string;
  readonly startedAt: Time;
  readonly producer: string;
  /** Bytes of JSON after which the next file is begun (`name.1.jsonl.gz`, …). */
  readonly rotateBytes?: number;
  /** Bytes of JSON after which recording ends. */
  readonly bytesMax?: number;
  /** Removes what there is of a recording of that name. */
  readonly overwrite?: boolean;
}

interface Output {
  readonly head: Writable;
  /** Settles when everything is on the disk; rejects when the disk does not take it. */
  readonly ended: Promise<void>;
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
    const { head, ended } = this.#output ?? (await this.#begin());
    this.#partBytes += text.length;
    this.bytes += text.length;
    if (!head.write(text)) await drained(head);
    if (head.destroyed) await ended;
  }

  /** Begins the first file. Throws Problem `invalid-input` when there is a recording of that name, or none can be written. */
  async open(): Promise<void> {
    const { path, overwrite = false } = this.#options;
    const existing = existingParts(path);
    if (existing.length > 0 && !overwrite) {
      const names = existing.join(', ');
      throw new Problem('invalid-input', `${names} would be overwritten; take another name, or say so with --force.`);
    }
    for (const part of existing) rmSync(part);
    await this.#begin();
  }

  async #begin(): Promise<Output> {
    const { path, cluster, startedAt, producer } = this.#options;
    const part = this.#part;
    const name = partPath(path, part);
    // What is there and was not in the way is a device or a pipe.
    const file = createWriteStream(name, { flags: part === 0 && existsSync(name) ? 'w' : 'wx' });
    try {
      await once(file, 'open');
    } catch (cause) {
      throw new Problem('invalid-input', `${name} cannot be written: ${String(cause)}`, { cause });
    }
    const pack = name.endsWith('.gz') ? createGzip() : name.endsWith('.zst') ? createZstdCompress() : undefined;
    const output = { head: pack ?? file, ended: pack ? pipeline(pack, file) : finished(file) };
    output.ended.catch(() => undefined);
    this.#output = output;
    this.#part++;
    this.#partBytes = 0;
    const header = { type: 'recording', version: FORMAT_VERSION, cluster, startedAt, producer, part };
    output.head.write(`${JSON.stringify(header)}\n`);
    return output;
  }

  async #end(): Promise<void> {
    const output = this.#output;
    if (output === undefined) return;
    this.#output = undefined;
    output.head.end();
    await output.ended;
  }

  /** Writes out what is buffered. Call once at the end; safe when nothing was written. */
  async close(): Promise<void> {
    await this.#end();
  }
}
