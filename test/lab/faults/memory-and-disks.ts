/** Too little memory, too little room, and too few rights on what is there. */
import { certificateFor } from '../certificates.ts';
import type { Case } from '../fault.ts';
import {
  container,
  either,
  event,
  logged,
  patchContainer,
  patchPod,
  phase,
  restart,
  restarted,
  unready,
} from '../fault.ts';
import { deployment, fromSecret, named, served, statefulSet } from '../manifests.ts';

const memory = ['memory', 'oom', 'limit', 'resource'];
const killed = container('', /^OOMKilled$/);
const work = (source: object): Readonly<Record<string, unknown>> => ({ volumes: [{ name: 'work', ...source }] });
const mounted = { volumeMounts: [{ name: 'work', mountPath: '/scratch' }] };

function vault(expired = false): object {
  const { certificate, key } = certificateFor('vault', { expired });
  return named('v1', 'Secret', 'treasury', 'vault-tls', {
    type: 'kubernetes.io/tls',
    stringData: { 'tls.crt': certificate, 'tls.key': key },
  });
}

export const memoryAndDiskFaults: readonly Case[] = [
  {
    id: 'memory-limit-lowered',
    family: 'runtime',
    row: 'RUN-1',
    namespaces: ['pottery'],
    before: [...served('pottery', 'kiln', { args: ['-hold=40'], replicas: 2 }), ...served('pottery', 'wheel')],
    inject: [{ kubectl: ['set', 'resources', 'deployment/kiln', '--limits=memory=24Mi', '--requests=memory=16Mi'] }],
    shows: killed,
    label: { root: 'Deployment/pottery/kiln', reasons: memory },
  },
  {
    id: 'memory-leak-released',
    family: 'runtime',
    row: 'RUN-2',
    namespaces: ['dairy'],
    before: served('dairy', 'churner', { args: ['-every=1s'] }),
    inject: [patchContainer('deployment/churner', { command: ['app', 'serve', '-every=1s', '-grow=6'] })],
    shows: restarted('churner-', 2),
    label: { root: 'Deployment/dairy/churner', reasons: [...memory, 'leak', 'release', 'command', 'template'] },
    patience: 180,
  },
  {
    id: 'memory-always-too-little',
    family: 'runtime',
    row: 'RUN-1',
    namespaces: ['mosaic'],
    before: served('mosaic', 'tiles'),
    inject: [
      {
        apply: [
          statefulSet('mosaic', 'renderer', {
            args: ['-hold=90'],
            container: { resources: { requests: { memory: '16Mi' }, limits: { memory: '48Mi' } } },
          }),
        ],
      },
    ],
    shows: killed,
    label: { root: 'StatefulSet/mosaic/renderer', reasons: memory },
  },
  {
    id: 'memory-default-by-limit-range',
    family: 'admission',
    row: 'RUN-1',
    namespaces: ['weavers'],
    before: [
      ...served('weavers', 'loom', { args: ['-hold=40'], container: { resources: { requests: { cpu: '5m' } } } }),
    ],
    inject: [
      {
        apply: [
          named('v1', 'LimitRange', 'weavers', 'defaults', {
            spec: { limits: [{ type: 'Container', default: { memory: '20Mi' }, defaultRequest: { memory: '8Mi' } }] },
          }),
        ],
      },
      { wait: 4 },
      restart('deployment/loom'),
    ],
    shows: killed,
    label: { root: 'LimitRange/weavers/defaults', reasons: [...memory, 'default'] },
  },
  {
    id: 'disk-scratch-over-limit',
    family: 'runtime',
    row: 'RUN-13',
    namespaces: ['darkroom'],
    before: [
      deployment('darkroom', 'developer', {
        args: ['-dir=/scratch'],
        pod: work({ emptyDir: { sizeLimit: '12Mi' } }),
        container: mounted,
      }),
    ],
    inject: [
      patchContainer('deployment/developer', { command: ['app', 'serve', '-dir=/scratch', '-write=3', '-every=2s'] }),
    ],
    shows: either(phase('developer-', 'Failed'), event('Evicted', /./)),
    label: {
      root: 'Deployment/darkroom/developer',
      reasons: ['evict', 'storage', 'disk', 'volume', 'ephemeral', 'limit'],
    },
    patience: 200,
  },
  {
    id: 'disk-in-memory-full',
    family: 'runtime',
    row: 'RUN-15',
    namespaces: ['apiary'],
    before: [
      deployment('apiary', 'hives', {
        args: ['-dir=/scratch', '-tongue=java', '-write=1', '-every=2s'],
        pod: work({ emptyDir: { medium: 'Memory', sizeLimit: '400Mi' } }),
        container: { ...mounted, resources: { requests: { memory: '16Mi' }, limits: { memory: '600Mi' } } },
      }),
    ],
    inject: [patchPod('deployment/hives', work({ emptyDir: { medium: 'Memory', sizeLimit: '6Mi' } }))],
    shows: either(restarted('hives-', 2), logged('hives-', /No space left/, 1)),
    label: { root: 'Deployment/apiary/hives', reasons: ['volume', 'disk', 'space', 'full', 'storage', 'template'] },
    patience: 180,
  },
  {
    id: 'disk-claim-full',
    family: 'storage',
    row: 'RUN-14',
    namespaces: ['granite'],
    prepare: [{ node: 'mkdir -p /run/disks/7 && mount -t tmpfs -o size=16m tmpfs /run/disks/7' }],
    before: [
      named('v1', 'PersistentVolume', '', 'worker-1-disk-7', {
        spec: {
          capacity: { storage: '16Mi' },
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'local-disk',
          claimRef: { namespace: 'granite', name: 'blocks' },
          hostPath: { path: '/run/disks/7' },
        },
      }),
      named('v1', 'PersistentVolumeClaim', 'granite', 'blocks', {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '16Mi' } } },
      }),
      deployment('granite', 'cutter', {
        args: ['-dir=/scratch'],
        pod: work({ persistentVolumeClaim: { claimName: 'blocks' } }),
        container: mounted,
        spec: { strategy: { type: 'Recreate' } },
      }),
    ],
    inject: [
      patchContainer('deployment/cutter', { command: ['app', 'serve', '-dir=/scratch', '-write=1', '-every=2s'] }),
    ],
    shows: restarted('cutter-', 2),
    label: {
      root: 'PersistentVolumeClaim/granite/blocks',
      also: ['Deployment/granite/cutter'],
      reasons: ['full', 'disk', 'space', 'volume', 'storage'],
    },
    after: [{ node: 'umount /run/disks/7; rm -rf /run/disks/7' }],
    patience: 180,
  },
  {
    id: 'rights-runs-as-root-refused',
    family: 'runtime',
    row: 'RUN-10',
    namespaces: ['embassy'],
    before: served('embassy', 'visas', { replicas: 2 }),
    inject: [patchPod('deployment/visas', { securityContext: { runAsNonRoot: true } })],
    shows: container('visas-', /^CreateContainerConfigError$/),
    label: { root: 'Deployment/embassy/visas', reasons: ['security', 'root', 'user'] },
  },
  {
    id: 'rights-user-cannot-write',
    family: 'runtime',
    row: 'RUN-11',
    namespaces: ['notary'],
    before: [
      deployment('notary', 'deeds', {
        args: ['-dir=/scratch', '-tongue=python'],
        pod: work({ hostPath: { path: '/run/deeds', type: 'DirectoryOrCreate' } }),
        container: mounted,
      }),
    ],
    inject: [patchPod('deployment/deeds', { securityContext: { runAsUser: 1000, runAsGroup: 1000 } })],
    shows: restarted('deeds-', 2),
    label: {
      root: 'Deployment/notary/deeds',
      reasons: ['security', 'permission', 'user', 'denied', 'volume', 'template'],
    },
  },
  {
    id: 'rights-read-only-root',
    family: 'runtime',
    row: 'RUN-11',
    namespaces: ['smithy'],
    before: [statefulSet('smithy', 'anvil', { args: ['-dir=/tmp'] })],
    inject: [patchContainer('statefulset/anvil', { securityContext: { readOnlyRootFilesystem: true } })],
    shows: restarted('anvil-', 2),
    label: { root: 'StatefulSet/smithy/anvil', reasons: ['security', 'read-?only', 'permission', 'file', 'template'] },
  },
  {
    id: 'certificate-expired',
    family: 'runtime',
    row: 'RUN-16',
    namespaces: ['treasury'],
    get before() {
      return [
        vault(),
        ...served('treasury', 'vault', {
          args: ['-tls=/etc/tls'],
          port: 8443,
          mounts: { '/etc/tls': fromSecret('vault-tls') },
          container: { readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 3 } },
        }),
        deployment('treasury', 'teller', {
          args: ['-ready=all', '-upstream=https://vault:8443/healthz', '-ca=/etc/trust/tls.crt'],
          mounts: {
            '/etc/trust': { secret: { secretName: 'vault-tls', items: [{ key: 'tls.crt', path: 'tls.crt' }] } },
          },
        }),
      ];
    },
    get inject() {
      return [{ apply: [vault(true)] }, { wait: 2 }, restart('deployment/vault'), restart('deployment/teller')];
    },
    shows: unready('teller-'),
    label: { root: 'Secret/treasury/vault-tls', reasons: ['cert', 'expired', 'tls', 'secret'] },
    linger: 80,
  },
];
