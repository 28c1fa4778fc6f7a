/** Estates in which nothing is wrong, however it looks: nobody may be told of an incident. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, deployment, estateOf, event, object, podStatus, type Seen } from '../../test/support/estate.ts';
import { alert, log, occur, often, policy, type Story, service, together, trace } from '../../test/support/told.ts';
import type { KubeObject } from '../model/change.ts';
import { explanationOf } from '../operations/explain.ts';

const DAY = 86_400;

/** That there is no incident; what is told instead shows in the failure. */
function assertHealthy(story: Story): void {
  const { incidents, healthy } = explanationOf(estateOf(story));
  const told = incidents.map(({ title, causes }) => [title, ...causes.map(({ confidence }) => confidence)]);
  assert.deepEqual({ told, healthy }, { told: [], healthy: true });
}

/** A Deployment that has run for a day. */
function running(
  name: string,
  { container = {}, spec = {} }: { readonly container?: object; readonly spec?: object } = {},
) {
  return deployment(name, {
    created: -DAY,
    container: { ports: [{ containerPort: 8080 }], ...container },
    spec,
    status: { readyReplicas: 1, availableReplicas: 1, updatedReplicas: 1 },
    podStatus: podStatus.running(-DAY + 60),
  });
}

/** Names at some kind of host. */
function told(...addresses: readonly string[]): object {
  return { env: addresses.map((value, index) => ({ name: `ADDRESS_${index}`, value })) };
}

const web = running('shop/web', { container: told('http://cart:80') });
const cart = running('shop/cart');
const shop: Story = { 0: [...web.all, ...cart.all, { apply: service('shop/web') }, { apply: service('shop/cart') }] };

function withStatus(pod: KubeObject, status: object, metadata: object = {}): Seen {
  return { apply: { ...pod, status, metadata: { ...pod.metadata, ...metadata } } };
}

/** A pod that began anew after it ended, `restarts` times, and runs since. */
function restarted(since: number, restarts = 1): object {
  return {
    ...podStatus.running(since),
    containerStatuses: [
      {
        name: 'app',
        ready: true,
        restartCount: restarts,
        state: { running: { startedAt: at(since) } },
        lastState: {
          terminated: { exitCode: 1, reason: 'Error', startedAt: at(since - 60), finishedAt: at(since - 10) },
        },
      },
    ],
  };
}

test('CA120 a shop that runs, and says nothing, is well', () => assertHealthy(shop));

test('CA121 a rolling update in its midst is none: new pods are on their way, old ones go', () => {
  const next = deployment('shop/web', { created: -DAY, revision: 2, container: { image: 'registry.local/app:2' } });
  const creating = {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'True' }],
    containerStatuses: [
      { name: 'app', ready: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } },
    ],
  };
  assertHealthy(
    together(shop, {
      600: [
        {
          apply: {
            ...next.workload,
            status: { replicas: 2, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1, unavailableReplicas: 1 },
          },
        },
      ],
      601: [{ apply: { ...next.set, metadata: { ...next.set.metadata, creationTimestamp: at(601) } } }],
      602: [withStatus(next.pod, creating, { creationTimestamp: at(602) })],
      615: [withStatus(web.pod, podStatus.running(-DAY + 60), { deletionTimestamp: at(615) })],
    }),
  );
});

test('CA122 a container that began anew and recovered is past', () =>
  assertHealthy(
    together(shop, {
      100: [
        {
          apply: event(web.pod, 'BackOff', 'Back-off restarting failed container app in pod web', {
            first: 40,
            last: 60,
            count: 3,
            fieldPath: 'spec.containers{app}',
          }),
        },
      ],
      110: [withStatus(web.pod, restarted(80))],
      1200: [{ apply: service('shop/other') }],
    }),
  ));

