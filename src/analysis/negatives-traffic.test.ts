/** Services, policies and Ingresses that are as they should be, however they look: nobody may be told of an incident. */
import { test } from 'node:test';
import { deployment, object, podStatus, type Seen } from '../../test/support/estate.ts';
import { assertHealthy } from '../../test/support/healthy.ts';
import { cart, running, shop, web } from '../../test/support/shop.ts';
import { log, policy, service, together } from '../../test/support/told.ts';

const DAY = 86_400;

test('CA136 Services without pods by design are well: of nobody, of elsewhere, for a canary, for a leader, for what is to come', () => {
  const ports = { ports: [{ port: 80, targetPort: 8080 }] };
  assertHealthy({
    0: [
      ...web.all,
      ...cart.all,
      { apply: service('shop/web') },
      { apply: service('shop/cart') },
      { apply: service('shop/web-canary', { selector: { app: 'web', track: 'canary' } }) },
      { apply: service('shop/web-preview', { selector: { app: 'web-green' } }) },
      { apply: service('shop/db-primary', { selector: { app: 'cart', role: 'primary' } }) },
      {
        apply: object(
          'v1',
          'Service',
          'shop/elsewhere',
          { spec: { type: 'ExternalName', externalName: 'db.example.com' } },
          { created: -DAY },
        ),
      },
      { apply: object('v1', 'Service', 'shop/by-hand', { spec: { clusterIP: 'None', ...ports } }, { created: -DAY }) },
      { apply: service('shop/later', { selector: { app: 'later' } }) },
    ],
  });
  const blue = deployment('shop/shop-blue', {
    created: -DAY,
    labels: { app: 'shop', color: 'blue' },
    podStatus: podStatus.running(-DAY),
  });
  const of = (color: string): object => ({ selector: { app: 'shop', color } });
  const services = [service('shop/live', of('blue')), service('shop/preview', of('green'))];
  assertHealthy({ 0: [...blue.all, ...services.map((apply) => ({ apply }))] });
});

test('CA137 ports that pods do not declare are no fault: declaring is optional', () => {
  const undeclared = running('shop/api', { container: { ports: [{ containerPort: 9090, name: 'metrics' }] } });
  assertHealthy(
    together(shop, {
      0: [
        ...undeclared.all,
        {
          apply: service('shop/api', {
            ports: [
              { port: 80, targetPort: 8080 },
              { port: 9100, targetPort: 'debug' },
            ],
          }),
        },
      ],
    }),
  );
});

test('CA138 a workload that is scaled to nothing on purpose, or by need, is off', () => {
  const off = deployment('shop/batch', { created: -DAY, replicas: 0, podStatus: podStatus.running() });
  const [workload, set] = off.all;
  assertHealthy(
    together(shop, { 0: [workload, set, { apply: service('shop/batch') }].filter((one) => one !== undefined) }),
  );
});

test("CA139 policies that allow what is needed are in nobody's way", () =>
  assertHealthy(
    together(shop, {
      100: [
        { apply: policy('shop/deny', { podSelector: {}, policyTypes: ['Ingress'] }, 100) },
        {
          apply: policy(
            'shop/allow',
            {
              podSelector: { matchLabels: { app: 'cart' } },
              ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 8080 }] }],
            },
            100,
          ),
        },
      ],
      900: [log(web.pod, 'ok', 'info')],
    }),
  ));

test('CA140 Ingresses that were never finished, or wait for a certificate, disturb nobody', () => {
  const ingress = (name: string, secretName: string, backend: string, created: number, annotations = {}): Seen => ({
    apply: object(
      'networking.k8s.io/v1',
      'Ingress',
      name,
      {
        spec: {
          tls: [{ secretName }],
          rules: [
            {
              http: {
                paths: [
                  { path: '/', pathType: 'Prefix', backend: { service: { name: backend, port: { number: 80 } } } },
                ],
              },
            },
          ],
        },
        status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } },
      },
      { created, annotations },
    ),
  });
  assertHealthy(
    together(shop, {
      0: [
        { apply: object('v1', 'Secret', 'shop/have', { type: 'kubernetes.io/tls', data: {} }) },
        ingress('shop/old', 'have', 'gone-for-years', -300 * DAY),
        ingress('shop/new', 'comes', 'web', -600, { 'cert-manager.io/cluster-issuer': 'letsencrypt' }),
      ],
    }),
  );
});
