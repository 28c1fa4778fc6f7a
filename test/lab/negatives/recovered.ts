/** Something was wrong, and is not any more. What is over is no incident. */
import { all, type Case, condition, patch, ready, restart, type Step } from '../fault.ts';
import {
  configMap,
  cronJob,
  deployment,
  fromConfigMap,
  job,
  named,
  served,
  settings,
  statefulSet,
} from '../manifests.ts';
import { inPool, pool } from '../nodes.ts';
import { REAL_NODE } from '../place.ts';
import { innocent } from './innocent.ts';

type Tree = Readonly<Record<string, unknown>>;

function undo(of: string): Step {
  return { kubectl: ['rollout', 'undo', of] };
}

const work = [{ name: 'work', emptyDir: {} }];
const mounted = { volumeMounts: [{ name: 'work', mountPath: '/scratch' }] };
const tryTwice = '[ -f /scratch/seen ] || { touch /scratch/seen; echo "ERROR no fix yet"; exit 1; }; echo calibrated';

/** Takes too much with its first start, and less with its second. */
function stumbleByMemory(): Tree {
  const command = '[ -f /scratch/seen ] || { touch /scratch/seen; exec app serve -hold=90; }; exec app serve';
  return { command: ['sh', '-c', command], pod: { volumes: work }, container: mounted };
}