test('CA123 old warnings about what is well now are past, whatever they say', () =>
  assertHealthy({
    0: [
      ...web.all,
      ...cart.all,
      { apply: service('shop/web') },
      { apply: service('shop/cart') },
      {
        apply: event(web.pod, 'Unhealthy', 'Readiness probe failed: Get "http://10.1.0.4:8080/": connection refused', {
          first: -3_000,
          last: -2_900,
          count: 4,
        }),
      },
      {
        apply: event(web.pod, 'FailedScheduling', '0/3 nodes are available: 3 Insufficient cpu.', {
          first: -3_300,
          last: -3_200,
        }),
      },
      {
        apply: event(web.pod, 'FailedMount', 'MountVolume.SetUp failed for volume "c" : configmap "c" not found', {
          first: -3_100,
          last: -3_050,
        }),
      },
    ],
  }));

test('CA124 a bootstrap race, in which each waited for the other and all came, is none', () => {
  const claim = object('v1', 'PersistentVolumeClaim', 'shop/data', { spec: {}, status: { phase: 'Bound' } });
  assertHealthy(
    together(shop, {
      5: [
        { apply: claim },
        {
          apply: event(
            web.set,
            'FailedCreate',
            'Error creating: pods "web-" is forbidden: error looking up service account shop/web: serviceaccount "web" not found',
            { first: 1, last: 3, count: 3 },
          ),
        },
        {
          apply: event(
            cart.pod,
            'FailedScheduling',
            '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.',
            { first: 2, last: 4 },
          ),
        },
        {
          apply: event(
            web.pod,
            'Unhealthy',
            'Startup probe failed: dial tcp 10.1.0.4:8080: connect: connection refused',
            { first: 4, last: 6, count: 2 },
          ),
        },
      ],
      8: [
        log(web.pod, 'dial tcp: lookup cart on 10.96.0.10:53: no such host'),
        log(web.pod, 'dial tcp 10.96.0.9:80: connect: connection refused'),
      ],
      900: [log(web.pod, 'serving', 'info')],
    }),
  );
});

test('CA125 a Job that failed and then succeeded is done', () => {
  const job = object('batch/v1', 'Job', 'shop/import', {
    spec: { backoffLimit: 4 },
    status: { failed: 2, succeeded: 1, conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: at(90) }] },
  });
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'import' };
  const pod = (name: string, phase: string, exitCode: number): Seen => ({
    apply: object(
      'v1',
      'Pod',
      `shop/${name}`,
      {
        spec: { containers: [{ name: 'app', image: 'i' }] },
        status: {
          phase,
          containerStatuses: [
            {
              name: 'app',
              ready: false,
              restartCount: 0,
              state: {
                terminated: {
                  exitCode,
                  reason: exitCode ? 'Error' : 'Completed',
                  finishedAt: at(60),
                  startedAt: at(50),
                },
              },
            },
          ],
        },
      },
      { owner },
    ),
  });
  assertHealthy(
    together(shop, { 100: [{ apply: job }, pod('import-x', 'Failed', 1), pod('import-y', 'Succeeded', 0)] }),
  );
});

test("CA126 pods of an old revision that go, with warnings about them, are nobody's trouble", () =>
  assertHealthy(
    together(shop, {
      300: [
        withStatus(web.pod, podStatus.running(-DAY), {
          name: 'web-old-x',
          uid: 'uid-old',
          deletionTimestamp: at(290),
          creationTimestamp: at(-DAY),
        }),
      ],
      301: [
        {
          apply: event(
            { ...web.pod, metadata: { ...web.pod.metadata, name: 'web-old-x', uid: 'uid-old' } },
            'BackOff',
            'Back-off restarting failed container',
            { first: 250, last: 300, count: 9 },
          ),
        },
      ],
      310: [{ gone: { ...web.pod, metadata: { ...web.pod.metadata, name: 'web-old-x', uid: 'uid-old' } } }],
      330: [log(web.pod, 'serving', 'info')],
    }),
  ));

