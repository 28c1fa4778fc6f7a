/** What the server and the process that holds the store say to each other: requests and replies, in order, as JSON. */
import type { EdgeRow, LackRow, NodeRow, OutRow } from '../cypher/rows.ts';

/** Out-edges of one resource: all of them. */
export interface OutRows {
  readonly from: string;
  readonly edges: readonly OutRow[];
}

export interface EdgeName {
  readonly type: string;
  readonly from: string;
  readonly to: string;
}

/** One part of what a diff does; queries wait for the last. */
export interface WritePart {
  /** Ids of resources that are gone. */
  readonly gone: readonly string[];
  readonly nodes: readonly NodeRow[];
  readonly cut: readonly EdgeName[];
  readonly edges: readonly EdgeRow[];
  readonly mended: readonly string[];
}

export interface QueryRequest {
  readonly type: 'query';
  readonly text: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly limitRows: number;
  /** The query writes: it runs alone, and what it wrote is taken back. */
  readonly writes: boolean;
}

export type Request =
  /** Begins a replacement: `nodes` and `outs` follow, `sweep` ends it. Queries wait for the end. */
  | { readonly type: 'begin'; readonly generation: number }
  | { readonly type: 'nodes'; readonly rows: readonly NodeRow[] }
  | { readonly type: 'outs'; readonly rows: readonly OutRows[] }
  | { readonly type: 'sweep' }
  | { readonly type: 'write'; readonly part: WritePart; readonly last: boolean }
  /** Broken references that came, and keys of those that went. Answers with the keys it could not place. */
  | { readonly type: 'lacks'; readonly came: readonly LackRow[]; readonly went: readonly string[] }
  | QueryRequest;

/** Rows arrive as JSON text, so that their size is known before they are sent. */
export interface QueryReply {
  readonly columns: readonly string[];
  readonly rows: string;
  readonly truncated: boolean;
}

/** What went wrong in the store. `status` is its GQLSTATUS when it gave one. */
export interface Fault {
  readonly message: string;
  readonly status?: string;
}

/** Messages of faults that are not Grafeo's: what a query took too much of. */
export const OUT_OF_MEMORY = 'memory';
export const ANSWER_TOO_LARGE = 'answer';

export interface Envelope {
  readonly id: number;
  readonly request: Request;
}

export interface Reply {
  readonly id: number;
  /** The query runs from now on; its answer comes later. */
  readonly started?: true;
  readonly value?: unknown;
  readonly fault?: Fault;
}

export interface StoreLimits {
  /** What queries may add to the memory of the process, in bytes. */
  readonly queryMemoryMax: number;
  /** Size of an answer, in characters of JSON. */
  readonly answerMax: number;
}
