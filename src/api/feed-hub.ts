/**
 * Many followers of one feed. A change is written down once for all followers that are at the same position, and broadcasts are paced so that
 * they take no more than a third of the time: many followers get fewer, larger diffs.
 * Invariant: what a follower has applied equals the graph at the revision of its last message; a slow one is behind, never wrong.
 */
import { squash } from '../model/diff.ts';
import type { CommitFeed } from '../model/feed.ts';
import type { ResourceId } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { diffMessage, type FeedFilter, type FeedMessage, snapshotPart } from './feed-messages.ts';
import { textFrame } from './websocket-frame.ts';

/** A message in every form in which it is sent; each is made when first asked for. */
export class Packet {
  readonly revision: string;
  readonly #message: FeedMessage;
  #json: string | undefined;
  #frame: Buffer | undefined;
  #event: Buffer | undefined;

  constructor(message: FeedMessage) {
    this.#message = message;
    this.revision = message.revision;
  }

  get json(): string {
    this.#json ??= JSON.stringify(this.#message);
    return this.#json;
  }

  /** A WebSocket message, header and all. */
  get frame(): Buffer {
    this.#frame ??= textFrame(this.json);
    return this.#frame;
  }

  /** A server-sent event. `gone` has no id: it is no position to resume from. */
  get event(): Buffer {
    const { type, revision } = this.#message;
    const id = type === 'gone' ? '' : `id: ${revision}\n`;
    this.#event ??= Buffer.from(`${id}event: ${type}\ndata: ${this.json}\n\n`);
    return this.#event;
  }

  get bytes(): number {
    return this.json.length;
  }
}

/** One who follows: told that there is news, and, now and then, that the connection should be kept alive. */
export interface Follower {
  advance(): void;
  beat(): void;
}

export interface FeedHubOptions {
  readonly feed: CommitFeed;
  readonly view: () => View;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly beatMs: number;
}

const CACHE_BYTES_MAX = 32_000_000;
const PAUSE_MAX_MS = 80;
const PARTS_MAX = 16;

/** The resources of a snapshot, as they were when the feed stood at `number`. */
export interface SnapshotIds {
  readonly number: number;
  readonly list: readonly ResourceId[];
}

export interface SnapshotPart {
  readonly packet: Packet;
  /** Index at which the next part starts. */
  readonly end: number;
}

/** Everything between two positions: a packet, `nothing` for this follower, or `gone` from the feed. */
export type Range = Packet | 'nothing' | 'gone';

export class FeedHub {
  readonly feed: CommitFeed;
  readonly #options: FeedHubOptions;
  readonly #followers = new Set<Follower>();
  readonly #ranges = new Map<string, Packet | 'nothing'>();
  readonly #parts = new Map<string, SnapshotPart>();
  readonly #beat: NodeJS.Timeout;
  #cachedBytes = 0;
  #unsubscribe: (() => void) | undefined;
  #scheduled = false;
  #restUntil = 0;
  #ids: SnapshotIds | undefined;

  constructor(options: FeedHubOptions) {
    this.feed = options.feed;
    this.#options = options;
    this.#beat = setInterval(() => this.beat(), options.beatMs).unref();
  }

  get size(): number {
    return this.#followers.size;
  }

  get view(): View {
    return this.#options.view();
  }

  /** The feed is followed from the first follower on: before, it keeps nothing and no diff is made. */
  add(follower: Follower): void {
    this.#unsubscribe ??= this.feed.subscribe(() => this.#schedule());
    this.#followers.add(follower);
  }

  remove(follower: Follower): void {
    this.#followers.delete(follower);
    if (this.#followers.size > 0) return;
    this.#ranges.clear();
    this.#parts.clear();
    this.#cachedBytes = 0;
    this.#ids = undefined;
  }

  close(): void {
    this.#unsubscribe?.();
    clearInterval(this.#beat);
    this.#followers.clear();
  }

  /** Keeps connections alive, and tells followers to whom nothing happened how far the feed is. */
  beat(): void {
    for (const follower of this.#followers) follower.beat();
  }

  revisionAt(number: number): string {
    return `${this.feed.epoch}:${number}`;
  }

  #schedule(): void {
    if (this.#scheduled || this.#followers.size === 0) return;
    this.#scheduled = true;
    const pause = this.#restUntil - this.#options.now();
    if (pause <= 0) setImmediate(() => this.#broadcast());
    else setTimeout(() => this.#broadcast(), Math.min(pause, PAUSE_MAX_MS));
  }

  #broadcast(): void {
    this.#scheduled = false;
    const began = this.#options.now();
    for (const follower of this.#followers) follower.advance();
    const ended = this.#options.now();
    this.#restUntil = ended + 2 * (ended - began);
  }

  /** What happened after `from` up to now, the same packet for everybody who asks for the same. */
  range(from: number, filter: FeedFilter | undefined): Range {
    const { head } = this.feed;
    const key = `${from}|${head}|${filter?.key ?? ''}`;
    const known = this.#ranges.get(key);
    if (known !== undefined) return known;
    const since = this.feed.since(this.revisionAt(from));
    if (since.type === 'gone') return 'gone';
    const diff = squash(since.entries.map((entry) => entry.diff));
    const message = diffMessage(this.view, diff, this.revisionAt(head), filter);
    const packet = message === undefined ? 'nothing' : new Packet(message);
    this.#remember(key, packet);
    return packet;
  }

  /** The oldest ranges go first: most followers are at the head. */
  #remember(key: string, packet: Packet | 'nothing'): void {
    this.#ranges.set(key, packet);
    this.#cachedBytes += costOf(packet);
    for (const [oldest, old] of this.#ranges) {
      if (this.#cachedBytes <= CACHE_BYTES_MAX && this.#ranges.size <= 1_000) break;
      this.#ranges.delete(oldest);
      this.#cachedBytes -= costOf(old);
    }
  }

  /**
   * The ids for a snapshot and the position from which its changes must be followed. A list is shared as long as the feed reaches back to it,
   * so that a thousand followers that come together hold one.
   */
  idsForSnapshot(): SnapshotIds {
    const known = this.#ids;
    if (known && this.feed.since(this.revisionAt(known.number)).type === 'diffs') return known;
    this.#ids = { number: this.feed.head, list: Array.from(this.view.resources(), ({ id }) => id) };
    return this.#ids;
  }

  /** A part of a snapshot as the graph is now, and where the next one starts. The latest few are kept for followers that came together. */
  part(ids: SnapshotIds, start: number, part: number, filter: FeedFilter | undefined): SnapshotPart {
    const { head } = this.feed;
    const key = `${ids.number}|${start}|${part}|${head}|${filter?.key ?? ''}`;
    const known = this.#parts.get(key);
    if (known) return known;
    const { resources, edges, end } = snapshotPart(this.view, ids.list, start, filter);
    const more = end < ids.list.length;
    const packet = new Packet({ type: 'snapshot', revision: this.revisionAt(head), part, more, resources, edges });
    const made = { packet, end };
    this.#parts.set(key, made);
    const [oldest] = this.#parts.keys();
    if (this.#parts.size > PARTS_MAX && oldest !== undefined) this.#parts.delete(oldest);
    return made;
  }
}

/** What a packet costs in memory: its text and its bytes. */
function costOf(packet: Packet | 'nothing'): number {
  return packet === 'nothing' ? 100 : 2 * packet.bytes;
}
