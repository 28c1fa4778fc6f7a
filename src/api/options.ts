/** What the API is given by whoever starts it. */
import type { Logger } from '../lib/logger.ts';
import type { CommitFeed } from '../model/feed.ts';
import type { Intake } from '../model/intake.ts';
import type { Context } from '../operations/operation.ts';

export interface ApiLimits {
  /** Largest request body, in bytes. */
  readonly bodyBytes: number;
  /** Time a client may take to send its request, in milliseconds. */
  readonly requestMs: number;
  /** Followers of the feed at once. */
  readonly followers: number;
  /** Most resources of one export: making it holds everything else up. */
  readonly exportResources: number;
  /** Exports at once, each held in memory until its client has read it. */
  readonly exports: number;
  /** Most versions on a page of the watch history. */
  readonly watchEvents: number;
  /** Interval of heartbeats to followers, in milliseconds. */
  readonly beatMs: number;
}

export const defaultApiLimits: ApiLimits = {
  bodyBytes: 1_048_576,
  requestMs: 30_000,
  followers: 2_000,
  exportResources: 50_000,
  exports: 4,
  watchEvents: 1_000,
  beatMs: 15_000,
};

/** Who may send how much. */
export interface IntakeAccess {
  /** Largest body, unpacked, in bytes. */
  readonly bytesMax: number;
  /** Another bearer token that senders may show, and must where it is set. */
  readonly token?: string | undefined;
}

export interface ApiOptions {
  /** Address to listen on; any but loopback needs `token` or `insecure`. */
  readonly host: string;
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  /** Bearer token that every request must carry but those for what tells nothing of the estate: probes, documentation. */
  readonly token?: string | undefined;
  readonly insecure?: boolean | undefined;
  /** Further names under which the server may be asked (Host header), where names are looked at: see access.ts. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Origins of web pages that may read answers and open WebSockets, for example https://ui.example; none by default. */
  readonly origins?: readonly string[] | undefined;
  readonly version: string;
  /** Asked anew for every request. */
  readonly context: () => Context;
  readonly feed?: CommitFeed | undefined;
  /** What this process depends on, by name; true when it can be reached. */
  readonly dependencies: () => Promise<Readonly<Record<string, boolean>>>;
  /** What is wrong with this process, though it works; each a sentence. */
  readonly warnings?: (() => readonly string[]) | undefined;
  /** What else `/health` tells, by name. */
  readonly details?: (() => Readonly<Record<string, unknown>>) | undefined;
  /** Observes everything again; resolves when done. */
  readonly refresh?: (() => Promise<void>) | undefined;
  /** What others may send; absent where nothing is taken. */
  readonly intake?: (Intake & IntakeAccess) | undefined;
  readonly limits?: Partial<ApiLimits> | undefined;
  readonly log: Logger;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}
