import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  at,
  causesOf,
  deployment,
  estateOf,
  event,
  object,
  podStatus,
  type Seen,
} from '../../../test/support/estate.ts';
import {
  calling,
  cart,
  complaining,
  complainingIn,
  mysqlService,
  running,
  shop,
  shopOf,
  web,
} from '../../../test/support/shop.ts';
import { addressOf, log, type Story, service, together, trace } from '../../../test/support/told.ts';
import type { KubeObject } from '../../model/change.ts';

const refused = (): Seen[] => [log(web.pod, `dial tcp ${addressOf('shop/cart')}:80: connect: connection refused`)];

function first(story: Story): string | undefined {
  return causesOf(estateOf(story))[0]?.[0];
}

function scaled({ workload }: { readonly workload: KubeObject }, replicas: number): Seen {
  return { apply: { ...workload, spec: { ...(workload['spec'] as object), replicas }, status: {} } };
}

/** As an object is when someone wrote a field of it long after it was made, and nobody watched. */
function written(made: KubeObject, second: number, fieldsV1: string): Seen {
  const manager = { manager: 'kubectl-patch', operation: 'Update', time: at(second), fieldsV1 };
  return { apply: { ...made, metadata: { ...made.metadata, managedFields: [manager] } } };
}

test('CA150 a Service that chooses nobody since it was changed is the cause; it is a symptom even when nobody complains', () => {
  const wrong = service('shop/cart', { selector: { app: 'carts' } });
  assert.equal(first(complaining({ 100: [{ apply: wrong }] }, refused)), 'Service/shop/cart SelectorMatchesNothing');
  const seen: Story = { 0: [...cart.all, { apply: wrong }] };
  assert.equal(first(seen), 'Service/shop/cart SelectorMatchesNothing');
  const patched: Story = { 0: [...cart.all, written(wrong, -300, 'spec{selector{app}}')] };
  assert.equal(first(patched), 'Service/shop/cart SelectorMatchesNothing');
});

test('CA150 when the labels of the pods were changed the workload is at fault, not the Service', () => {
  const other = deployment('shop/cart', {
    created: -86_400,
    labels: { app: 'basket' },
    podStatus: podStatus.running(),
  });
  const story = complaining({ 100: [{ apply: other.workload }, { apply: other.pod }] }, refused);
  assert.equal(first(story), 'Deployment/shop/cart PodLabelsChanged');
});

test('CA151 a Service that chooses pods of others since its selector was changed is too broad', () => {
  const broad = service('shop/cart', { selector: { tier: 'app' } });
  const tier = ({ pod }: { readonly pod: KubeObject }): Seen => ({
    apply: { ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, tier: 'app' } } },
  });
  const gateway = (): Seen[] => [log(web.pod, 'GET http://cart:80/items: 502 Bad Gateway')];
  const story = complaining({ 50: [tier(cart), tier(running('shop/billing'))], 100: [{ apply: broad }] }, gateway);
  assert.equal(first(story), 'Service/shop/cart SelectorTooBroad');
});

test('CA152 a port that leads to none of the pods is the fault of the Service: by number, name, protocol', () => {
  const ports = (port: object): Story => ({
    100: [{ apply: service('shop/cart', { ports: [{ port: 80, ...port }] }) }],
  });
  assert.equal(first(complaining(ports({ targetPort: 8081 }), refused)), 'Service/shop/cart WrongTargetPort');
  assert.equal(first(complaining(ports({ targetPort: 'web' }), refused)), 'Service/shop/cart WrongTargetPort');
  assert.equal(
    first(complaining(ports({ targetPort: 8080, protocol: 'UDP' }), refused)),
    'Service/shop/cart WrongProtocol',
  );
  const once = together(shop, {
    0: [written(service('shop/cart', { ports: [{ port: 80, targetPort: 9 }] }), -300, 'spec{ports}')],
  });
  assert.equal(first(once), 'Service/shop/cart WrongTargetPort');
});

