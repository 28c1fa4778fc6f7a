/** The estate that a question about analysis is asked of: one that was read as a whole, or what history tells of an instant. */
import type { Estate } from '../../analysis/estate.ts';
import type { HistoryQueries } from '../../model/history.ts';
import { Problem } from '../../model/problem.ts';
import type { Resource } from '../../model/resource.ts';
import { compareTime, type Time } from '../../model/time.ts';
import type { Context } from '../operation.ts';
import { estateFrom } from './estate.ts';

/**
 * Undefined where nothing has been observed. `also`: whose objects are wanted besides those that are not well. Throws `unsupported` where nobody keeps
 * objects.
 */
export async function estateOf(
  context: Context,
  also: (history: HistoryQueries, at: Time) => Iterable<Resource> | Promise<Iterable<Resource>> = () => [],
): Promise<Estate | undefined> {
  const { estate, view, asOf } = context;
  if (estate) return estate;
  const at = asOf?.instant ?? view.at;
  if (at === undefined) return undefined;
  const history = context.history ?? objectsOf(context);
  const [whole, extent] = [await estateFrom(view, history, at, await also(history, at)), await history.extent()];
  const isYounger = extent !== undefined && compareTime(extent.listed, whole.begins) > 0;
  return isYounger ? { ...whole, begins: extent.listed } : whole;
}

/** Where the objects are that the graph is made of. Throws `unsupported`, with what to do, where nobody keeps them. */
function objectsOf({ past }: Context): HistoryQueries {
  if (past) return past.history;
  throw new Problem(
    'unsupported',
    'This follows from whole objects and from what was done to them, and this server keeps neither: its graph holds what answers about relations need. ' +
      'Start it with a history (`kube-kg serve --history FILE`, and without `history.enabled: false`), or have one look from where the cluster can be reached ' +
      '(`kube-kg explain --context NAME`), or read a recording (`kube-kg explain FILE`). Here `trouble` tells what is broken.',
  );
}
