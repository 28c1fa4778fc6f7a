import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, object } from '../../test/support/estate.ts';
import { Graph } from '../graph/graph.ts';
import { describer } from '../kinds/index.ts';
import type { KubeObject } from '../model/change.ts';
import { happeningsOf } from './happenings.ts';

/** What each step shows to have happened, `type Kind/name`. */
function shown(...steps: readonly (readonly (KubeObject | { readonly gone: KubeObject })[])[]): string[][] {
  const graph = new Graph({ describer });
  return steps.map((objects, second) => {
    const commit = graph.apply(
      objects.map((one) =>
        'gone' in one
          ? { type: 'delete' as const, at: at(second), cluster: 'c', object: one.gone as KubeObject }
          : { type: 'apply' as const, at: at(second), cluster: 'c', object: one as KubeObject },
      ),
    );
    const { diff } = commit;
    const once = happeningsOf({ ...commit, diff }, graph.view);
    assert.deepEqual(happeningsOf({ ...commit, diff }, graph.view), once, 'the same again');
    return once.map(
      ({ occurrence: { subject, attributes } }) => `${attributes?.['type']} ${subject.kind}/${subject.name}`,
    );
  });
}

const pod = (ready: boolean, restarts = 0, last?: object): KubeObject =>
  object(
    'v1',
    'Pod',
    'shop/web-1',
    {
      spec: { containers: [{ name: 'main', image: 'a:1' }] },
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
        containerStatuses: [
          {
            name: 'main',
            ready,
            restartCount: restarts,
            state: { running: {} },
            ...(last && { lastState: { terminated: last } }),
          },
        ],
      },
    },
    { labels: { app: 'web' } },
  );
const service = object('v1', 'Service', 'shop/web', { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } });
const settings = (level: string, key = 'level'): KubeObject =>
  object('v1', 'ConfigMap', 'shop/settings', { data: { [key]: level } });

test('HA4 what is only just listed has not happened', () => {
  assert.deepEqual(shown([pod(false, 3), service, settings('info')]), [[]]);
});

test('HA4 restarts, kills for memory and readiness show in pods', () => {
  const [, killed = [], again = []] = shown(
    [pod(true)],
    [pod(false, 1, { reason: 'OOMKilled', finishedAt: at(1) })],
    [pod(true, 2, { reason: 'Error', finishedAt: at(2) })],
  );
  assert.deepEqual(killed, ['container_oom_killed Pod/web-1', 'pod_restart Pod/web-1', 'pod_not_ready Pod/web-1']);
  assert.deepEqual(again, ['pod_restart Pod/web-1', 'pod_ready Pod/web-1'], 'that of long ago is no kill of now');
});

test('HA4 other data of a ConfigMap is a change of it, other metadata are not', () => {
  const relabelled = { ...settings('debug'), metadata: { ...settings('debug').metadata, labels: { a: 'b' } } };
  assert.deepEqual(shown([settings('info')], [settings('debug')], [relabelled], [{ gone: settings('debug') }]), [
    [],
    ['config_changed ConfigMap/settings'],
    [],
    ['resource_deleted ConfigMap/settings'],
  ]);
});

test('HA4 a Service whose last pod does not answer is unavailable until one does', () => {
  const [, lost = [], more = [], back = [], gone = []] = shown(
    [pod(true), service],
    [pod(false)],
    [settings('info')],
    [pod(true)],
    [{ gone: pod(true) }],
  );
  assert.ok(lost.includes('service_unavailable Service/web'), lost.join());
  assert.deepEqual(more, []);
  assert.ok(back.includes('service_available Service/web'), back.join());
  assert.deepEqual(gone, ['service_unavailable Service/web']);
});

test('HA4 nodes, and whatever else becomes critical, by their reason', () => {
  const node = (ready: string, type = 'Ready'): KubeObject =>
    object('v1', 'Node', 'w1', {
      status: {
        conditions: [
          { type: 'Ready', status: type === 'Ready' ? ready : 'True' },
          ...(type === 'Ready' ? [] : [{ type, status: ready }]),
        ],
      },
    });
  assert.deepEqual(shown([node('True')], [node('Unknown')], [node('True')], [node('True', 'DiskPressure')]), [
    [],
    ['node_not_ready Node/w1'],
    ['node_ready Node/w1'],
    ['disk_pressure Node/w1'],
  ]);
});
