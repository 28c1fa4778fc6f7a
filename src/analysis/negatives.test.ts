/** Workloads with which nothing is wrong, however it looks: nobody may be told of an incident. */
import { test } from 'node:test';
import { at, deployment, event, object, podStatus, type Seen } from '../../test/support/estate.ts';
import { assertHealthy } from '../../test/support/healthy.ts';
import { cart, shop, web } from '../../test/support/shop.ts';
import { alert, log, service, together } from '../../test/support/told.ts';
import type { KubeObject } from '../model/change.ts';

const DAY = 86_400;

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
