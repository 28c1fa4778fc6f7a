/** Volumes that fill: `kubelet_volume_stats_*` and what measures the same under other names. The size is measured as well, or that of the claim. */

import { kindKey } from '../../model/groups.ts';
import { quantity } from '../../model/quantity.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, treeAt } from '../case.ts';
import { besideOf, type Measured, measured } from './metrics.ts';
import type { Reader } from './prediction.ts';

const USED =
  /^(?:kubelet_volume_stats_(?:inodes_)?used(?:_bytes)?|k8s\.volume\.(?:used|inodes\.used)|volume_used_bytes|filesystem\.usage|k8s\.(?:node|pod)\.filesystem\.usage|node_filesystem_used_bytes)$/;
const AVAILABLE =
  /^(?:kubelet_volume_stats_available_bytes|k8s\.volume\.available|node_filesystem_avail_bytes|k8s\.(?:node|pod)\.filesystem\.available)$/;
const CAPACITY =
  /^(?:kubelet_volume_stats_capacity_bytes|k8s\.volume\.capacity|volume_capacity_bytes|node_filesystem_size_bytes|k8s\.(?:node|pod)\.filesystem\.capacity)$/;
const INODES = /^(?:kubelet_volume_stats_inodes|k8s\.volume\.inodes)$/;
const SHARE =
  /^(?:(?:volume|disk|filesystem)[._](?:usage|used|utilization)[._]?(?:ratio|percent|percentage)?|k8s\.volume\.utilization)$/;

export const volumes: Reader = function* (known) {
  for (const one of measured(known)) {
    const isInodes = /inodes/.test(one.name);
    const base = {
      kind: 'volume',
      subject: one.subject,
      what: whatOf(one),
      unit: isInodes ? 'count' : 'bytes',
      points: one.points,
    } as const;
    const limit = one.limit ?? besideOf(known, one, isInodes ? INODES : CAPACITY) ?? sizeOf(known, one.subject);
    if (USED.test(one.name) && limit !== undefined) yield { ...base, limit };
    else if (AVAILABLE.test(one.name) && limit !== undefined && besideOf(known, one, USED) === undefined)
      yield { ...base, limit, points: one.points.map(({ at, value }) => ({ at, value: limit - value })) };
    else if (SHARE.test(one.name) && !USED.test(one.name)) {
      const full = one.limit ?? (one.points.some(({ value }) => value > 1.5) ? 100 : 1);
      yield {
        ...base,
        unit: 'share',
        limit: 1,
        points: one.points.map(({ at, value }) => ({ at, value: value / full })),
      };
    }
  }
};

function whatOf({ labels, name }: Measured): string {
  const volume = labels['volume'] ?? labels['persistentvolumeclaim'] ?? labels['mountpoint'] ?? labels['device'];
  return `${/inodes/.test(name) ? 'inodes' : 'space'}${volume === undefined ? '' : ` on ${volume}`}`;
}

function sizeOf(known: Case, subject: Resource): number | undefined {
  if (kindKey(subject) !== '/PersistentVolumeClaim') return undefined;
  return quantity(treeAt(treeAt(known.object(subject.id), 'status'), 'capacity')?.['storage']);
}