test('CA127 an autoscaler that scales somebody else up and down is at work', () => {
  const scaled = (replicas: number, second: number): Seen[] => [
    {
      apply: {
        ...cart.workload,
        spec: { ...(cart.workload['spec'] as object), replicas },
        status: { replicas, readyReplicas: replicas, availableReplicas: replicas, updatedReplicas: replicas },
      },
    },
    {
      apply: event(cart.workload, 'ScalingReplicaSet', `Scaled up replica set cart-rs1 from 1 to ${replicas}`, {
        first: second,
        type: 'Normal',
      }),
    },
  ];
  const hpa = object('autoscaling/v2', 'HorizontalPodAutoscaler', 'shop/cart', {
    spec: {
      minReplicas: 1,
      maxReplicas: 4,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' },
    },
    status: {
      currentReplicas: 3,
      desiredReplicas: 3,
      conditions: [
        { type: 'ScalingActive', status: 'True' },
        { type: 'ScalingLimited', status: 'True', reason: 'TooFewReplicas' },
      ],
    },
  });
  assertHealthy(
    together(shop, {
      10: [{ apply: hpa }],
      200: scaled(3, 200),
      500: scaled(1, 500),
      510: [log(web.pod, 'ok', 'info')],
    }),
  );
});

test('CA128 an address of a Service that never was, in a program that runs, is untidy and no fault', () => {
  const untidy = running('shop/front', { container: told('http://cart:80', 'http://assistant:80') });
  assertHealthy(
    together(shop, {
      0: untidy.all,
      5: [log(untidy.pod, 'assistant is not configured: lookup assistant on 10.96.0.10:53: no such host')],
      1000: [log(untidy.pod, 'GET / 200', 'info')],
    }),
  );
});

test('CA129 a ConfigMap that was edited without effect is no cause of anything', () => {
  const map = (value: string): Seen => ({
    apply: object('v1', 'ConfigMap', 'shop/settings', { data: { level: value } }, { created: -DAY }),
  });
  assertHealthy(
    together(
      shop,
      { 0: [map('info')], 300: [map('debug')] },
      often(10, 900, 60, () => [log(web.pod, 'user 12 has no basket')]),
    ),
  );
});

test('CA130 an alert that was resolved is past; so is one that is told no more by who listed it', () => {
  const name = 'HighRequestErrorRate';
  assertHealthy(
    together(shop, {
      100: [alert(web.workload, name)],
      300: [alert(web.workload, name, { status: 'resolved' })],
      400: [log(web.pod, 'ok', 'info')],
    }),
  );
  assertHealthy(
    together(
      shop,
      often(60, 360, 60, () => [alert(web.workload, name)]),
      { 2400: [log(web.pod, 'ok', 'info')] },
    ),
  );
});

test('CA131 alerts that always fire, or tell only for information, are none', () =>
  assertHealthy(
    together(shop, {
      10: [
        alert({ kind: 'Prometheus', name: 'k8s', namespace: 'monitoring' }, 'Watchdog', { severity: 'critical' }),
        alert({ kind: 'Namespace', name: 'shop' }, 'InfoInhibitor', { labels: { severity: 'none' } }),
        alert(web.pod, 'CPUThrottlingHigh', { labels: { severity: 'info' } }),
        alert({ kind: 'Cluster', name: 'k8s' }, 'KubeMemoryOvercommit'),
        alert({ kind: 'Service', name: 'kubelet', namespace: 'kube-system' }, 'TargetDown'),
      ],
    }),
  ));

test('CA132 what an alert says of a pod that is well is late', () =>
  assertHealthy(
    together(shop, {
      100: [alert(web.pod, 'KubePodNotReady', { labels: { pod: web.pod.metadata.name, namespace: 'shop' } })],
      130: [
        alert(web.workload, 'KubeDeploymentReplicasMismatch', { labels: { deployment: 'web', namespace: 'shop' } }),
      ],
      600: [log(web.pod, 'ok', 'info')],
    }),
  ));

