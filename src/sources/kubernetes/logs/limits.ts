/** How much of containers' logs is read, and for how long: the bounds that a follower keeps. */

export interface LogLimits {
  /** Pods read at the same time; more take turns. */
  readonly pods: number;
  /** Bytes a second of one pod, and of all. */
  readonly podBytes: number;
  readonly bytes: number;
  /** Lines a second of one pod, and of all. */
  readonly podLines: number;
  readonly lines: number;
  /** Lines of the past that are read of a container that is new, or was left for a while. */
  readonly tailLines: number;
  /** How long reading goes on after a pod is well again. */
  readonly calmMs: number;
  /** Templates of one container. */
  readonly templates: number;
  /** Templates in all; of the pods that are read no more the longest unread go first. */
  readonly templatesInAll: number;
}

export const logTimes = {
  /** Between two looks at who is to be read, and at what is to be told. */
  tickMs: 1_000,
  /** What may be a pod on its way is let be for so long. */
  patienceMs: 10_000,
  /** Containers that ended in failure so long ago are no sign of trouble any more. */
  recentMs: 600_000,
  /** How long one pod is read while others wait. */
  turnMs: 60_000,
  /** A connection is made anew after so long: it may have died without a word. */
  connectionMs: 600_000,
  /** The same template is told again after so long. */
  retellMs: 10_000,
  backoff: { firstMs: 1_000, maxMs: 60_000 },
  /** Before asking again where reading logs is forbidden. */
  forbiddenMs: 600_000,
  /** A container that wrote faster than may be read for so long is taken up again at its latest lines. */
  behindMs: 5_000,
};

export type LogTimes = typeof logTimes;

/** So many seconds' worth may be read at once. */
export const BURST_SECONDS = 10;
/** Templates told in one tick. */
export const TOLD_MAX = 50;
export const LINE_BYTES_MAX = 8_192;
