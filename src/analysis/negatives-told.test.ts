/** Logs, alerts and changes behind which nothing is wrong: nobody may be told of an incident. */
import { test } from 'node:test';
import { object, type Seen } from '../../test/support/estate.ts';
import { assertHealthy } from '../../test/support/healthy.ts';
import { calling, running, shop, web } from '../../test/support/shop.ts';
import { alert, log, occur, often, service, together, trace } from '../../test/support/told.ts';

const DAY = 86_400;

test('CA128 an address of a Service that never was, in a program that runs, is untidy and no fault', () => {
  const untidy = running('shop/front', { container: calling('cart:80', 'assistant:80') });
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
  const gone = (): Seen[] => [log(web.pod, 'error: write tcp: context canceled by the client')];
  assertHealthy(together(shop, often(600, 1_200, 10, gone)));
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
