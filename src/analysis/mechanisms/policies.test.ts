import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, causesOf, estateOf, event, object, podStatus, type Seen } from '../../../test/support/estate.ts';
import { calling, cart, complaining, complainingIn, running, shop, shopOf, web } from '../../../test/support/shop.ts';
import { log, policy, type Story, service, together } from '../../../test/support/told.ts';
import type { KubeObject } from '../../model/change.ts';

const timeout = (): Seen[] => [log(web.pod, 'Get "http://cart:80/items": context deadline exceeded')];
const deny = (created: number): KubeObject =>
  policy('shop/deny', { podSelector: { matchLabels: { app: 'cart' } }, policyTypes: ['Ingress'] }, created);

function first(story: Story): string | undefined {
  return causesOf(estateOf(story))[0]?.[0];
}

test('CA159 a NetworkPolicy that does not let caller and callee talk is the cause, on either side; one that does is not', () => {
  assert.equal(
    first(complaining({ 100: [{ apply: deny(100) }] }, timeout)),
    'NetworkPolicy/shop/deny NetworkPolicyBlocks',
  );
  const egress = policy('shop/quiet', { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Egress'] }, 100);
  assert.equal(
    first(complaining({ 100: [{ apply: egress }] }, timeout)),
    'NetworkPolicy/shop/quiet NetworkPolicyBlocks',
  );
  const allow = policy('shop/deny', { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }, 100);
  assert.doesNotMatch(first(complaining({ 100: [{ apply: allow }] }, timeout)) ?? '', /NetworkPolicy/);
  const ofOthers = policy('shop/deny', { podSelector: { matchLabels: { app: 'mysql' } } }, 100);
  assert.doesNotMatch(first(complaining({ 100: [{ apply: ofOthers }] }, timeout)) ?? '', /NetworkPolicy/);
});

test('CA159 of several that cut two off the one that was made or changed last is meant, and the one that was taken away', () => {
  const all = policy('shop/all', { podSelector: {} });
  const allow = (app: string): KubeObject =>
    policy('shop/allow', {
      podSelector: { matchLabels: { app: 'cart' } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app } } }] }],
    });
  const place = together(shop, { 0: [{ apply: all }, { apply: allow('web') }] });
  const edited = complainingIn(place, { 100: [{ apply: allow('wep') }] }, timeout);
  assert.equal(first(edited), 'NetworkPolicy/shop/allow NetworkPolicyBlocks');
  const gone = complainingIn(place, { 100: [{ gone: allow('web') }] }, timeout);
  assert.equal(first(gone), 'NetworkPolicy/shop/allow NetworkPolicyDeleted');
});

test('CA160 of a pod that is not ready, and says nothing of whom it calls, a policy that was made just before is the cause', () => {
  const begun = { name: 'app', ready: false, restartCount: 0, state: { running: { startedAt: at(-5_000) } } };
  const unready = { ...podStatus.unready(-280), containerStatuses: [begun] };
  const suffering = running('shop/web', { container: calling('cart:80'), podStatus: unready });
  const probe = event(suffering.pod, 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503', {
    first: -280,
    last: -5,
    count: 20,
  });
  const seen = (...policies: readonly KubeObject[]): Story => ({
    0: [
      ...cart.all,
      ...suffering.all,
      { apply: service('shop/cart') },
      { apply: probe },
      ...policies.map((apply) => ({ apply })),
    ],
  });
  assert.equal(first(seen(deny(-300))), 'NetworkPolicy/shop/deny NetworkPolicyBlocks');
  assert.doesNotMatch(first(seen(deny(-80_000))) ?? '', /NetworkPolicy/);
});

const dnsService = object(
  'v1',
  'Service',
  'kube-system/kube-dns',
  { spec: { clusterIP: '10.96.0.10', selector: { 'k8s-app': 'kube-dns' }, ports: [{ port: 53, protocol: 'UDP' }] } },
  { created: -90_000 },
);
const coredns = running('kube-system/coredns', {
  labels: { 'k8s-app': 'kube-dns' },
  container: { ports: [{ containerPort: 53, protocol: 'UDP' }] },
  spec: { volumes: [{ name: 'config', configMap: { name: 'coredns' } }] },
});
const corefile = (text: string): KubeObject =>
  object('v1', 'ConfigMap', 'kube-system/coredns', { data: { Corefile: text } }, { created: -90_000 });
const withDns = (place: Story): Story =>
  together(place, { 0: [{ apply: dnsService }, ...coredns.all, { apply: corefile('. { kubernetes }') }] });
const silent = (pod: KubeObject, host: string) => (): Seen[] => [
  log(pod, `dial tcp: lookup ${host} on 10.96.0.10:53: read udp 10.1.0.1:4432->10.96.0.10:53: i/o timeout`),
];
const unknown = (pod: KubeObject, host: string) => (): Seen[] => [log(pod, `getaddrinfo ENOTFOUND ${host}`)];

test('CA161 names that many cannot find although they exist are the fault of DNS: its configuration, or its program', () => {
  const both = [unknown(web.pod, 'cart'), unknown(cart.pod, 'mysql')];
  const edited = complainingIn(withDns(shop), { 100: [{ apply: corefile('. { }') }] }, ...both);
  assert.equal(first(edited), 'ConfigMap/kube-system/coredns DnsConfigurationBroken');
  const { workload } = coredns;
  const off = { apply: { ...workload, spec: { ...(workload['spec'] as object), replicas: 0 }, status: {} } };
  const stopped = complainingIn(
    withDns(shop),
    { 100: [off, { gone: coredns.pod }] },
    silent(web.pod, 'cart'),
    silent(cart.pod, 'mysql'),
  );
  assert.equal(first(stopped), 'Deployment/kube-system/coredns ScaledToZero');
  assert.deepEqual(causesOf(estateOf(stopped)).length, 1);
});

test('CA161 who only says that calls to names take too long suffers from DNS, while that is not well', () => {
  const end = { exitCode: 1, reason: 'Error', startedAt: at(100), finishedAt: at(101) };
  const status = podStatus.waiting('CrashLoopBackOff', 'back-off', end, 5);
  const broken: Story = { 95: [{ apply: corefile('. { }') }], 105: [{ apply: { ...coredns.pod, status } }] };
  const story = complainingIn(withDns(shop), broken, timeout);
  assert.deepEqual(
    causesOf(estateOf(story)).map(([best]) => best),
    ['ConfigMap/kube-system/coredns ConfigMapChangeBrokeApp'],
  );
});

test('CA162 one that asks somebody else than the DNS of the cluster is at fault itself', () => {
  const spec = { dnsPolicy: 'None', dnsConfig: { nameservers: ['192.0.2.1'] } };
  const astray = running('shop/cart', { container: calling('mysql:3306'), spec });
  const story = complainingIn(withDns(shopOf({ cart: astray })), {}, unknown(cart.pod, 'mysql'));
  assert.equal(first(story), 'Deployment/shop/cart DnsSettingsWrong');
});

test('CA163 a policy that forgets DNS is the cause of names that are not answered', () => {
  const rule = {
    podSelector: { matchLabels: { app: 'cart' } },
    policyTypes: ['Egress'],
    egress: [{ to: [{ podSelector: {} }] }],
  };
  const story = complainingIn(
    withDns(shop),
    { 100: [{ apply: policy('shop/inside', rule, 100) }] },
    silent(cart.pod, 'mysql'),
  );
  assert.equal(first(story), 'NetworkPolicy/shop/inside NetworkPolicyBlocks');
});
