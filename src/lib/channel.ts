/**
 * From many writers to one reader, with a bound: who writes into a full channel waits, and with it the socket it reads from.
 * What waits together is read together, up to a limit, so that a slow reader pays for fewer and larger batches.
 */

export interface Channel<T> {
  /** Resolves once there is room for more. Batches keep their order. */
  push(batch: readonly T[]): Promise<void>;
  /** Nothing more will come; with an error, the reader gets it after what is there. */
  close(error?: unknown): void;
  /** For one reader. */
  batches(): AsyncIterableIterator<readonly T[]>;
}

export interface ChannelOptions {
  /** How many values may wait. */
  readonly capacity: number;
  /** How many are read at once. A single larger batch is not split. */
  readonly batchMax: number;
}

export function createChannel<T>({ capacity, batchMax }: ChannelOptions): Channel<T> {
  const queue: (readonly T[])[] = [];
  const writers: (() => void)[] = [];
  let size = 0;
  let ended: { readonly error?: unknown } | undefined;
  let wake: () => void = () => {};

  const take = (): readonly T[] => {
    const first = queue.shift() ?? [];
    const taken = [first];
    let length = first.length;
    for (let next = queue[0]; next !== undefined && length + next.length <= batchMax; next = queue[0]) {
      taken.push(next);
      length += next.length;
      queue.shift();
    }
    size -= length;
    if (size < capacity) for (const resume of writers.splice(0)) resume();
    return taken.length === 1 ? first : taken.flat();
  };

  return {
    async push(batch) {
      if (ended !== undefined || batch.length === 0) return;
      queue.push(batch);
      size += batch.length;
      wake();
      while (size >= capacity && ended === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>();
        writers.push(resolve);
        await promise;
      }
    },
    close(error) {
      ended ??= error === undefined ? {} : { error };
      for (const resume of writers.splice(0)) resume();
      wake();
    },
    async *batches() {
      for (;;) {
        while (queue.length > 0) yield take();
        if (ended !== undefined) {
          if (ended.error !== undefined) throw ended.error;
          return;
        }
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
    },
  };
}
