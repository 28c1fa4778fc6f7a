/**
 * What a stream has said and nobody has taken yet. KubeView waits for each of its readers, so a stream is read at once, whatever becomes of it.
 * Invariant: of each object only the last word waits, so that what waits is bounded by what there is.
 */
import type { ServerEvent } from '../../lib/event-stream.ts';
import type { Input } from './namespace-state.ts';
import { keyInNamespace, type Update, updateFrom } from './payload.ts';

export class UpdateQueue {
  /** By key, in the order of the last word. */
  #updates = new Map<string, Update>();
  #pings = 0;
  #unreadable = false;

  /** Objects that wait. */
  get size(): number {
    return this.#updates.size;
  }

  get isEmpty(): boolean {
    return this.#updates.size === 0 && this.#pings === 0 && !this.#unreadable;
  }

  add(events: readonly ServerEvent[]): void {
    for (const event of events) {
      const update = updateFrom(event);
      if (update === 'ping') this.#pings++;
      else if (update === 'unreadable') this.#unreadable = true;
      else if (update !== undefined) {
        const key = keyInNamespace(update.object);
        this.#updates.delete(key);
        this.#updates.set(key, update);
      }
    }
  }

  /** Everything that waits. */
  take(): Omit<Extract<Input, { type: 'updates' }>, 'at'> {
    const taken = { updates: [...this.#updates.values()], pings: this.#pings, unreadable: this.#unreadable };
    this.#updates = new Map();
    this.#pings = 0;
    this.#unreadable = false;
    return { type: 'updates', ...taken };
  }
}
