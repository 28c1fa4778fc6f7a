/** Tells what happens to an estate while it happens, a line each: what goes, what stops working, what works again. */
import type { Commit } from '../../model/commit.ts';
import { kindKey } from '../../model/groups.ts';
import { type Resource, type ResourceId, resourceTitle } from '../../model/resource.ts';
import type { Time } from '../../model/time.ts';
import type { View } from '../../model/view.ts';
import { sizeOf, sizeText } from '../../operations/shared/size.ts';
import { isPart, wholeOf } from '../../operations/shared/wholes.ts';
import { cut, type Page } from './text/layout.ts';

export interface Story {
  /** When the first thing went that was made by hand. */
  readonly firstLoss: Time | undefined;
  /** Lines about one commit, each with its newline; none while the estate is still being listed. */
  tell(commit: Commit): Iterable<string>;
}

export function storyOf(view: View, { paint, width }: Page): Story {
  const told = new Map<ResourceId, string>();
  let listed = false;
  let firstLoss: Time | undefined;
  const line = (at: Time, words: string, style: 'red' | 'yellow' | 'green'): string =>
    `${paint(at.slice(11, 19), 'dim')}  ${paint(cut(words, width - 10), style)}\n`;
  return {
    get firstLoss() {
      return firstLoss;
    },
    *tell({ at, diff }) {
      const kinds = view.coverage().filter(({ kind }) => kind !== '*');
      if (kinds.length === 0 || kinds.some(({ coverage }) => coverage === 'loading')) return;
      if (!listed) {
        listed = true;
        yield line(at, `✓ ${sizeText(sizeOf(view.resources()))} and ${view.edgeCount} relations are known`, 'green');
        return;
      }
      for (const resource of diff.resources.removed) {
        if (!isWorthTelling(resource) || isPart(resource)) continue;
        firstLoss ??= at;
        yield line(at, `− ${nameOf(resource)} is deleted`, 'yellow');
      }
      for (const { from, to } of diff.edges.added.filter(({ type }) => type === 'USES_IMAGE')) {
        const workload = view.get(from);
        if (workload && !isPart(workload))
          yield line(at, `~ ${nameOf(workload)} now runs ${imageAt(view, to)}`, 'yellow');
      }
      for (const { from, to } of diff.resources.updated) {
        if (!isWorthTelling(to) || from.health.status === to.health.status) continue;
        if (isPart(to) && to.health.status !== 'critical') continue;
        const whole = wholeOf(view, to);
        const [sign, why, style] = wordsFor(to);
        if (why === '' || told.get(whole.id) === why) continue;
        told.set(whole.id, why);
        yield line(at, `${sign} ${nameOf(whole)}: ${why}`, style);
      }
    },
  };
}

/** `group/Kind`. */
const quiet: ReadonlySet<string> = new Set(['/Event', 'coordination.k8s.io/Lease', 'policy/PodDisruptionBudget']);

function isWorthTelling(resource: Resource): boolean {
  return !resource.pseudo && !quiet.has(kindKey(resource));
}

function nameOf(resource: Resource): string {
  return resourceTitle(resource).replace('/', ' ');
}

/** An image without its registry and folders: `api:4.2.0`. */
function imageAt(view: View, id: ResourceId): string {
  return (view.get(id)?.name ?? id).split('/').at(-1) ?? '';
}

/** A sign, what there is to say (nothing while it is not known), and how to paint it. */
function wordsFor({
  health: { status, reason, message },
}: Resource): readonly [string, string, 'red' | 'yellow' | 'green'] {
  const why = message || reason || '';
  if (status === 'critical') return ['✗', why, 'red'];
  if (status === 'warning') return ['!', why, 'yellow'];
  return ['✓', status === 'healthy' ? 'is well again' : '', 'green'];
}
