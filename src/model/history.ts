/** Asking for what was observed: versions of objects in the order in which they were seen. Implemented by history's stores. */
import type { KubeObject } from './change.ts';
import type { GroupKind } from './groups.ts';
import type { Resource } from './resource.ts';
import type { Time } from './time.ts';
import type { Gap } from './view.ts';

/** A place in the order of versions; opaque to those who ask, and stable. */
export interface Position {
  readonly moment: number;
  readonly place: number;
}

/** One observed version of an object, or that it was gone. */
export interface Version {
  readonly position: Position;
  /** When it was observed. */
  readonly at: Time;
  /** Set where nobody looked before: it happened at some time since then. */
  readonly notBefore?: Time;
  /** `create`: the first that was observed of it. */
  readonly verb: 'create' | 'update' | 'delete';
  readonly of: Pick<Resource, 'id' | 'cluster' | 'group' | 'kind' | 'pseudo' | 'namespace' | 'name' | 'uid'>;
  /** The object as it was, redacted; of what is gone, as it was last. */
  readonly object: KubeObject;
}

/** Narrows versions; every given field must match. */
export interface VersionQuery {
  readonly clusters?: readonly string[] | undefined;
  readonly kinds?: readonly GroupKind[] | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly names?: readonly string[] | undefined;
  readonly uids?: readonly string[] | undefined;
  readonly verbs?: readonly Version['verb'][] | undefined;
  /** Both inclusive. */
  readonly from?: Time | undefined;
  readonly to?: Time | undefined;
}

export interface VersionPage {
  readonly order?: 'oldest' | 'newest';
  /** Goes on after this one. */
  readonly after?: Position | undefined;
  readonly limit: number;
}

/** An edge while it was there, seen from one of its ends. */
export interface EdgeSpan {
  readonly type: string;
  readonly direction: 'out' | 'in';
  readonly other: Version['of'];
  readonly since: Time;
  /** Absent while it lasts. */
  readonly until?: Time;
}

/** A resource that was there for a time. What is deleted and made again under the same name is several. */
export interface Existence {
  readonly of: Version['of'];
  readonly since: Time;
  readonly until?: Time;
}

export interface HistoryQueries {
  versions(query: VersionQuery, page: VersionPage): Promise<readonly Version[]>;
  countVersions(query: VersionQuery): Promise<number>;
  /** Everything of that name that was ever there, the latest first. */
  existences(
    query: Pick<VersionQuery, 'clusters' | 'kinds' | 'namespaces' | 'names' | 'uids'>,
    limit: number,
  ): Promise<readonly Existence[]>;
  /** Edges of one existence of a resource that came or went in an interval, both ends inclusive; the latest to come first. */
  edgeSpans(of: Existence, from: Time, to: Time, limit: number): Promise<readonly EdgeSpan[]>;
  /** Intervals in which some of what is asked for was not observed, the earliest first. */
  gaps(query: Pick<VersionQuery, 'clusters' | 'kinds' | 'namespaces' | 'from' | 'to'>): Promise<readonly Gap[]>;
  /** The first and last instant of which something is known; undefined in an empty history. */
  extent(): Promise<{ readonly from: Time; readonly to: Time } | undefined>;
}
