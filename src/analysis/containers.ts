/** The status of a pod as lists that are easy to ask: containers with how they run and ended, conditions. Source: core/v1 PodStatus. */
import { listAt, milliseconds, text, treeAt } from './case.ts';

type Tree = Readonly<Record<string, unknown>>;

/** A container, as its status has it. Times in milliseconds since 1970. */
export interface Container {
  readonly name: string;
  readonly init: boolean;
  /** An init container that goes on (`restartPolicy: Always`). */
  readonly sidecar: boolean;
  readonly ready: boolean;
  /** Its startup probe succeeded, or there is none. */
  readonly started: boolean;
  readonly restarts: number;
  readonly waiting?: { readonly reason: string; readonly message: string };
  readonly startedAt?: number;
  readonly terminated?: End;
  /** How the run before ended. */
  readonly last?: End;
}

/** How a run ended. */
export interface End {
  readonly reason: string;
  readonly message: string;
  readonly exitCode: number;
  readonly at: number;
  readonly startedAt: number;
}

export interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly at: number;
}

export function conditionsIn(status: Tree | undefined): readonly PodCondition[] {
  return listAt(status, 'conditions').map((one) => ({
    type: text(one['type']),
    status: text(one['status']),
    reason: text(one['reason']),
    message: text(one['message']),
    at: milliseconds(one['lastTransitionTime']),
  }));
}

/** Containers that have a status: those of the beginning first. `spec` tells which of them go on. */
export function containersIn(status: Tree | undefined, spec: Tree | undefined): readonly Container[] {
  const sidecars = new Set(
    listAt(spec, 'initContainers')
      .filter((one) => one['restartPolicy'] === 'Always')
      .map((one) => text(one['name'])),
  );
  const read = (list: readonly Tree[], init: boolean): readonly Container[] =>
    list.map((one) => containerFrom(one, init, sidecars.has(text(one['name']))));
  return [...read(listAt(status, 'initContainerStatuses'), true), ...read(listAt(status, 'containerStatuses'), false)];
}

function containerFrom(one: Tree, init: boolean, sidecar: boolean): Container {
  const state = treeAt(one, 'state');
  const waiting = treeAt(state, 'waiting');
  const running = treeAt(state, 'running');
  const terminated = endIn(treeAt(state, 'terminated'));
  const last = endIn(treeAt(treeAt(one, 'lastState'), 'terminated'));
  return {
    name: text(one['name']),
    init,
    sidecar,
    ready: one['ready'] === true,
    started: one['started'] !== false,
    restarts: Number(one['restartCount'] ?? 0),
    ...(waiting && { waiting: { reason: text(waiting['reason']), message: text(waiting['message']) } }),
    ...(running && { startedAt: milliseconds(running['startedAt']) }),
    ...(terminated && { terminated }),
    ...(last && { last }),
  };
}

function endIn(state: Tree | undefined): End | undefined {
  return (
    state && {
      reason: text(state['reason']),
      message: text(state['message']),
      exitCode: Number(state['exitCode'] ?? 0),
      at: milliseconds(state['finishedAt']),
      startedAt: milliseconds(state['startedAt']),
    }
  );
}

/** How long a run lasted, in milliseconds; 0 where that is not known. */
export function lasted({ startedAt, at }: End): number {
  return startedAt > 0 && at > startedAt ? at - startedAt : 0;
}
