/**
 * Observing again what was observed before: on request, and, for the kinds concerned, when users' relations have changed. The graph keeps no
 * objects, so what is to be linked by other rules must come again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { KindDescriber } from '../kinds/describe.ts';
import type { Logger } from '../lib/logger.ts';
import { type Change, groupOf } from '../model/change.ts';
import { canonicalKind, kindKey, type Wanted } from '../model/groups.ts';
import { problemFrom } from '../model/problem.ts';
import type { Source } from '../model/source.ts';
import type { Input } from './inputs.ts';
import type { LiveRelations } from './live-relations.ts';
import type { Pipeline } from './pipeline.ts';

/** Observes everything, or the kinds wanted, again; resolves when that is done, or cannot be done now. */
export type Refresh = (wanted?: Wanted) => Promise<void>;

/**
 * Clusters list again; recordings are read again from their beginning, once they have been read. Undefined when nothing of it is possible.
 * `ended` settles when the inputs have been read.
 */
export function refreshOf(
  inputs: readonly Input[],
  pipeline: Pipeline,
  ended: () => Promise<unknown>,
  stop: AbortSignal,
): Refresh | undefined {
  const able = inputs.filter(({ refresh, repeatable }) => refresh !== undefined || repeatable);
  if (able.length === 0) return undefined;
  return async (wanted) => {
    const again = async (input: Input): Promise<void> => {
      if (input.refresh) return input.refresh(wanted);
      await ended().catch(() => undefined);
      await pipeline.run(wanted === undefined ? input : ofKinds(input, wanted), stop);
    };
    await Promise.all(able.map(again));
  };
}

/** What a source says of objects of some kinds. */
function ofKinds(source: Source, wanted: Wanted): Source {
  return {
    name: source.name,
    async *changes(stop) {
      for await (const batch of source.changes(stop)) yield batch.filter((change) => concerns(change, wanted));
    },
  };
}

function concerns(change: Change, wanted: Wanted): boolean {
  switch (change.type) {
    case 'apply':
    case 'delete': {
      // A recording may hold anything; what is no object of a kind links to nothing.
      const { apiVersion, kind }: { readonly apiVersion?: unknown; readonly kind?: unknown } = change.object;
      return typeof apiVersion === 'string' && typeof kind === 'string' && wanted({ group: groupOf(apiVersion), kind });
    }
    case 'reset':
      return wanted(change.scope);
    default:
      return false;
  }
}

export interface FollowRelationsOptions {
  readonly relations: LiveRelations;
  readonly describer: KindDescriber;
  /** Told when other relations are in force. */
  readonly changed?: () => void;
  readonly refresh: Refresh | undefined;
  readonly log: Logger;
  /** Milliseconds between two looks at the file. */
  readonly everyMs: number;
}

/** Takes over each valid edit of the file until `stop` fires, one after the other. Never rejects. */
export async function followRelations(options: FollowRelationsOptions, stop: AbortSignal): Promise<void> {
  const { relations, log, everyMs } = options;
  while (await delay(everyMs, true, { signal: stop, ref: false }).catch(() => false)) {
    const { path } = relations;
    const result = await relations.look();
    if (result === 'faulty') {
      const { message, details = [] } = relations.fault ?? {};
      log.error({ path, details }, `${message} The relations before stay in force.`);
    }
    if (result === 'changed') await relink(options);
  }
}

async function relink({ relations, describer, refresh, changed: told, log }: FollowRelationsOptions): Promise<void> {
  const { path } = relations;
  const changed = describer.relate(relations.relations);
  told?.();
  const fields = { path, kinds: [...changed] };
  if (refresh === undefined)
    return log.warn(fields, 'relations taken over for what comes; what came from standard input cannot be read again');
  try {
    await refresh(({ group, kind }) => changed.has(kindKey(canonicalKind(group, kind))));
    log.info(fields, 'relations taken over; the kinds that declare some have been read again');
  } catch (error) {
    log.error(
      { ...fields, err: problemFrom(error).message },
      'relations taken over for what comes; reading again failed',
    );
  }
}
