import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, causesOf, estateOf, type Seen } from '../../test/support/estate.ts';
import { cart, complaining, shop, web } from '../../test/support/shop.ts';
import { alert, log, occur, often, type Story, together, trace } from '../../test/support/told.ts';
import { explanationOf } from '../operations/explain.ts';

/** Who suffers from what: `Kind/name Reason`, by incident. */
function symptomsIn(story: Story): readonly (readonly string[])[] {
  return explanationOf(estateOf(story)).incidents.map(({ symptoms }) =>
    symptoms.map(({ resource: { kind, name }, reason }) => `${kind}/${name} ${reason}`),
  );
}

const errs = (): Seen[] => [log(cart.pod, 'panic: runtime error: nil pointer dereference')];

test('CA145 errors of a program that runs are a symptom when there was a time without them', () => {
  assert.deepEqual(symptomsIn(complaining({}, errs)), [['Pod/cart-rs1-x ErrorLogs']]);
  assert.deepEqual(symptomsIn(together(shop, often(0, 300, 10, errs))), []);
  const calm = { 900: [log(cart.pod, 'ok', 'info')] };
  assert.deepEqual(symptomsIn(complaining(calm, errs)), []);
});

test('CA146 calls that failed, and tests, are heard as logs are', () => {
  assert.deepEqual(symptomsIn(complaining({}, () => [trace(web.pod, 'cart')])), [['Pod/web-rs1-x FailedCalls']]);
  const connect = (severity: 'error' | 'info') => (): Seen[] => [
    occur('probe', cart.workload, { severity, message: 'tcp connect: timeout' }),
  ];
  assert.deepEqual(symptomsIn(complaining({}, connect('error'))), [['Deployment/cart ProbeFailed']]);
  assert.deepEqual(symptomsIn(complaining({}, connect('info'))), []);
});

test('CA147 an alert is a symptom while it fires, of whom its labels name, whatever it calls its subject', () => {
  const rate = 'HighRequestErrorRate';
  const subject = { kind: 'Alert', name: rate };
  const labels = { namespace: 'shop', service_name: 'cart', job: 'kube-state-metrics' };
  assert.deepEqual(symptomsIn(together(shop, { 60: [alert(subject, rate, { labels })] })), [[`Service/cart ${rate}`]]);
  const pod = { namespace: 'shop', pod: 'cart-7d9c4b5f6f-bcdfg', service: 'kube-state-metrics' };
  assert.deepEqual(symptomsIn(together(shop, { 60: [alert(subject, rate, { labels: pod })] })), [
    [`Deployment/cart ${rate}`],
  ]);
  const app = { app: 'cartservice' };
  assert.deepEqual(symptomsIn(together(shop, { 60: [alert(subject, rate, { labels: app })] })), [
    [`Deployment/cart ${rate}`],
  ]);
  const over = { ...labels, severity: 'warning' };
  const ended = alert(subject, rate, { labels: over, status: 'resolved' });
  assert.deepEqual(symptomsIn(together(shop, { 60: [alert(subject, rate, { labels: over })], 90: [ended] })), []);
});

test('CA147 it began when the alert says, or with the errors before it', () => {
  const fires = alert(cart.workload, 'HighRequestErrorRate', { since: 40 });
  const since = (story: Story): string | undefined => explanationOf(estateOf(story)).incidents[0]?.startedAt;
  const time = (second: number): string => new Date(at(second)).toISOString();
  assert.equal(since(together(shop, { 60: [fires] })), time(40));
  const later = { 280: [alert(cart.workload, 'HighRequestErrorRate')] };
  assert.equal(since(complaining(later, errs)), time(120));
});

test('CA148 of whom nothing but the name is known an incident is told all the same, of the workload behind the name of a pod', () => {
  const pod = (name: string) => ({ kind: 'Pod', namespace: 'shop', name });
  const told = (labels: Readonly<Record<string, string>>, name: string): Story => ({
    0: [alert({ kind: 'Alert', name }, name, { labels: { namespace: 'shop', ...labels } })],
  });
  assert.deepEqual(causesOf(estateOf(told({ pod: 'cart-7d9c4b5f6f-bcdfg' }, 'KubePodCrashLooping'))), [
    ['Deployment/shop/cart CrashLoopBackOff'],
  ]);
  assert.deepEqual(causesOf(estateOf(told({ persistentvolumeclaim: 'data-0' }, 'KubePersistentVolumeFillingUp'))), [
    ['PersistentVolumeClaim/shop/data-0 VolumeFillingUp'],
  ]);
  const logs = often(0, 300, 10, () => [
    log(pod('cart-7d9c4b5f6f-bcdfg'), 'dial tcp redis:6379: connect: connection refused'),
    log(pod('redis-0'), 'Fatal error: segmentation fault'),
  ]);
  assert.deepEqual(causesOf(estateOf(logs)), [['StatefulSet/shop/redis ApplicationError']]);
});

test('CA149 several alerts of which nothing tells the order are incidents without a cause; with calls, one with the deepest', () => {
  const service = (name: string) => ({ kind: 'Service', namespace: 'shop', name });
  const alerts = { 0: ['front', 'pay', 'ship'].map((name) => alert(service(name), 'HighRequestErrorRate')) };
  assert.deepEqual(causesOf(estateOf(alerts)), [[], [], []]);
  const well = often(1, 60, 10, () => [
    trace(service('front'), 'ship', 'ok', 'info'),
    trace(service('ship'), 'pay', 'ok', 'info'),
  ]);
  assert.deepEqual(
    causesOf(estateOf(together(alerts, well))).map(([first]) => first),
    ['Service/shop/pay ApplicationErrors'],
  );
  const calls = often(1, 60, 10, () => [trace(service('front'), 'ship'), trace(service('ship'), 'pay')]);
  assert.deepEqual(
    causesOf(estateOf(together(alerts, calls))).map(([first]) => first),
    ['Service/shop/pay ApplicationErrors'],
  );
});
