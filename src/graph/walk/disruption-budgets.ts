/** What PodDisruptionBudgets say to the eviction of pods (policy/v1, the Eviction API). */
import type { ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';

export interface Budget {
  /** The PodDisruptionBudget. */
  readonly id: ResourceId;
  /** The evicted pods it protects. */
  readonly pods: readonly ResourceId[];
  /** How many it lets go at once, as it last said; undefined when it has not said yet. */
  readonly allowed: number | undefined;
  /** More are to go than it allows: evictions are refused until others are ready again, for ever where nothing else can become ready. */
  readonly blocks: boolean;
  /** Pods that another budget protects as well: the API refuses to evict those at all. */
  readonly contested: readonly ResourceId[];
}

/** The budgets that protect any of the pods. */
export function budgetsOf(view: View, pods: readonly ResourceId[]): readonly Budget[] {
  const protectors = new Map(pods.map((pod) => [pod, protectorsOf(view, pod)]));
  const ids = [...new Set([...protectors.values()].flat())].sort();
  return ids.map((id) => {
    const covered = pods.filter((pod) => protectors.get(pod)?.includes(id));
    const allowed = view.get(id)?.summary['allowedDisruptions'];
    return {
      id,
      pods: covered,
      allowed: typeof allowed === 'number' ? allowed : undefined,
      blocks: typeof allowed === 'number' && covered.length > allowed,
      contested: covered.filter((pod) => (protectors.get(pod)?.length ?? 0) > 1),
    };
  });
}

function protectorsOf(view: View, pod: ResourceId): ResourceId[] {
  const protectors: ResourceId[] = [];
  view.scan(pod, 'in', (type, { id }) => {
    if (type === 'PROTECTS') protectors.push(id);
  });
  return protectors;
}
