import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graph } from '../graph/graph.ts';
import type { Occurrence } from '../model/change.ts';
import { occurrenceOf } from '../model/occurrences.ts';
import { describer } from './index.ts';

const at = '2026-11-21T10:00:00Z';

function kept(occurrence: Occurrence): Occurrence {
  const graph = new Graph({ describer });
  graph.apply([{ type: 'occur', at, cluster: 'c', occurrence }]);
  const [resource] = graph.view.resources({ kind: 'Occurrence' });
  assert.ok(resource);
  return occurrenceOf(resource);
}

test('HA2 an occurrence gives back what was told, also of a subject that nobody knows', () => {
  const alert: Occurrence = {
    id: 'f1',
    source: 'alert',
    severity: 'critical',
    reason: 'TooSlow',
    message: 'slow',
    subject: { kind: 'Deployment', name: 'web', namespace: 'shop', apiVersion: 'apps/v1', uid: 'u1' },
    attributes: {
      status: 'firing',
      startsAt: at,
      labels: { alertname: 'TooSlow', pod: 'web-1' },
      annotations: { summary: 'x' },
      'k8s.pod.name': 'web-1',
    },
  };
  assert.deepEqual(kept(alert), alert);
  const node: Occurrence = {
    id: 'n',
    source: 'log',
    severity: 'error',
    reason: '',
    message: 'm',
    subject: { kind: 'Node', name: 'w1' },
    attributes: {},
  };
  assert.deepEqual(kept(node), node);
  const host: Occurrence = { ...node, subject: { kind: 'Host', name: 'a/b', namespace: 'x' } };
  assert.deepEqual(kept(host), host);
});

test('HA2 as many attributes are kept as there is room for, and none is longer than that', () => {
  const attributes = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, index) => [`key${index}`, 'x'.repeat(1_000)]),
  );
  const back = kept({ source: 's', severity: 'info', subject: { kind: 'Pod', name: 'p', namespace: 'n' }, attributes });
  assert.equal(Object.keys(back.attributes ?? {}).length, 32);
  assert.ok(Object.values(back.attributes ?? {}).every((value) => String(value).length <= 256));
});

test('HA3 Events and occurrences share columns: type, intent, severity; what kubectl calls TYPE is level', () => {
  const graph = new Graph({ describer });
  const about = { kind: 'Pod', name: 'p', namespace: 'n' };
  graph.apply([
    {
      type: 'apply',
      at,
      cluster: 'c',
      object: {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { namespace: 'n', name: 'e', uid: 'e' },
        involvedObject: about,
        type: 'Warning',
        reason: 'OOMKilling',
        message: 'Out of memory',
      } as never,
    },
    {
      type: 'occur',
      at,
      cluster: 'c',
      occurrence: {
        id: 'o',
        source: 'collector',
        severity: 'warning',
        subject: about,
        attributes: { type: 'oom_kill' },
      },
    },
  ]);
  const columns = Array.from(['Event', 'Occurrence'], (kind) => [...graph.view.resources({ kind })][0]?.summary ?? {});
  assert.deepEqual(
    columns.map(({ type, intent, severity, level }) => [type, intent, severity, level]),
    [
      ['container_oom_killed', 'memory_exhaustion', 'error', 'Warning'],
      ['container_oom_killed', 'memory_exhaustion', 'warning', undefined],
    ],
  );
});
