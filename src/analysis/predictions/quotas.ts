/** Quotas that are used up, by the versions of ResourceQuotas. A limit of zero forbids, which is meant. */
import { quantity } from '../../model/quantity.ts';
import { milliseconds, treeAt } from '../case.ts';
import type { Prediction, Reader } from './prediction.ts';

export const quotas: Reader = function* (known) {
  for (const quota of known.view.resources({ group: '', kind: 'ResourceQuota' })) {
    const hard = treeAt(treeAt(known.object(quota.id), 'status'), 'hard') ?? {};
    for (const [name, bound] of Object.entries(hard)) {
      const limit = quantity(bound);
      if (limit === undefined || limit <= 0) continue;
      const points = known.estate.versions(quota.id).flatMap(({ at, object }) => {
        const value = quantity(treeAt(treeAt(object, 'status'), 'used')?.[name]);
        return value === undefined ? [] : [{ at: milliseconds(at), value }];
      });
      yield { kind: 'quota', subject: quota, what: name, unit: unitOf(name), limit, points, isSteps: true };
    }
  }
};

export function unitOf(name: string): Prediction['unit'] {
  if (/memory|storage/.test(name)) return 'bytes';
  return /cpu/.test(name) ? 'cores' : 'count';
}
