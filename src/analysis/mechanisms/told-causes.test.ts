/** Causes of what only logs, alerts and traces tell: every program runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, causesOf, deployment, estateOf, object, podStatus, type Seen } from '../../../test/support/estate.ts';
import {
  calling,
  cart,
  complaining,
  complainingIn,
  mysql,
  running,
  shop,
  shopOf,
  web,
} from '../../../test/support/shop.ts';
import { addressOf, alert, log, occur, type Story, service, together, trace } from '../../../test/support/told.ts';
import type { KubeObject } from '../../model/change.ts';

const DAY = 86_400;

function causes(story: Story): readonly (string | undefined)[] {
  return causesOf(estateOf(story)).map(([best]) => best);
}

function first(story: Story): string | undefined {
  return causes(story)[0];
}

const errorRate = (name: string) => alert({ kind: 'Service', namespace: 'shop', name }, 'HighRequestErrorRate');
const later: Story = { 320: [log(web.pod, 'ok', 'info')] };

test('CA164 errors since a release are the fault of the workload, for those too who call it; a release after them, or of another, is not', () => {
  const next = {
    apply: running('shop/cart', { container: { ...calling('mysql:3306'), image: 'registry.local/app:2' } }).workload,
  };
  const alerts: Story = { 200: [errorRate('cart'), errorRate('web')], ...later };
  assert.deepEqual(causes(together(shop, { 100: [next] }, alerts)), ['Deployment/shop/cart BadRelease']);
  assert.notEqual(first(together(shop, { 250: [next] }, alerts)), 'Deployment/shop/cart BadRelease');
  const other = { apply: running('shop/mail', { container: { image: 'registry.local/app:2' } }).workload };
  const elsewhere = together(shop, { 0: running('shop/mail').all, 100: [other] }, alerts);
  assert.doesNotMatch(JSON.stringify(causes(elsewhere)), /mail/);
});

test('CA164 what a pipeline says it deployed is a release, though nothing but its name is known', () => {
  const cartService = { kind: 'Service', namespace: 'shop', name: 'cart' };
  const deployed = occur('change', cartService, { severity: 'info', message: 'PipelineRun 12 deployed cart' });
  assert.equal(first({ 100: [deployed], 200: [errorRate('cart')] }), 'Service/shop/cart BadRelease');
  assert.notEqual(first({ 200: [errorRate('cart')], 300: [deployed] }), 'Service/shop/cart BadRelease');
});

const flags = (failing: string): KubeObject =>
  object(
    'v1',
    'ConfigMap',
    'shop/flagd-config',
    {
      data: {
        'flags.json': JSON.stringify({
          flags: Object.fromEntries(
            ['cartFailure', 'paymentFailure'].map((name) => [
              name,
              { state: 'ENABLED', defaultVariant: name === failing ? 'on' : 'off' },
            ]),
          ),
        }),
      },
    },
    { created: -DAY },
  );
const flagd = running('shop/flagd', { spec: { volumes: [{ name: 'flags', configMap: { name: 'flagd-config' } }] } });
const asking = running('shop/cart', { container: calling('mysql:3306', 'flagd:8013') });
const flagged = together(shopOf({ cart: asking }), {
  0: [...flagd.all, { apply: service('shop/flagd') }, { apply: flags('') }],
});

test('CA165 a feature flag that was flipped is why who asks for it errs, and who calls that; not when it speaks of another', () => {
  const alerts: Story = { 200: [errorRate('cart'), errorRate('web')], ...later };
  const flipped = together(flagged, { 100: [{ apply: flags('cartFailure') }] }, alerts);
  assert.deepEqual(causes(flipped), ['ConfigMap/shop/flagd-config FeatureFlagChanged']);
  const other = together(
    flagged,
    { 0: running('shop/payment').all, 100: [{ apply: flags('paymentFailure') }] },
    alerts,
  );
  assert.doesNotMatch(JSON.stringify(causes(other)), /FeatureFlagChanged/);
});

test('CA166 a ConfigMap that is mounted and was changed is why errors began; one that is read at the start only is not, while the pod runs on', () => {
  const map = (level: string): Seen => ({
    apply: object('v1', 'ConfigMap', 'shop/settings', { data: { level } }, { created: -DAY }),
  });
  const errs = (): Seen[] => [log(cart.pod, 'invalid configuration value for level')];
  const mounted = running('shop/cart', { spec: { volumes: [{ name: 's', configMap: { name: 'settings' } }] } });
  const story = (reader: typeof cart): Story =>
    complainingIn(together(shopOf({ cart: reader }), { 0: [map('info')] }), { 100: [map('loud')] }, errs);
  assert.equal(first(story(mounted)), 'ConfigMap/shop/settings ConfigMapChangeBrokeApp');
  const read = running('shop/cart', { container: { envFrom: [{ configMapRef: { name: 'settings' } }] } });
  assert.doesNotMatch(first(story(read)) ?? '', /ConfigMap/);
});

test('CA167 refused after a Secret was changed: the Secret, when who reads it began anew; else who holds the old one', () => {
  const secret = (value: string): Seen => ({
    apply: object('v1', 'Secret', 'shop/db', { data: { password: value } }, { created: -DAY }),
  });
  const denied = (): Seen[] => [log(cart.pod, "Access denied for user 'app'@'10.1.1.1' (using password: YES)")];
  const container = { ...calling('mysql:3306'), envFrom: [{ secretRef: { name: 'db' } }] };
  const story = (since: number): Story => {
    const reader = running('shop/cart', { container, podStatus: podStatus.running(since) });
    return complainingIn(together(shopOf({ cart: reader }), { 0: [secret('a')] }), { 90: [secret('b')] }, denied);
  };
  assert.match(first(story(100)) ?? '', /^Secret\/shop\/db /);
  assert.equal(first(story(-500)), 'Deployment/shop/cart StaleCredentials');
});

test('CA167 refused although nothing was changed: whoever keeps the users', () => {
  const denied = (): Seen[] => [log(cart.pod, 'not authorized on shop to execute command { find: "carts" }')];
  assert.equal(first(complaining({}, denied)), 'Deployment/shop/mysql AccessRefused');
});

test('CA168 a store that takes no writes, no clients, no data is the cause for those who say so, and who call them', () => {
  const reasons = {
    'The MySQL server is running with the --read-only option so it cannot execute this statement': 'StoreReadOnly',
    'ERROR 1040 (08004): Too many connections': 'ConnectionsExhausted',
    "OOM command not allowed when used memory > 'maxmemory'": 'StoreOutOfMemory',
    'Lock wait timeout exceeded; try restarting transaction': 'SlowQueries',
  };
  for (const [line, reason] of Object.entries(reasons))
    assert.deepEqual(causes(complaining({}, () => [log(cart.pod, line), trace(web.pod, 'cart')])), [
      `Deployment/shop/mysql ${reason}`,
    ]);
});

test('CA169 calls that fail lead to the deepest who is called, of which nobody can say more', () => {
  const calls = (): Seen[] => [trace(web.pod, 'cart'), trace(cart.pod, 'mysql', 'deadline exceeded')];
  assert.deepEqual(causes(complaining({}, calls)), ['Deployment/shop/mysql DependencyFails']);
});

const injector = (app: string, created: number, status = {}): KubeObject =>
  object(
    'chaos-mesh.org/v1alpha1',
    'NetworkChaos',
    'chaos/delay-1',
    { spec: { action: 'delay', selector: { namespaces: ['shop'], labelSelectors: { app } } }, status },
    { created, owner: { apiVersion: 'chaos-mesh.org/v1alpha1', kind: 'Schedule', name: 'delay' } },
  );
const schedule = object(
  'chaos-mesh.org/v1alpha1',
  'Schedule',
  'chaos/delay',
  { spec: { type: 'NetworkChaos' } },
  { created: 80 },
);

test('CA170 an injector of faults that is aimed at who suffers, or whom it calls, is the cause: its Schedule, where one makes it', () => {
  const slow: Story = { 200: [alert(web.workload, 'HighRequestLatency')], ...later };
  const alone = together(shop, { 90: [{ apply: injector('cart', 90) }] }, slow);
  assert.equal(first(alone), 'NetworkChaos/chaos/delay-1 FaultInjected');
  const scheduled = together(alone, { 85: [{ apply: schedule }] });
  assert.equal(first(scheduled), 'Schedule/chaos/delay FaultInjected');
  const other = together(shop, { 90: [{ apply: injector('mail', 90) }] }, slow);
  assert.doesNotMatch(first(other) ?? '', /chaos/);
  const recovered = {
    conditions: [{ type: 'AllRecovered', status: 'True', lastTransitionTime: '2026-11-21T10:02:00Z' }],
  };
  assert.doesNotMatch(first(together(shop, { 90: [{ apply: injector('cart', 90, recovered) }] }, slow)) ?? '', /chaos/);
});

test('CA171 a policy or route of a mesh that was made before calls were denied is the cause', () => {
  const denied = (): Seen[] => [log(web.pod, 'GET http://cart:80/: 403 RBAC: access denied')];
  const spec = { selector: { matchLabels: { app: 'cart' } }, action: 'DENY', rules: [{}] };
  const policy = object('security.istio.io/v1', 'AuthorizationPolicy', 'shop/nobody', { spec }, { created: 100 });
  assert.equal(
    first(complaining({ 100: [{ apply: policy }] }, denied)),
    'AuthorizationPolicy/shop/nobody MeshPolicyDenies',
  );
  const old = { ...policy, metadata: { ...policy.metadata, creationTimestamp: '2026-11-01T00:00:00Z' } };
  assert.doesNotMatch(first(complaining({ 0: [{ apply: old }] }, denied)) ?? '', /AuthorizationPolicy/);
});

test('CA172 who was made to ask more of one that is slow since is the cause', () => {
  const users = (count: string) =>
    running('shop/load-generator', {
      container: {
        env: [
          { name: 'TARGET_ADDR', value: 'web:80' },
          { name: 'USERS', value: count },
        ],
      },
    });
  const story = together(
    shop,
    { 0: users('10').all, 100: [{ apply: users('900').workload }], 200: [alert(web.workload, 'HighRequestLatency')] },
    later,
  );
  assert.equal(first(story), 'Deployment/shop/load-generator LoadIncreased');
});

test('CA173 several on one node that reach nobody, whose siblings elsewhere do, or whose kube-proxy complains, lead to the node', () => {
  const node = (name: string): Seen => ({
    apply: object('v1', 'Node', name, { status: { conditions: [{ type: 'Ready', status: 'True' }] } }),
  });
  const away = { ...mysql.pod, spec: { ...(mysql.pod['spec'] as object), nodeName: 'n2' } };
  const timeout = (pod: KubeObject, name: string, port: number) => (): Seen[] => [
    log(pod, `dial tcp ${addressOf(name)}:${port}: i/o timeout`),
  ];
  const place = together(shop, { 0: [node('n1'), node('n2'), { apply: away }] });
  const proxy = occur(
    'node-service',
    { kind: 'Node', name: 'n1' },
    { severity: 'error', reason: 'kube-proxy', message: 'Failed to execute iptables-restore' },
  );
  const story = complainingIn(
    place,
    { 110: [proxy], 290: [proxy] },
    timeout(web.pod, 'shop/cart', 80),
    timeout(cart.pod, 'shop/mysql', 3306),
  );
  assert.ok(
    causes(story).every((cause) => cause === 'Node/n1 NodeNetworkBroken'),
    JSON.stringify(causes(story)),
  );
});

test('CA173 who cannot reach a Service whose pods were replaced by the same just before has a node that still sends to those before', () => {
  const node: Seen = {
    apply: object('v1', 'Node', 'n1', { status: { conditions: [{ type: 'Ready', status: 'True' }] } }),
  };
  const replaced = (image: string): Story => {
    const next = running('shop/cart', {
      container: { ...calling('mysql:3306'), image },
      podStatus: podStatus.running(105),
    });
    const metadata = { ...next.pod.metadata, name: 'cart-rs1-y', uid: 'uid-new', creationTimestamp: at(100) };
    return { 100: [{ gone: cart.pod }, { apply: next.workload }, { apply: { ...next.pod, metadata } }] };
  };
  const timeout = (): Seen[] => [log(web.pod, 'GET http://cart:80/ failed: context deadline exceeded')];
  const place = together(shop, { 0: [node] });
  assert.equal(first(complainingIn(place, replaced('registry.local/app:1'), timeout)), 'Node/n1 NodeNetworkBroken');
  assert.equal(
    first(complainingIn(place, replaced('registry.local/app:2'), timeout)),
    'Deployment/shop/cart BadRelease',
  );
});

test('CA174 a murmur that cannot be told from a fault counts only with a cause worth believing', () => {
  const murmur = Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [
      index * 50,
      [log(web.pod, 'dial tcp: connect cart:80: connection refused')],
    ]),
  );
  assert.deepEqual(causes(together(shop, murmur)), []);
  const broken = service('shop/cart', { selector: { app: 'nobody' } });
  const story = together(shop, murmur, { 0: [{ apply: broken }] });
  assert.deepEqual(causes(story), ['Service/shop/cart SelectorMatchesNothing']);
});

test('CA175 the API server that is overloaded is named though it is no application', () => {
  const story: Story = {
    0: [alert({ kind: 'Cluster', name: 'k8s' }, 'KubeAPIErrorBudgetBurn', { severity: 'critical' })],
  };
  assert.equal(first(story), 'Pod/kube-system/kube-apiserver ApiServerOverloaded');
});

test('CA176 of one alone that errs, and calls nobody who suffers, it is said with little confidence', () => {
  const pod = deployment('shop/alone', { created: -DAY, podStatus: podStatus.running(-DAY) });
  const story: Story = { 0: pod.all, 100: [alert(pod.workload, 'HighRequestLatency')] };
  assert.equal(first(story), 'Deployment/shop/alone ApplicationSlow');
});