test('CA153 a Service that was deleted is named as if it were there, by whoever misses it', () => {
  const gone: Story = { 100: [{ gone: service('shop/cart') }] };
  const lookup = (): Seen[] => [log(web.pod, 'dial tcp: lookup cart on 10.96.0.10:53: no such host')];
  assert.equal(first(complaining(gone, lookup)), 'Service/shop/cart ServiceDeleted');
  assert.equal(first(complaining(gone, refused)), 'Service/shop/cart ServiceDeleted');
  const never = together({ 0: [...web.all, ...cart.all, { apply: service('shop/web') }] }, { 100: [] });
  assert.equal(first(never), undefined);
});

test('CA153 seen only afterwards, the Service is missing when its workload runs, and the address wrong when it is almost right', () => {
  const lookup =
    (host: string) =>
    (second: number): Seen[] =>
      second === 0 ? [] : [log(web.pod, `getaddrinfo ENOTFOUND ${host}`)];
  const story = (who: { readonly all: readonly Seen[] }, services: readonly string[], host: string): Story =>
    together(
      { 0: [...who.all, ...cart.all, ...services.map((name) => ({ apply: service(name) }))] },
      Object.fromEntries(Array.from({ length: 20 }, (_, index) => [120 + index * 10, lookup(host)(1)])),
    );
  assert.equal(first(story(web, ['shop/web'], 'cart')), 'Service/shop/cart ServiceMissing');
  const typing = running('shop/web', { container: calling('carrt:80') });
  assert.equal(first(story(typing, ['shop/web', 'shop/cart'], 'carrt')), 'Deployment/shop/web WrongAddress');
});

test('CA154 callers of one that was scaled to zero, and of one that crashes, are one incident with that one', () => {
  const calls = (): Seen[] => [...refused(), trace(running('shop/api').pod, 'cart')];
  const story = complaining({ 0: running('shop/api').all, 100: [scaled(cart, 0), { gone: cart.pod }] }, calls);
  assert.deepEqual(
    causesOf(estateOf(story)).map((causes) => causes[0]),
    ['Deployment/shop/cart ScaledToZero'],
  );
  const end = { exitCode: 1, reason: 'Error', startedAt: at(100), finishedAt: at(105) };
  const map = (level: string): Seen => ({ apply: object('v1', 'ConfigMap', 'shop/settings', { data: { level } }) });
  const reader = running('shop/cart', { container: { envFrom: [{ configMapRef: { name: 'settings' } }] } });
  const crashed = { apply: { ...reader.pod, status: podStatus.waiting('CrashLoopBackOff', 'back-off', end, 4) } };
  const chain = complainingIn(
    together(shopOf({ cart: reader }), { 0: [map('info')] }),
    { 90: [map('loud')], 110: [crashed] },
    refused,
  );
  assert.deepEqual(
    causesOf(estateOf(chain)).map((causes) => causes[0]),
    ['ConfigMap/shop/settings ConfigMapChangeBrokeApp'],
  );
});

test('CA154 scaled to zero lately it is a symptom as soon as somebody that runs is told to call it', () => {
  const told = event(cart.workload, 'ScalingReplicaSet', 'Scaled down replica set cart-rs1 from 1 to 0', {
    first: -300,
    type: 'Normal',
  });
  const [, set] = cart.all;
  const off: Seen[] = [scaled(cart, 0), ...(set ? [set] : []), { apply: service('shop/cart') }, { apply: told }];
  assert.equal(first({ 0: [...web.all, { apply: service('shop/web') }, ...off] }), 'Deployment/shop/cart ScaledToZero');
  assert.equal(first({ 0: off }), undefined);
});

