/** Volumes that cannot be had. */
import type { Case } from '../fault.ts';
import { either, event, patchPod, phase } from '../fault.ts';
import { deployment, named, served, statefulSet } from '../manifests.ts';

type Tree = Readonly<Record<string, unknown>>;

const pending = (pod: string): Case['shows'] => phase(pod, 'Pending');
const linger = 50;
const reasons = ['volume', 'claim', 'storage', 'pvc', 'class', 'bind', 'mount'];
const mounted = { volumeMounts: [{ name: 'work', mountPath: '/scratch' }] };

/** A disk of the node, for one claim. */
function disk(name: string, claim: string, more: Tree = {}): Tree {
  const [namespace, claimName] = claim.split('/');
  return named('v1', 'PersistentVolume', '', name, {
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'local-disk',
      ...(claimName && { claimRef: { namespace, name: claimName } }),
      hostPath: { path: `/run/disks/${name}`, type: 'DirectoryOrCreate' },
      ...more,
    },
  });
}

function claim(namespace: string, name: string, more: Tree = {}): Tree {
  return named('v1', 'PersistentVolumeClaim', namespace, name, {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more },
  });
}

function using(claimName: string, pod: Tree = {}): Tree {
  return { volumes: [{ name: 'work', persistentVolumeClaim: { claimName } }], ...pod };
}

