/** Memory that grows towards the limit of its container, by measurements of cAdvisor, of the metrics API or of OpenTelemetry. */

import { kindKey } from '../../model/groups.ts';
import { quantity } from '../../model/quantity.ts';
import { type Case, listAt, text, treeAt } from '../case.ts';
import { type Measured, measured } from './metrics.ts';
import type { Reader } from './prediction.ts';

const USED =
  /^(?:container_memory_(?:working_set_bytes|usage_bytes|rss)|(?:k8s\.pod|container|k8s\.container)\.memory\.(?:usage|working_set)|pod_memory_(?:working_set|usage)_bytes|memory_usage_bytes)$/;

export const memory: Reader = function* (known) {
  for (const one of measured(known)) {
    if (!USED.test(one.name)) continue;
    const limit = one.limit ?? limitOf(known, one);
    const container = one.labels['container'] ?? one.labels['k8s.container.name'];
    if (limit !== undefined)
      yield {
        kind: 'memory',
        subject: one.subject,
        what: container === undefined ? 'memory' : `memory of ${container}`,
        unit: 'bytes',
        limit,
        points: sinceStart(one),
      };
  }
};

/** What fell by half began anew: only what came after counts. */
function sinceStart({ points }: Measured): Measured['points'] {
  const begin = points.findLastIndex(({ value }, index) => index > 0 && value < 0.5 * (points[index - 1]?.value ?? 0));
  return begin < 0 ? points : points.slice(begin);
}

/** The limit of the container, or of all of them where each has one. */
function limitOf(known: Case, { subject, labels }: Measured): number | undefined {
  if (kindKey(subject) !== '/Pod') return undefined;
  const name = labels['container'] ?? labels['k8s.container.name'];
  const containers = listAt(treeAt(known.object(subject.id), 'spec'), 'containers');
  const meant = name === undefined ? containers : containers.filter((one) => text(one['name']) === name);
  const limits = meant.map((one) => quantity(treeAt(treeAt(one, 'resources'), 'limits')?.['memory']));
  const sum = limits.reduce<number | undefined>(
    (all, one) => (all === undefined || one === undefined ? undefined : all + one),
    0,
  );
  return sum === undefined || sum === 0 ? undefined : sum;
}