test('CA155 who calls the wrong host or port is at fault, not who is called', () => {
  const wrong = (address: string): Seen[] => {
    const { workload, pod } = running('shop/web', { container: calling(address) });
    return [{ apply: workload }, { apply: pod }];
  };
  const lookup = (): Seen[] => [log(web.pod, 'lookup basket on 10.96.0.10:53: no such host')];
  assert.equal(first(complaining({ 100: wrong('basket:80') }, lookup)), 'Deployment/shop/web WrongAddress');
  const port = (): Seen[] => [log(web.pod, 'connect to cart:8000 failed: connection refused')];
  assert.equal(first(complaining({ 100: wrong('cart:8000') }, port)), 'Deployment/shop/web WrongPort');
});

test('CA156 a host outside of the cluster that does not answer is the cause by its name, or whoever holds its address', () => {
  const outside = (): Seen[] => [log(cart.pod, 'could not resolve host: rates.example.com')];
  assert.equal(first(complaining({}, outside)), 'ExternalHost/rates.example.com ExternalHostUnreachable');
  const told = running('shop/cart', { container: calling('https://rates.example.com') });
  assert.equal(
    first(complainingIn(shopOf({ cart: told }), {}, outside)),
    'Deployment/shop/cart ExternalHostUnreachable',
  );
});

test('CA157 a Service that keeps traffic on its node is the cause for callers on nodes without its pods', () => {
  const away = (node: string): Seen => {
    const { pod } = running('shop/mysql', { container: { ports: [{ containerPort: 3306 }] } });
    return { apply: { ...pod, spec: { ...(pod['spec'] as object), nodeName: node } } };
  };
  const timeout = (): Seen[] => [log(cart.pod, `dial tcp ${addressOf('shop/mysql')}:3306: i/o timeout`)];
  const local = { apply: mysqlService({ internalTrafficPolicy: 'Local' }) };
  assert.equal(
    first(complaining({ 0: [away('n2')], 100: [local] }, timeout)),
    'Service/shop/mysql InternalTrafficPolicyLocal',
  );
  assert.notEqual(
    first(complaining({ 0: [away('n1')], 100: [local] }, timeout)),
    'Service/shop/mysql InternalTrafficPolicyLocal',
  );
});

test('CA158 an Ingress that was made to lead to what is not there is at fault; what was taken away under it is, where that was seen', () => {
  const ingress = (name: string): KubeObject =>
    object(
      'networking.k8s.io/v1',
      'Ingress',
      'shop/front',
      {
        spec: {
          rules: [
            {
              http: {
                paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 80 } } } }],
              },
            },
          ],
        },
      },
      { created: -86_400 },
    );
  const later = { 600: [log(web.pod, 'ok', 'info')] };
  const right = together(shop, { 0: [{ apply: ingress('cart') }] }, later);
  assert.equal(first(right), undefined);
  assert.equal(first(together(right, { 100: [{ apply: ingress('carts') }] })), 'Ingress/shop/front BackendMissing');
  assert.equal(first(together(right, { 100: [{ gone: service('shop/cart') }] })), 'Service/shop/cart ServiceDeleted');
});

test('CA178 a Service that stands for another host is wrong when nobody bears that name, and else leads on to whoever does', () => {
  const alias = (externalName: string): KubeObject =>
    object('v1', 'Service', 'shop/basket', { spec: { type: 'ExternalName', externalName } }, { created: -86_400 });
  const named = (place: string): Seen => ({ apply: alias(`cart.${place}.svc.cluster.local`) });
  const caller = running('shop/web', { container: calling('basket:80') });
  const place = together(shopOf({ web: caller }), { 0: [named('shop')] });
  const lookup = (): Seen[] => [log(web.pod, 'dial tcp: lookup basket on 10.96.0.10:53: no such host')];
  assert.equal(first(complainingIn(place, { 100: [named('shops')] }, lookup)), 'Service/shop/basket AliasWrong');
  const timeout = (): Seen[] => [log(web.pod, 'connect to basket:80 failed: connection refused')];
  const off = { 100: [scaled(cart, 0), { gone: cart.pod }] };
  assert.equal(first(complainingIn(place, off, timeout)), 'Deployment/shop/cart ScaledToZero');
});

