/**
 * One follower, whatever its transport: what it gets next, and when it must wait.
 *
 * Back-pressure: nothing is queued here. While the outlet is full the session only remembers its position; when the outlet has drained it
 * asks for everything since then, squashed into one diff. A snapshot goes out in parts, each at the position of the diffs before it.
 */
import type { Revision } from '../model/commit.ts';
import { type FeedHub, type Follower, Packet, type SnapshotIds } from './feed-hub.ts';
import type { FeedFilter } from './feed-messages.ts';

/** The transport's end. */
export interface Outlet {
  /** False: full, send nothing more before `drained`. */
  send(packet: Packet): boolean;
  /** Keeps the connection alive, full or not, or ends it when the other side is dead. */
  beat(): void;
}

export interface SessionOptions {
  /** Go on from here; undefined begins anew. */
  readonly from: Revision | undefined;
  /** Begin with the whole graph rather than with what comes. */
  readonly snapshot: boolean;
  readonly filter: FeedFilter | undefined;
}

export class FeedSession implements Follower {
  readonly #hub: FeedHub;
  readonly #outlet: Outlet;
  readonly #filter: FeedFilter | undefined;
  /** Number of the last commit that the follower knows. */
  #position = 0;
  /** Number that stood in the last message. */
  #told = 0;
  #snapshot: { readonly ids: SnapshotIds; start: number; part: number } | undefined;
  #full = false;
  #advancing = false;

  constructor(hub: FeedHub, outlet: Outlet, { from, snapshot, filter }: SessionOptions) {
    this.#hub = hub;
    this.#outlet = outlet;
    this.#filter = filter;
    hub.add(this);
    if (from !== undefined && hub.feed.since(from).type === 'diffs')
      this.#begin(Number(from.slice(from.lastIndexOf(':') + 1)));
    else if (from !== undefined) this.#restart(from);
    else if (snapshot) this.#beginSnapshot();
    else this.#begin(hub.feed.head);
    this.advance();
  }

  close(): void {
    this.#hub.remove(this);
  }

  /** The outlet takes more. */
  drained(): void {
    this.#full = false;
    this.advance();
  }

  beat(): void {
    if (this.#told < this.#position && !this.#snapshot && !this.#full) this.#tell();
    else this.#outlet.beat();
  }

  /** Sends what there is until the outlet is full. */
  advance(): void {
    if (this.#advancing) return;
    this.#advancing = true;
    while (!this.#full && this.#step());
    this.#advancing = false;
  }

  /** The next thing to send; false when there is none. A part follows its diff even when that filled the outlet, or it might never come. */
  #step(): boolean {
    if (this.#open()) return true;
    const moved = this.#catchUp();
    if (this.#position < this.#hub.feed.head) return true;
    return this.#sendPart() || moved;
  }

  #begin(number: number): void {
    this.#position = number;
    this.#tell();
  }

  /** Brings the follower to the head of the feed; false when it is there. */
  #catchUp(): boolean {
    if (this.#position >= this.#hub.feed.head) return false;
    const range = this.#hub.range(this.#position, this.#filter);
    if (range === 'gone') this.#restart(this.#hub.revisionAt(this.#position));
    else {
      this.#position = this.#hub.feed.head;
      if (range !== 'nothing') this.#send(range);
    }
    return true;
  }

  /** Sends an empty first part where changes since the list of ids was made must come before any content. */
  #open(): boolean {
    const snapshot = this.#snapshot;
    if (snapshot?.part !== 1 || this.#position === this.#hub.feed.head) return false;
    const revision = this.#hub.revisionAt(this.#position);
    snapshot.part++;
    this.#send(new Packet({ type: 'snapshot', revision, part: 1, more: true, resources: [], edges: [] }));
    return true;
  }

  /** Sends the next part of a snapshot, read at the head of the feed; false when there is none to send. */
  #sendPart(): boolean {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return false;
    const { packet, end } = this.#hub.part(snapshot.ids, snapshot.start, snapshot.part, this.#filter);
    snapshot.start = end;
    snapshot.part++;
    if (end >= snapshot.ids.list.length) this.#snapshot = undefined;
    this.#send(packet);
    return true;
  }

  #restart(asked: Revision): void {
    this.#full = !this.#outlet.send(new Packet({ type: 'gone', revision: asked }));
    this.#beginSnapshot();
  }

  #beginSnapshot(): void {
    const ids = this.#hub.idsForSnapshot();
    this.#position = ids.number;
    this.#snapshot = { ids, start: 0, part: 1 };
  }

  #tell(): void {
    this.#send(new Packet({ type: 'at', revision: this.#hub.revisionAt(this.#position) }));
  }

  #send(packet: Packet): void {
    this.#told = this.#position;
    this.#full = !this.#outlet.send(packet);
  }
}