test('CA133 single errors, and the murmur of a program that always errs a little, are none', () => {
  assertHealthy(
    together(shop, {
      100: [log(web.pod, 'java.lang.NullPointerException at Cart.java:12')],
      900: [log(web.pod, 'ok', 'info')],
    }),
  );
  assertHealthy(
    together(
      shop,
      often(20, 1_200, 60, (second) => [log(web.pod, `exception: order ${second} is invalid`)]),
    ),
  );
  assertHealthy(
    together(
      shop,
      often(20, 1_200, 60, () => [log(web.pod, 'dial tcp 10.96.0.9:80: i/o timeout, retrying')]),
      often(0, 1_200, 5, () => [log(web.pod, 'GET / 200', 'info')]),
    ),
  );
});

test('CA134 a node that went and came back, with all the alerts that it set off, is past', () => {
  const node = (status: string, since: number): Seen => ({
    apply: object(
      'v1',
      'Node',
      'n1',
      {
        status: {
          conditions: [
            {
              type: 'Ready',
              status,
              reason: status === 'True' ? 'KubeletReady' : 'NodeStatusUnknown',
              lastTransitionTime: at(since),
            },
          ],
        },
      },
      { created: -DAY },
    ),
  });
  assertHealthy(
    together(shop, {
      0: [node('True', -DAY)],
      100: [
        node('Unknown', 100),
        alert({ kind: 'Node', name: 'n1' }, 'KubeNodeNotReady', { labels: { node: 'n1' } }),
        alert(web.pod, 'KubePodNotReady'),
        alert(cart.pod, 'KubePodNotReady'),
      ],
      110: [withStatus(web.pod, podStatus.unready(110)), withStatus(cart.pod, podStatus.unready(110))],
      160: [node('True', 160)],
      170: [withStatus(web.pod, podStatus.running(170)), withStatus(cart.pod, podStatus.running(170))],
      900: [log(web.pod, 'ok', 'info')],
    }),
  );
});

test('CA135 errors that began and ended are past: a burst, calls that work again, tests that pass again', () => {
  const burst = often(100, 220, 10, () => [
    log(web.pod, 'dial tcp 10.96.0.9:80: connect: connection refused'),
    trace(web.pod, 'cart'),
  ]);
  const test_ = (severity: 'error' | 'info'): Seen =>
    occur('probe', service('shop/cart'), { severity, message: 'tcp connect' });
  assertHealthy(
    together(shop, burst, {
      100: [test_('error')],
      120: [test_('error')],
      240: [test_('info')],
      1800: [log(web.pod, 'ok', 'info')],
    }),
  );
});

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

test('CA141 flags, limits and policies that were changed while all is well are no incident', () => {
  const flags = (variant: string): Seen => ({
    apply: object(
      'v1',
      'ConfigMap',
      'shop/flagd-config',
      {
        data: {
          'flags.json': JSON.stringify({ flags: { cartFailure: { state: 'ENABLED', defaultVariant: variant } } }),
        },
      },
      { created: -DAY },
    ),
  });
  assertHealthy(
    together(shop, {
      0: [flags('off')],
      200: [flags('on')],
      220: [occur('change', web.workload, { severity: 'info', message: 'pipeline 12 deployed web' })],
      900: [log(web.pod, 'ok', 'info')],
    }),
  );
});

test('CA142 fault injectors that are aimed at others, or are over, harm nobody', () => {
  const chaos = object(
    'chaos-mesh.org/v1alpha1',
    'NetworkChaos',
    'shop/delay',
    {
      spec: { action: 'delay', selector: { namespaces: ['shop'], labelSelectors: { app: 'cart' } } },
      status: { conditions: [{ type: 'AllRecovered', status: 'True' }] },
    },
    { created: 10 },
  );
  assertHealthy(together(shop, { 10: [{ apply: chaos }], 900: [log(web.pod, 'ok', 'info')] }));
});
