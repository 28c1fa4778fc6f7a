import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, event, object } from '../../test/support/estate.ts';
import { Graph } from '../graph/graph.ts';
import { describer } from '../kinds/index.ts';
import type { Change, KubeObject, Occurrence } from '../model/change.ts';
import { conclusionsIn } from './correlations.ts';

const cluster = 'c';
const apply = (second: number, one: KubeObject): Change => ({ type: 'apply', at: at(second), cluster, object: one });
const occur = (
  second: number,
  id: string,
  about: KubeObject,
  type: string,
  more: Partial<Occurrence> = {},
): Change => ({
  type: 'occur',
  at: at(second),
  cluster,
  occurrence: {
    id,
    source: 'state',
    severity: 'error',
    reason: type,
    subject: { kind: about.kind, name: about.metadata.name, namespace: 'shop' },
    attributes: { type },
    ...more,
  },
});

const settings = object('v1', 'ConfigMap', 'shop/settings', { data: {} });
const other = object('v1', 'ConfigMap', 'shop/other', { data: {} });
const pod = object(
  'v1',
  'Pod',
  'shop/web-1',
  { spec: { containers: [{ name: 'main', image: 'a', envFrom: [{ configMapRef: { name: 'settings' } }] }] } },
  { labels: { app: 'web' } },
);
const service = object('v1', 'Service', 'shop/web', { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } });
const estate = [settings, other, pod, service].map((one) => apply(0, one));

/** `TYPE cause → effect confidence`, by ids of occurrences and names of Events. */
function concluded(...changes: readonly Change[]): string[] {
  const graph = new Graph({ describer });
  graph.apply([...estate, ...changes]);
  graph.apply([...conclusionsIn(graph.view)]);
  assert.equal(graph.apply([...conclusionsIn(graph.view)]).diff.edges.updated.length, 0, 'the same again');
  const name = (id: string): string => (graph.view.get(id)?.name ?? id).replace('state:', '');
  return [...graph.view.edges()]
    .filter(({ detail }) => detail.rule.startsWith('said#'))
    .map(({ type, from, to, detail }) => `${type} ${name(from)} → ${name(to)} ${detail.confidence}`)
    .sort();
}
const changed = (second: number, id = 'change', of = settings): Change =>
  occur(second, id, of, 'config_changed', { severity: 'info' });

test('HA5 a change of what a pod is configured with triggers its failure within ten minutes', () => {
  assert.deepEqual(concluded(changed(0), occur(600, 'restart', pod, 'pod_restart')), [
    'TRIGGERED change → restart 0.8',
  ]);
  assert.deepEqual(concluded(changed(0), occur(601, 'restart', pod, 'pod_restart')), []);
  assert.deepEqual(concluded(changed(20), occur(10, 'restart', pod, 'pod_restart')), [], 'not what came later');
  assert.deepEqual(
    concluded(changed(0, 'change', other), occur(60, 'restart', pod, 'pod_restart')),
    [],
    'nor what it does not use',
  );
});

test('HA5 a pod that failed triggers that its Service is unavailable, within five minutes', () => {
  const down = (second: number): Change => occur(second, 'down', service, 'service_unavailable');
  assert.deepEqual(
    concluded(occur(0, 'fails', pod, 'pod_failed'), down(300)).filter((one) => one.startsWith('TRIGGERED')),
    ['TRIGGERED fails → down 0.7'],
  );
  assert.deepEqual(
    concluded(occur(0, 'fails', pod, 'pod_failed'), down(301)).filter((one) => one.startsWith('TRIGGERED')),
    [],
  );
});

test('HA5 what happened to the same resource before is told, and what came together', () => {
  const kill = occur(10, 'kill', pod, 'container_oom_killed', { reason: 'OOMKilled' });
  const back = apply(40, event(pod, 'BackOff', 'Back-off restarting failed container', { first: 40 }));
  const all = concluded(kill, occur(10, 'restart', pod, 'pod_restart'), back);
  assert.ok(all.includes('TRIGGERED kill → restart 0.9'), all.join('\n'));
  assert.ok(
    all.some((one) => one.startsWith('TRIGGERED kill → web-1.BackOff')),
    all.join('\n'),
  );
  assert.ok(
    all.some((one) => /^PRECEDED_BY web-1.BackOff.* → restart/.test(one)),
    all.join('\n'),
  );
  assert.ok(
    all.some((one) => /^CORRELATED_WITH web-1.BackOff.* → restart/.test(one)),
    all.join('\n'),
  );
});

test('HA6 what is concluded of an Event stays when it comes again, is replaced as a whole, and goes with it', () => {
  const graph = new Graph({ describer });
  const back = event(pod, 'BackOff', 'Back-off restarting failed container', { first: 40 });
  graph.apply([...estate, changed(0), apply(40, back)]);
  graph.apply([...conclusionsIn(graph.view)]);
  const id = `${cluster}/${back.metadata.uid}`;
  const triggers = (): number => [...graph.view.in(id, 'TRIGGERED')].length;
  assert.equal(triggers(), 1);
  graph.apply([apply(50, { ...back, count: 7 } as KubeObject)]);
  assert.equal(triggers(), 1, 'the Event was counted up, and keeps what was said of it');
  graph.apply([{ type: 'relate', at: at(51), cluster, of: id, relations: [] }]);
  assert.equal(triggers(), 0);
  graph.apply([...conclusionsIn(graph.view)]);
  const { edges } = graph.apply([{ type: 'delete', at: at(52), cluster, object: back }]).diff;
  assert.ok(edges.removed.some(({ type }) => type === 'TRIGGERED'));
  const { rejected } = graph.apply([{ type: 'relate', at: at(53), cluster, of: id, relations: [] }]);
  assert.match(rejected[0]?.reason ?? '', /not known/);
});

test('HA9 conclusions do not depend on the order in which it was told', () => {
  const story = [changed(0), occur(60, 'restart', pod, 'pod_restart'), occur(61, 'again', pod, 'pod_crash_loop')];
  assert.deepEqual(concluded(...story), concluded(...story.toReversed()));
});