export const recoveredCases: readonly Case[] = [
  innocent(
    'over-bad-settings',
    'printer',
    [
      configMap('printer', 'trays', { 'settings.json': settings() }),
      deployment('printer', 'queue', {
        args: ['-config=/etc/app/settings.json'],
        mounts: { '/etc/app': fromConfigMap('trays') },
      }),
    ],
    {
      inject: [
        patch('configmap/trays', { data: { 'settings.json': '{' } }, 'merge'),
        restart('deployment/queue'),
        { wait: 25 },
        patch('configmap/trays', { data: { 'settings.json': settings() } }, 'merge'),
        restart('deployment/queue'),
      ],
      shows: ready('queue'),
    },
  ),
  innocent('over-bad-image', 'florist', served('florist', 'tulips', { replicas: 2 }), {
    inject: [
      { kubectl: ['set', 'image', 'deployment/tulips', 'tulips=registry.local/app:77'] },
      { wait: 25 },
      undo('deployment/tulips'),
    ],
    shows: ready('tulips'),
  }),
  innocent(
    'over-cordon',
    'greengrocer',
    [...pool('crate', 1), deployment('greengrocer', 'leeks', { pod: inPool('crate') })],
    {
      inject: [
        { kubectl: ['cordon', 'crate-1'] },
        restart('deployment/leeks'),
        { wait: 20 },
        { kubectl: ['uncordon', 'crate-1'] },
      ],
      shows: ready('leeks'),
    },
  ),
  innocent(
    'over-quota',
    'fishmonger',
    [
      named('v1', 'ResourceQuota', 'fishmonger', 'stall', { spec: { hard: { pods: '5' } } }),
      ...served('fishmonger', 'herring'),
    ],
    {
      inject: [
        { kubectl: ['scale', 'deployment/herring', '--replicas=7'] },
        { wait: 20 },
        patch('resourcequota/stall', { spec: { hard: { pods: '20' } } }, 'merge'),
        { wait: 2 },
        { kubectl: ['scale', 'deployment/herring', '--replicas=6'] },
      ],
      shows: ready('herring'),
      churn: [],
      linger: 75,
    },
  ),
  innocent(
    'over-service-deleted',
    'jeweller',
    [
      ...served('jeweller', 'gems'),
      ...served('jeweller', 'rings', { args: ['-ready=all', '-upstream=http://gems:8080/'] }),
    ],
    {
      inject: [
        { kubectl: ['delete', 'service', 'gems'] },
        { wait: 20 },
        { apply: [(served('jeweller', 'gems')[1] ?? {}) as Tree] },
      ],
      shows: ready('gems', 'rings'),
    },
  ),
  innocent(
    'over-killed-pods',
    'stonemason',
    [...served('stonemason', 'arches', { replicas: 3 }), statefulSet('stonemason', 'keystone')],
    {
      inject: [
        { kubectl: ['delete', 'pod', '-l', 'app=arches', '--wait=false'] },
        { wait: 15 },
        { kubectl: ['delete', 'pod', 'keystone-0', '--wait=false', '--grace-period=0', '--force'] },
      ],
      shows: ready('arches', 'keystone'),
    },
  ),
  innocent('over-killed-once-by-memory', 'soapworks', [statefulSet('soapworks', 'lather', stumbleByMemory())], {
    inject: [{ kubectl: ['delete', 'pod', 'lather-0', '--wait=false'] }, { wait: 8 }],
    shows: ready('lather'),
    linger: 75,
  }),
  innocent(
    'over-failed-job',
    'sextant',
    [cronJob('sextant', 'bearings', { command: ['sh', '-c', 'echo plotted'] }), ...served('sextant', 'charts')],
    {
      inject: [
        {
          apply: [
            job('sextant', 'calibrate', {
              command: ['sh', '-c', tryTwice],
              pod: { volumes: work, restartPolicy: 'OnFailure' },
              container: mounted,
            }),
          ],
        },
      ],
      shows: condition('Job', 'calibrate', 'Complete', 'True'),
    },
  ),
  innocent('over-claim-waits', 'granary-annex', [...served('granary-annex', 'sacks')], {
    inject: [
      {
        apply: [
          named('v1', 'PersistentVolumeClaim', 'granary-annex', 'oats', {
            spec: {
              accessModes: ['ReadWriteOnce'],
              volumeName: 'worker-1-disk-40',
              resources: { requests: { storage: '1Gi' } },
            },
          }),
          deployment('granary-annex', 'silo', {
            pod: { volumes: [{ name: 'work', persistentVolumeClaim: { claimName: 'oats' } }] },
            container: mounted,
          }),
        ],
      },
      { wait: 20 },
      {
        apply: [
          named('v1', 'PersistentVolume', '', 'worker-1-disk-40', {
            spec: {
              capacity: { storage: '1Gi' },
              accessModes: ['ReadWriteOnce'],
              storageClassName: 'local-disk',
              hostPath: { path: '/run/disks/40', type: 'DirectoryOrCreate' },
            },
          }),
        ],
      },
    ],
    shows: ready('silo'),
  }),
  innocent('over-account-late', 'novice', served('novice', 'habit'), {
    inject: [
      { apply: [deployment('novice', 'vows', { pod: { serviceAccountName: 'vows' } })] },
      { wait: 4 },
      { apply: [named('v1', 'ServiceAccount', 'novice', 'vows')] },
    ],
    shows: ready('vows'),
  }),
  innocent(
    'over-kubelet-restart',
    'millpond',
    [...served('millpond', 'ducks', { replicas: 2 }), ...served('millpond', 'reeds')],
    {
      alone: true,
      inject: [{ stop: 'kubelet' }, { wait: 8 }, { start: 'kubelet' }],
      shows: ready('ducks'),
    },
  ),
  innocent(
    'over-node-flap',
    'ferryman',
    [...served('ferryman', 'oars', { replicas: 2 }), ...served('ferryman', 'landing')],
    {
      alone: true,
      inject: [{ stop: 'kubelet' }, { wait: 70 }, { start: 'kubelet' }, { wait: 5 }],
      shows: all(condition('Node', REAL_NODE, 'Ready', 'True'), ready('oars', 'landing')),
      churn: [],
      linger: 75,
    },
  ),
  innocent('over-scheduler-restart', 'signpost', served('signpost', 'arrows'), {
    alone: true,
    inject: [
      { stop: 'scheduler' },
      { kubectl: ['scale', 'deployment/arrows', '--replicas=3'] },
      { wait: 12 },
      { start: 'scheduler' },
    ],
    shows: ready('arrows'),
  }),
];