test('CA191 a Service that is not known and that answers, or refuses, is there; one whose name nobody finds is missing', () => {
  const place: Story = { 0: [...web.all, { apply: mysqlService() }] };
  const told = (message: string): string | undefined => first(complainingIn(place, {}, () => [log(web.pod, message)]));
  assert.equal(told('dial tcp: lookup cart on 10.96.0.10:53: no such host'), 'Service/shop/cart ServiceMissing');
  for (const message of [
    'GET http://cart:80/items failed: responded 503 Service Unavailable',
    'Connection to cart:80 refused: connection refused',
  ])
    assert.doesNotMatch(told(message) ?? '', /ServiceMissing/, message);
  const gone = { 100: [{ gone: service('shop/cart') }] };
  const refusal = (): Seen[] => [log(web.pod, 'Connection to cart:80 refused: connection refused')];
  assert.equal(first(complaining(gone, refusal)), 'Service/shop/cart ServiceDeleted');
});

test('CA192 names that programs put where a host belongs are none', () => {
  const message = 'Failed to open TCP connection to price:8080 (getaddrinfo: Name or service not known) (SocketError)';
  const caller = running('shop/web', { container: calling('price:8080') });
  const story = complainingIn(shopOf({ web: caller }), {}, () => [log(web.pod, message)]);
  assert.doesNotMatch(JSON.stringify(causesOf(estateOf(story))), /getaddrinfo/);
  assert.match(JSON.stringify(causesOf(estateOf(story))), /price/);
});

test('CA206 an Ingress that was made lately and names almost a Service that is there is at fault', () => {
  const ingress = (name: string, created: number): Seen => ({
    apply: object(
      'networking.k8s.io/v1',
      'Ingress',
      'shop/front',
      {
        spec: {
          rules: [
            {
              http: {
                paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 80 } } } }],
              },
            },
          ],
        },
      },
      { created },
    ),
  });
  const told = (one: Seen): string | undefined =>
    first(together(shop, { 0: [one], 600: [log(web.pod, 'ok', 'info')] }));
  assert.equal(told(ingress('carts', -3_600)), 'Ingress/shop/front BackendMissing');
  assert.equal(told(ingress('carts', -200_000)), undefined);
  assert.equal(told(ingress('something-else', -3_600)), undefined);
});

test('CA207 a policy of a mesh that was narrowed right before is why callers are not ready', () => {
  const guard = (from: object): Seen => ({
    apply: object(
      'security.istio.io/v1',
      'AuthorizationPolicy',
      'shop/cart-callers',
      { spec: { selector: { matchLabels: { app: 'cart' } }, rules: [{ from: [{ source: from }] }] } },
      { created: -86_400 },
    ),
  });
  const unready = running('shop/web', {
    container: calling('cart:80'),
    podStatus: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: at(115) }],
      containerStatuses: [
        { name: 'app', ready: false, restartCount: 0, state: { running: { startedAt: at(-80_000) } } },
      ],
    },
  });
  const refusal = (): Seen[] => [log(web.pod, 'Post "http://cart:80/v1/items": read: connection reset by peer')];
  const change = { 100: [guard({ principals: ['cluster.local/ns/shop/sa/wep'] })], 116: [{ apply: unready.pod }] };
  const place = together(shop, { 0: [guard({ namespaces: ['shop'] })] });
  assert.equal(first(complainingIn(place, change, refusal)), 'AuthorizationPolicy/shop/cart-callers MeshPolicyDenies');
});

test('CA208 a caller of which nothing more is known is told with the one whom it is said to call', () => {
  const off = { 100: [scaled(cart, 0), { gone: cart.pod }] };
  const refusal = (): Seen[] => [log(web.pod, 'connect to cart:80 failed: connection refused')];
  const incidents = causesOf(estateOf(complaining(off, refusal)));
  assert.equal(incidents.length, 1);
});
