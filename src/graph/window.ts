/**
 * The bounded window of one cluster's occurrences (Kubernetes Events, log lines, alerts): which to let go when there are too many. The
 * longest unseen go first; of those seen at one instant the first by id, so that every process lets go of the same.
 * Invariant: `#heap` is a binary heap, nobody in it was seen before its parent; every entry knows its place.
 */
import type { ResourceId } from '../model/resource.ts';
import { sortableTime, type Time } from '../model/time.ts';
import type { FrameReader, FrameWriter } from './pieces.ts';

interface Entry {
  readonly id: ResourceId;
  /** Sortable time. */
  seen: string;
  place: number;
}

export class Window {
  readonly #max: number;
  readonly #entries = new Map<ResourceId, Entry>();
  readonly #heap: Entry[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  see(id: ResourceId, at: Time): void {
    let entry = this.#entries.get(id);
    if (entry === undefined) {
      entry = { id, seen: '', place: this.#heap.length };
      this.#entries.set(id, entry);
      this.#heap.push(entry);
    }
    entry.seen = sortableTime(at);
    this.#move(entry);
  }

  forget(id: ResourceId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#put(last, entry.place);
    this.#move(last);
  }

  /** Forgets one that is too many and returns it, or undefined when all fit. */
  overflow(): ResourceId | undefined {
    const id = this.#heap.length > this.#max ? this.#heap[0]?.id : undefined;
    if (id !== undefined) this.forget(id);
    return id;
  }

  write(frame: FrameWriter): void {
    frame.rows(2, (put) => {
      for (const { id, seen } of this.#heap) {
        put(frame.value(id));
        put(frame.value(seen));
      }
    });
  }

  read(frame: FrameReader): void {
    for (const rows = frame.rows(2); !rows.ended; ) {
      const id = frame.value<ResourceId>(rows.next());
      const entry = { id, seen: frame.value<string>(rows.next()), place: this.#heap.length };
      this.#entries.set(id, entry);
      this.#heap.push(entry);
    }
  }

  /** Up while it was seen before its parent, then down while a child was seen before it. */
  #move(entry: Entry): void {
    for (;;) {
      const parent = this.#heap[(entry.place - 1) >> 1];
      if (entry.place === 0 || parent === undefined || !isBefore(entry, parent)) break;
      this.#swap(entry, parent);
    }
    for (;;) {
      const left = this.#heap[2 * entry.place + 1];
      const right = this.#heap[2 * entry.place + 2];
      const child = left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, entry)) return;
      this.#swap(entry, child);
    }
  }

  #swap(a: Entry, b: Entry): void {
    const place = a.place;
    this.#put(a, b.place);
    this.#put(b, place);
  }

  #put(entry: Entry, place: number): void {
    entry.place = place;
    this.#heap[place] = entry;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.seen < b.seen || (a.seen === b.seen && a.id < b.id);
}
