/**
 * Acting on a cluster, as people ask for it and nobody else does: which actions there are, what is asked, what became of it. Every action is tried by the API
 * server first (dry run), and every one that was asked for is on record, also those that were refused.
 */
import type { Resource } from './resource.ts';
import type { Time } from './time.ts';

/** The actions, each with the kinds it is for, as `group/Kind`. */
export const actions = {
  restart: ['apps/Deployment', 'apps/StatefulSet', 'apps/DaemonSet'],
  undo: ['apps/Deployment', 'apps/StatefulSet', 'apps/DaemonSet'],
  scale: ['apps/Deployment', 'apps/StatefulSet', 'apps/ReplicaSet'],
  cordon: ['/Node'],
  uncordon: ['/Node'],
  'delete-pod': ['/Pod'],
} as const satisfies Record<string, readonly string[]>;

export type ActionName = keyof typeof actions;

export const actionNames = Object.keys(actions) as ActionName[];

export interface Action {
  readonly name: ActionName;
  /** Of `scale`. */
  readonly replicas?: number | undefined;
  /** Of `undo`: to which revision; the one before where it is not said. */
  readonly revision?: number | undefined;
}

export interface Asked extends Action {
  readonly target: Resource;
  /** Who asks, and why: kept with the record. */
  readonly by: string;
  readonly why: string;
  /** Otherwise it is only tried. */
  readonly forReal: boolean;
}

/** `tried`: the API server would do it · `done` · `refused`: by our rules or by the API server, nothing happened · `failed`: nobody knows whether it happened. */
export type Result = 'tried' | 'done' | 'refused' | 'failed';

export interface Remediated {
  /** By which its record is found. */
  readonly id: string;
  readonly at: Time;
  readonly result: Result;
  /** What was, or would be, done; or why not. */
  readonly message: string;
}

/** The one place where anything is done. */
export interface RemediationDesk {
  /** Never throws for what is refused: that is a result, and on record. */
  remediate(asked: Asked): Promise<Remediated>;
}

/** The source of occurrences that are records of it. */
export const REMEDIATION = 'remediation';
