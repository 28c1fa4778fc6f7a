/** What Node.js leaves to its users about streams: waiting without leaving listeners behind, and reading what is packed, or was cut off. */
import type { Readable, Writable } from 'node:stream';
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib';

type Unpacker = Gunzip | ZstdDecompress;

const ENDS = ['drain', 'close', 'error'] as const;

/** Resolves when a stream takes more, or never will: it is closed or has failed. Leaves no listener behind. */
export function drained(stream: Writable): Promise<void> {
  if (stream.destroyed || !stream.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ENDS) stream.off(event, done);
      resolve();
    };
    for (const event of ENDS) stream.on(event, done);
  });
}

/** The bytes of a stream, unpacked when they begin like gzip or Zstandard, whatever the stream is called. Ends, without an error, when `stop` fires. */
export async function* unpackedBytes(stream: Readable, stop: AbortSignal): AsyncIterable<Uint8Array> {
  const end = (): void => void stream.destroy();
  if (stop.aborted) return end();
  stop.addEventListener('abort', end, { once: true });
  try {
    const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    const head = await firstBytes(chunks);
    const create = unpackerFor(head);
    if (create !== undefined) yield* unpacked(create, head, chunks);
    else {
      if (head.length > 0) yield head;
      yield* { [Symbol.asyncIterator]: () => chunks };
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    stop.removeEventListener('abort', end);
    end();
  }
}

const MAGIC_BYTES = 4;
const CHUNK_BYTES = 1 << 18;

async function firstBytes(chunks: AsyncIterator<Uint8Array>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < MAGIC_BYTES) {
    const { done, value } = await chunks.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  return head;
}

/** RFC 1952: 1f 8b. RFC 8878: fd2fb528, little-endian. */
function unpackerFor(head: Buffer): (() => Unpacker) | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return () => createGunzip({ chunkSize: CHUNK_BYTES });
  if (head.length < MAGIC_BYTES || head.readUInt32LE(0) !== 0xfd2fb528) return undefined;
  return () => createZstdDecompress({ chunkSize: CHUNK_BYTES });
}

/** Unpacks `first` and the chunks after it, also where several packed files stand one after the other. */
async function* unpacked(
  create: () => Unpacker,
  first: Uint8Array,
  chunks: AsyncIterator<Uint8Array>,
): AsyncIterable<Uint8Array> {
  for (let rest = first; rest.length > 0; ) {
    const part = new UnpackedPart(create());
    yield* part.read(rest, chunks);
    rest = part.left;
  }
}

/**
 * One packed file. Its end is told to the unpacker only when everything before it has been read, for an unpacker that fails at its end, as it
 * does where a file was cut off, would take along what nobody has read yet.
 */
class UnpackedPart {
  readonly #unpacker: Unpacker;
  #chunk: Uint8Array = new Uint8Array(0);
  #written = 0;
  #isWhole = false;

  constructor(unpacker: Unpacker) {
    this.#unpacker = unpacker;
  }

  /** What was written and belongs to the next file. */
  get left(): Uint8Array {
    return this.#chunk.subarray(this.#chunk.length - (this.#written - this.#unpacker.bytesWritten));
  }

  async *read(first: Uint8Array, chunks: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
    this.#write(first, chunks).catch((error: Error) => this.#unpacker.destroy(error));
    try {
      for await (const bytes of this.#unpacker) {
        yield bytes as Uint8Array;
        this.#endWhenRead();
      }
    } finally {
      this.#unpacker.destroy();
    }
  }

  async #write(first: Uint8Array, chunks: AsyncIterator<Uint8Array>): Promise<void> {
    for (let chunk: Uint8Array | undefined = first; chunk !== undefined; ) {
      this.#chunk = chunk;
      this.#written += chunk.length;
      const failed = await new Promise((taken) => this.#unpacker.write(this.#chunk, taken));
      if (failed) return;
      const { done, value }: IteratorResult<Uint8Array> = await chunks.next();
      chunk = done ? undefined : value;
    }
    this.#isWhole = true;
    this.#endWhenRead();
  }

  #endWhenRead(): void {
    if (this.#isWhole && this.#unpacker.readableLength === 0) this.#unpacker.end();
  }
}
