import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PodCells, podCells, podHealth } from './pod-status.ts';

type Case = readonly [name: string, pod: object, cells: PodCells, health: string];

const main = (state: object, more: object = {}) => ({ name: 'main', restartCount: 0, ready: false, state, ...more });
const running = { running: {} };
const spec = { containers: [{ name: 'main' }] };
const ready = [{ type: 'Ready', status: 'True' }];
const notReady = [{ type: 'Ready', status: 'False' }];
const withInit = { ...spec, initContainers: [{ name: 'init' }] };
const withSidecar = { ...spec, initContainers: [{ name: 'proxy', restartPolicy: 'Always' }, { name: 'init' }] };

const cases: readonly Case[] = [
  [
    'running and ready',
    {
      spec,
      status: {
        phase: 'Running',
        conditions: ready,
        containerStatuses: [main(running, { ready: true, restartCount: 2 })],
      },
    },
    { ready: '1/1', status: 'Running', restarts: 2 },
    'healthy',
  ],
  [
    'crash loop',
    {
      spec,
      status: {
        phase: 'Running',
        conditions: notReady,
        containerStatuses: [main({ waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 7 })],
      },
    },
    { ready: '0/1', status: 'CrashLoopBackOff', restarts: 7 },
    'critical CrashLoopBackOff',
  ],
  [
    'running, not ready',
    { spec, status: { phase: 'Running', conditions: notReady, containerStatuses: [main(running)] } },
    { ready: '0/1', status: 'Running', restarts: 0 },
    'warning NotReady',
  ],
  [
    'no node fits',
    {
      spec,
      status: {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }],
      },
    },
    { ready: '0/1', status: 'Pending', restarts: 0 },
    'critical Unschedulable',
  ],
  [
    'held by a scheduling gate',
    {
      spec,
      status: {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
      },
    },
    { ready: '0/1', status: 'SchedulingGated', restarts: 0 },
    'warning SchedulingGated',
  ],
  [
    'image cannot be pulled',
    {
      spec,
      status: { phase: 'Pending', containerStatuses: [main({ waiting: { reason: 'ImagePullBackOff' } })] },
    },
    { ready: '0/1', status: 'ImagePullBackOff', restarts: 0 },
    'critical ImagePullBackOff',
  ],
  [
    'container being created',
    {
      spec,
      status: { phase: 'Pending', containerStatuses: [main({ waiting: { reason: 'ContainerCreating' } })] },
    },
    { ready: '0/1', status: 'ContainerCreating', restarts: 0 },
    'warning ContainerCreating',
  ],
  [
    'init container running',
    {
      spec: withInit,
      status: {
        phase: 'Pending',
        initContainerStatuses: [{ name: 'init', restartCount: 3, ready: false, state: running }],
        containerStatuses: [main({ waiting: { reason: 'PodInitializing' } }, { restartCount: 9 })],
      },
    },
    { ready: '0/1', status: 'Init:0/1', restarts: 3 },
    'warning Init:0/1',
  ],
  [
    'init container failed',
    {
      spec: withInit,
      status: {
        phase: 'Pending',
        initContainerStatuses: [
          { name: 'init', restartCount: 1, ready: false, state: { terminated: { exitCode: 1, reason: 'Error' } } },
        ],
      },
    },
    { ready: '0/1', status: 'Init:Error', restarts: 1 },
    'critical Init:Error',
  ],
  [
    'init container killed by a signal',
    {
      spec: withInit,
      status: {
        phase: 'Pending',
        initContainerStatuses: [
          { name: 'init', restartCount: 0, ready: false, state: { terminated: { exitCode: 137, signal: 9 } } },
        ],
      },
    },
    { ready: '0/1', status: 'Init:Signal:9', restarts: 0 },
    'critical Init:Signal:9',
  ],
  [
    'a sidecar counts as a container, and its restarts count on',
    {
      spec: withSidecar,
      status: {
        phase: 'Running',
        conditions: ready,
        initContainerStatuses: [
          { name: 'proxy', restartCount: 4, ready: true, started: true, state: running },
          { name: 'init', restartCount: 2, ready: true, state: { terminated: { exitCode: 0, reason: 'Completed' } } },
        ],
        containerStatuses: [main(running, { ready: true, restartCount: 1 })],
      },
    },
    { ready: '2/2', status: 'Running', restarts: 5 },
    'healthy',
  ],
  [
    'a sidecar that has not started holds the pod up',
    {
      spec: withSidecar,
      status: {
        phase: 'Pending',
        initContainerStatuses: [{ name: 'proxy', restartCount: 0, ready: false, started: false, state: running }],
      },
    },
    { ready: '0/2', status: 'Init:0/2', restarts: 0 },
    'warning Init:0/2',
  ],
  [
    'a sidecar restarts after initialisation: the main containers speak, the sidecar gives its status',
    {
      spec: withSidecar,
      status: {
        phase: 'Running',
        conditions: [{ type: 'Initialized', status: 'True' }, ...notReady],
        initContainerStatuses: [
          {
            name: 'proxy',
            restartCount: 6,
            ready: false,
            started: false,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
          },
        ],
        containerStatuses: [main(running, { ready: true })],
      },
    },
    { ready: '1/2', status: 'Init:CrashLoopBackOff', restarts: 6 },
    'critical Init:CrashLoopBackOff',
  ],
  [
    'done',
    {
      spec,
      status: {
        phase: 'Succeeded',
        containerStatuses: [main({ terminated: { exitCode: 0, reason: 'Completed' } })],
      },
    },
    { ready: '0/1', status: 'Completed', restarts: 0 },
    'healthy Completed',
  ],
  [
    'one container done, another runs and is ready',
    {
      spec: { containers: [{ name: 'main' }, { name: 'other' }] },
      status: {
        phase: 'Running',
        conditions: ready,
        containerStatuses: [
          main({ terminated: { exitCode: 0, reason: 'Completed' } }),
          { name: 'other', ready: true, restartCount: 0, state: running },
        ],
      },
    },
    { ready: '1/2', status: 'Running', restarts: 0 },
    'healthy',
  ],
  [
    'one container done, another failed',
    {
      spec: { containers: [{ name: 'main' }, { name: 'other' }] },
      status: {
        phase: 'Running',
        conditions: notReady,
        containerStatuses: [
          main({ terminated: { exitCode: 0, reason: 'Completed' } }),
          { name: 'other', ready: false, restartCount: 0, state: { terminated: { exitCode: 2 } } },
        ],
      },
    },
    { ready: '0/2', status: 'ExitCode:2', restarts: 0 },
    'critical ExitCode:2',
  ],
  [
    'one container done, another runs, not ready',
    {
      spec: { containers: [{ name: 'main' }, { name: 'other' }] },
      status: {
        phase: 'Running',
        conditions: notReady,
        containerStatuses: [
          main({ terminated: { exitCode: 0, reason: 'Completed' } }),
          { name: 'other', ready: true, restartCount: 0, state: running },
        ],
      },
    },
    { ready: '1/2', status: 'NotReady', restarts: 0 },
    'warning NotReady',
  ],
  [
    'evicted',
    { spec, status: { phase: 'Failed', reason: 'Evicted', message: 'low on memory' } },
    { ready: '0/1', status: 'Evicted', restarts: 0 },
    'critical Evicted',
  ],
  [
    'out of memory',
    {
      spec,
      status: {
        phase: 'Failed',
        containerStatuses: [main({ terminated: { exitCode: 137, reason: 'OOMKilled' } })],
      },
    },
    { ready: '0/1', status: 'OOMKilled', restarts: 0 },
    'critical OOMKilled',
  ],
  [
    'being deleted',
    {
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
      spec,
      status: { phase: 'Running', conditions: ready, containerStatuses: [main(running, { ready: true })] },
    },
    { ready: '1/1', status: 'Terminating', restarts: 0 },
    'healthy',
  ],
  [
    'being deleted, already done',
    {
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
      spec,
      status: {
        phase: 'Succeeded',
        containerStatuses: [main({ terminated: { exitCode: 0, reason: 'Completed' } })],
      },
    },
    { ready: '0/1', status: 'Completed', restarts: 0 },
    'healthy Completed',
  ],
  [
    'node lost',
    {
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' },
      spec,
      status: { phase: 'Running', reason: 'NodeLost', conditions: notReady },
    },
    { ready: '0/1', status: 'Unknown', restarts: 0 },
    'critical Unknown',
  ],
  ['no status yet', { spec }, { ready: '0/1', status: 'Unknown', restarts: 0 }, 'unknown'],
];

for (const [name, pod, cells, health] of cases) {
  test(`K52 READY, STATUS and RESTARTS read as kubectl prints them: ${name}`, () => {
    assert.deepEqual(podCells(pod as never), cells);
  });
  test(`K53 a pod's health tells the on-call engineer why: ${name}`, () => {
    const { status, reason } = podHealth(pod as never);
    assert.equal([status, reason].filter(Boolean).join(' '), health);
  });
}