export const storageFaults: readonly Case[] = [
  {
    id: 'class-missing',
    family: 'storage',
    row: 'STO-1',
    namespaces: ['seedbank'],
    before: served('seedbank', 'labels'),
    inject: [
      {
        apply: [
          statefulSet('seedbank', 'vault', {
            spec: {
              volumeClaimTemplates: [
                { metadata: { name: 'seeds' }, spec: claimSpec({ storageClassName: 'premium-ssd' }) },
              ],
            },
            container: { volumeMounts: [{ name: 'seeds', mountPath: '/seeds' }] },
          }),
        ],
      },
    ],
    shows: event('ProvisioningFailed', /not found/),
    label: {
      root: 'PersistentVolumeClaim/seedbank/seeds-vault-0',
      also: ['StorageClass//premium-ssd', 'StatefulSet/seedbank/vault'],
      reasons,
    },
    linger,
  },
  {
    id: 'claim-larger-than-volumes',
    family: 'storage',
    row: 'STO-2',
    namespaces: ['reservoir'],
    before: [disk('worker-1-disk-20', 'reservoir/'), ...served('reservoir', 'gauge')],
    inject: [
      {
        apply: [
          claim('reservoir', 'levels', {
            resources: { requests: { storage: '80Gi' } },
            volumeName: 'worker-1-disk-20',
          }),
          deployment('reservoir', 'levels', { pod: using('levels'), container: mounted }),
        ],
      },
    ],
    shows: pending('levels-'),
    label: { root: 'PersistentVolumeClaim/reservoir/levels', reasons },
    linger,
  },
  {
    id: 'volume-of-another-claim',
    family: 'storage',
    row: 'STO-3',
    namespaces: ['icehouse'],
    before: [
      disk('worker-1-disk-21', 'icehouse/blocks'),
      claim('icehouse', 'blocks', { volumeName: 'worker-1-disk-21' }),
      deployment('icehouse', 'blocks', { pod: using('blocks'), container: mounted }),
    ],
    inject: [
      {
        apply: [
          claim('icehouse', 'shavings', { volumeName: 'worker-1-disk-21' }),
          deployment('icehouse', 'shavings', { pod: using('shavings'), container: mounted }),
        ],
      },
    ],
    shows: pending('shavings-'),
    label: {
      root: 'PersistentVolumeClaim/icehouse/shavings',
      also: ['PersistentVolumeClaim/icehouse/blocks', 'PersistentVolume//worker-1-disk-21'],
      reasons,
    },
    linger,
  },
  {
    id: 'claim-name-typo',
    family: 'storage',
    row: 'STO-4',
    namespaces: ['hatchery'],
    before: [
      disk('worker-1-disk-22', 'hatchery/eggs'),
      claim('hatchery', 'eggs'),
      deployment('hatchery', 'incubator', { pod: using('eggs'), container: mounted }),
    ],
    inject: [patchPod('deployment/incubator', using('egg'))],
    shows: pending('incubator-'),
    label: {
      root: 'Deployment/hatchery/incubator',
      also: ['PersistentVolumeClaim/hatchery/egg'],
      reasons: [...reasons, 'missing', 'reference'],
    },
    linger,
  },
  {
    id: 'claim-deleted-in-use',
    family: 'storage',
    row: 'STO-4',
    namespaces: ['cannery'],
    before: [
      disk('worker-1-disk-23', 'cannery/tins', { persistentVolumeReclaimPolicy: 'Retain' }),
      claim('cannery', 'tins'),
      deployment('cannery', 'sealer', { pod: using('tins'), container: mounted }),
    ],
    inject: [
      { kubectl: ['delete', 'pvc', 'tins', '--wait=false'] },
      { wait: 10 },
      { kubectl: ['delete', 'pod', '-l', 'app=sealer'] },
    ],
    shows: either(pending('sealer-'), event('FailedScheduling', /./)),
    label: { root: 'PersistentVolumeClaim/cannery/tins', reasons: [...reasons, 'missing', 'deleted'] },
    linger,
  },
  {
    id: 'volume-on-another-node',
    family: 'storage',
    row: 'STO-6',
    namespaces: ['cooperage'],
    before: [
      disk('worker-1-disk-24', 'cooperage/staves', {
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['worker-1'] }] },
            ],
          },
        },
      }),
      claim('cooperage', 'staves'),
      statefulSet('cooperage', 'barrels', { pod: using('staves'), container: mounted }),
    ],
    inject: [
      patchPod('statefulset/barrels', {
        nodeSelector: { pool: 'batch' },
        tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'batch', effect: 'NoSchedule' }],
      }),
    ],
    shows: pending('barrels-'),
    label: {
      root: 'StatefulSet/cooperage/barrels',
      also: ['PersistentVolume//worker-1-disk-24'],
      reasons: [...reasons, 'selector', 'affinity', 'node'],
    },
    linger,
  },
  {
    id: 'disk-not-there',
    family: 'storage',
    row: 'STO-7',
    namespaces: ['peatland'],
    prepare: [{ node: 'mkdir -p /run/disks/25' }],
    before: [
      disk('worker-1-disk-25', 'peatland/turf', { hostPath: { path: '/run/disks/25', type: 'Directory' } }),
      claim('peatland', 'turf'),
      deployment('peatland', 'stack', { pod: using('turf'), container: mounted }),
    ],
    inject: [
      { node: 'mv /run/disks/25 /run/disks/25-old' },
      { kubectl: ['delete', 'pod', '-l', 'app=stack', '--wait=false'] },
    ],
    shows: event('FailedMount', /hostPath type check failed/),
    label: {
      root: 'PersistentVolume//worker-1-disk-25',
      also: ['Node//worker-1'],
      reasons: [...reasons, 'disk', 'path'],
    },
    linger,
  },
  {
    id: 'claim-for-many-writers',
    family: 'storage',
    row: 'STO-2',
    namespaces: ['scriptorium'],
    before: [disk('worker-1-disk-26', 'scriptorium/'), ...served('scriptorium', 'quills')],
    inject: [
      {
        apply: [
          claim('scriptorium', 'parchment', { accessModes: ['ReadWriteMany'] }),
          deployment('scriptorium', 'copyists', { replicas: 2, pod: using('parchment'), container: mounted }),
        ],
      },
    ],
    shows: pending('copyists-'),
    label: { root: 'PersistentVolumeClaim/scriptorium/parchment', reasons: [...reasons, 'access'] },
    linger,
  },
  {
    id: 'claim-for-one-pod',
    family: 'storage',
    row: 'STO-5',
    namespaces: ['saltworks'],
    before: [
      disk('worker-1-disk-27', 'saltworks/brine', { accessModes: ['ReadWriteOncePod'] }),
      claim('saltworks', 'brine', { accessModes: ['ReadWriteOncePod'] }),
      deployment('saltworks', 'pans', { pod: using('brine'), container: mounted }),
    ],
    inject: [{ kubectl: ['scale', 'deployment/pans', '--replicas=2'] }],
    shows: pending('pans-'),
    label: {
      root: 'Deployment/saltworks/pans',
      also: ['PersistentVolumeClaim/saltworks/brine'],
      reasons: [...reasons, 'scale', 'replica', 'access'],
    },
    linger,
  },
];

function claimSpec(more: Tree): Tree {
  return { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more };
}
