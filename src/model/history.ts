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
  /** The version before, where it was asked for and there is one. */
  readonly before?: KubeObject;
}

/** Narrows versions; every given field must match. */
export interface VersionQuery {
  readonly clusters?: readonly string[] | undefined;
  readonly kinds?: readonly GroupKind[] | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly names?: readonly string[] | undefined;
  /** How the name begins. */
  readonly namePrefix?: string | undefined;
  readonly uids?: readonly string[] | undefined;
  readonly verbs?: readonly Version['verb'][] | undefined;
  /** What happened to these existences, by their numbers: their versions, and, where it is wanted, Events about them. */
  readonly existences?: { readonly numbers: readonly number[]; readonly withEvents?: boolean } | undefined;
  /**
   * Of Events: those that say they are about one of these names and kinds (any kind, when none is named), and those of which nobody knows yet what
   * they are about, because they have just come. Whoever asks looks at each.
   */
  readonly about?: { readonly names: readonly string[]; readonly kinds?: readonly string[] } | undefined;
  /** Both inclusive. */
  readonly from?: Time | undefined;
  readonly to?: Time | undefined;
}

export interface VersionPage {
  readonly order?: 'oldest' | 'newest';
  /** Gives each version with the one before it, and of what is gone nothing but that. */
  readonly withBefore?: boolean;
  /** Goes on after this one. */
  readonly after?: Position | undefined;
  readonly limit: number;
}

/** That an edge came or went, seen from one of its ends. */
export interface EdgeChange {
  readonly change: 'added' | 'removed';
  readonly at: Time;
  readonly type: string;
  readonly direction: 'out' | 'in';
  /** Number of the existence from which it is seen. */
  readonly of: number;
  readonly other: Version['of'];
}

/** A resource that was there for a time. What is deleted and made again under the same name is several. */
export interface Existence {
  /** Stands for it in other questions. */
  readonly number: number;
  readonly of: Version['of'];
  readonly since: Time;
  readonly until?: Time;
}

/** Narrows existences; every given field must match. */
export type ExistenceQuery = Pick<
  VersionQuery,
  'clusters' | 'kinds' | 'namespaces' | 'names' | 'namePrefix' | 'uids'
> & {
  /** Joined by an edge, at any time of an interval, with one of those that have these numbers. */
  readonly connected?: { readonly with: readonly number[]; readonly from: Time; readonly to: Time } | undefined;
  /** Kinds that are left out. */
  readonly without?: readonly GroupKind[] | undefined;
};

/** Two instants, and what of them is asked for. */
export type ChangeQuery = Pick<VersionQuery, 'clusters' | 'kinds' | 'namespaces' | 'names'> & {
  readonly from: Time;
  readonly to: Time;
  /** Kinds that are left out. */
  readonly without?: readonly GroupKind[];
};

export interface Changed {
  readonly number: number;
  readonly of: Version['of'];
  /** Absent when it was not there. */
  readonly before?: KubeObject;
  readonly after?: KubeObject;
  /** When the later of both was observed, or that it was gone. */
  readonly at: Time;
  /** How many versions were observed in between. */
  readonly versions: number;
}

export interface ChangedEdge {
  readonly change: 'added' | 'removed';
  readonly type: string;
  readonly from: Version['of'];
  readonly to: Version['of'];
  readonly at: Time;
}

/** How far a history reaches. */
export interface Extent {
  readonly from: Time;
  /** The last sign of life. */
  readonly to: Time;
  /** When everything was known for the first time that was being listed in the beginning; `from` where what was before is forgotten. */
  readonly listed: Time;
}

/** A kind that is known from later on only. */
export interface KeptLess extends GroupKind {
  readonly cluster: string;
  readonly oldest: Time;
}

/** Whoever writes a history says every few seconds that somebody looks; where nothing is said for longer, nobody did. Milliseconds. */
export const SILENCE_MS = 15_000;

/** What an object was in an interval: the version in force at its beginning, and those that came, the latest last. */
export interface Course {
  readonly of: Version['of'];
  readonly versions: readonly { readonly at: Time; readonly object: KubeObject }[];
}

/** How much a history holds. */
export interface Fill {
  /** The first instant of which everything is known, and the last sign of life; absent in an empty history. */
  readonly oldest?: Time;
  readonly newest?: Time;
  /** Numbers of rows. */
  readonly resources: number;
  readonly versions: number;
  readonly edges: number;
  /** What it takes of the disk, and what of that holds something. */
  readonly bytes: number;
  readonly usedBytes: number;
  readonly keptLess: readonly KeptLess[];
}

export interface HistoryQueries {
  versions(query: VersionQuery, page: VersionPage): Promise<readonly Version[]>;
  countVersions(query: VersionQuery): Promise<number>;
  /** Of objects that are there at the end of an interval, how they came to be so, in the last hundred versions. Held in memory: ask for what is concerned. */
  courses(
    of: readonly Pick<Version['of'], 'name' | 'uid'>[],
    interval: { readonly from: Time; readonly to: Time },
  ): Promise<readonly Course[]>;
  /** Everything of that name that was ever there, the latest first. */
  existences(query: ExistenceQuery, limit: number): Promise<readonly Existence[]>;
  /**
   * Edges that came or went in an interval, both ends inclusive, seen from existences with these numbers, but for what one brought with it or took along.
   * An edge between two of them is seen from where it leaves. In a stable order: a shorter answer is the beginning of a longer one.
   */
  edgeChanges(
    of: readonly number[],
    interval: { readonly from: Time; readonly to: Time },
    page: Pick<VersionPage, 'order' | 'limit'>,
  ): Promise<readonly EdgeChange[]>;
  /**
   * Resources that are not what they were, between two instants, in the order of their numbers: those that came, went, or were seen in another version,
   * each with both. Goes on after a number.
   */
  changed(query: ChangeQuery, after: number, limit: number): Promise<readonly Changed[]>;
  /** Edges that were there at one of two instants only, between resources that were there at both. */
  changedEdges(query: ChangeQuery, limit: number): Promise<readonly ChangedEdge[]>;
  /**
   * Intervals in which some of what is asked for was not observed, the earliest first; also that since the last sign of life, where `to` is well
   * after it.
   */
  gaps(query: Pick<VersionQuery, 'clusters' | 'kinds' | 'namespaces' | 'from' | 'to'>): Promise<readonly Gap[]>;
  /** Kinds of which something was ever there. */
  kinds(): Promise<readonly GroupKind[]>;
  /** Undefined in an empty history. */
  extent(): Promise<Extent | undefined>;
  keptLess(): Promise<readonly KeptLess[]>;
  /** Counts everything: ask seldom. */
  fill(): Promise<Fill>;
}
