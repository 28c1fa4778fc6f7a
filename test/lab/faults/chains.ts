/** Faults of which others suffer, and others of these: the cause is where it began. */
import { caller } from '../callers.ts';
import type { Case } from '../fault.ts';
import { all, container, either, patch, patchContainer, patchPod, phase, restart, unready } from '../fault.ts';
import {
  configMap,
  database,
  deployment,
  fromConfigMap,
  image,
  named,
  secret,
  served,
  settings,
  variableFrom,
} from '../manifests.ts';

type Tree = Readonly<Record<string, unknown>>;

const linger = 85;
const mounted = { volumeMounts: [{ name: 'work', mountPath: '/scratch' }] };
/** No pod of the old release keeps serving while the new one cannot. */
const replaced = { spec: { strategy: { type: 'Recreate' } } };

function login(from: string): readonly Tree[] {
  return [
    variableFrom('DATABASE_USER', 'secretKeyRef', from, 'username'),
    variableFrom('DATABASE_PASSWORD', 'secretKeyRef', from, 'password'),
  ];
}

function account(namespace: string, name: string): Tree {
  return secret(namespace, name, { username: name.replace('-db', ''), password: 'Harvest-Moon-3' });
}

export const chainFaults: readonly Case[] = [
  {
    id: 'chain-settings-to-front',
    family: 'configuration',
    row: 'CFG-3',
    namespaces: ['emporium'],
    before: [
      configMap('emporium', 'tariffs', { 'settings.json': settings() }),
      ...served('emporium', 'tariffs', {
        args: ['-config=/etc/app/settings.json', '-tongue=java'],
        mounts: { '/etc/app': fromConfigMap('tariffs') },
        ...replaced,
      }),
      ...caller('emporium', 'checkout', 'http://tariffs:8080/', 'node'),
      ...caller('emporium', 'storefront', 'http://checkout:8080/'),
    ],
    inject: [
      { apply: [configMap('emporium', 'tariffs', { 'settings.json': settings({ retries: 5 }) })] },
      { wait: 3 },
      restart('deployment/tariffs'),
    ],
    shows: all(unready('storefront-'), container('tariffs-', /^(?:Error|CrashLoopBackOff)$/)),
    label: { root: 'ConfigMap/emporium/tariffs', reasons: ['config'], symptoms: ['Pod/emporium/*'] },
    linger,
  },
  {
    id: 'chain-image-to-init',
    family: 'image',
    row: 'IMG-1',
    namespaces: ['arsenal'],
    before: [
      ...served('arsenal', 'powder', replaced),
      deployment('arsenal', 'cannon', { pod: waitingFor('arsenal', 'powder'), replicas: 2 }),
    ],
    inject: [
      { kubectl: ['set', 'image', 'deployment/powder', 'powder=registry.local/powder:3'] },
      { wait: 10 },
      restart('deployment/cannon'),
    ],
    shows: container('powder-', /ImagePull/),
    label: { root: 'Deployment/arsenal/powder', reasons: ['image', 'pull'] },
    linger: 150,
  },
  {
    id: 'chain-claim-to-caller',
    family: 'storage',
    row: 'STO-1',
    namespaces: ['saltmine'],
    before: [
      ...served('saltmine', 'brine', { args: ['-dir=/scratch'], pod: onScratch(), container: mounted, ...replaced }),
      ...caller('saltmine', 'crystals', 'http://brine:8080/', 'python'),
    ],
    inject: [
      {
        apply: [
          named('v1', 'PersistentVolumeClaim', 'saltmine', 'brine', {
            spec: {
              accessModes: ['ReadWriteOnce'],
              storageClassName: 'local-disc',
              resources: { requests: { storage: '1Gi' } },
            },
          }),
        ],
      },
      patchPod('deployment/brine', {
        volumes: [{ name: 'work', emptyDir: null, persistentVolumeClaim: { claimName: 'brine' } }],
      }),
    ],
    shows: all(phase('brine-', 'Pending'), unready('crystals-')),
    label: {
      root: 'PersistentVolumeClaim/saltmine/brine',
      also: ['StorageClass//local-disc'],
      reasons: ['claim', 'volume', 'storage', 'class', 'bind'],
    },
    linger,
  },
  {
    id: 'chain-policy-to-front',
    family: 'network',
    row: 'NET-6',
    namespaces: ['counting-house'],
    before: [
      account('counting-house', 'sums-db'),
      ...database('counting-house', 'sums-db', 'sums-db'),
      ...served('counting-house', 'abacus', { args: ['-ready=all', '-database=sums-db:5432'], env: login('sums-db') }),
      ...caller('counting-house', 'reports', 'http://abacus:8080/', 'java'),
    ],
    inject: [
      {
        apply: [
          named('networking.k8s.io/v1', 'NetworkPolicy', 'counting-house', 'databases', {
            spec: {
              podSelector: { matchLabels: { app: 'sums-db' } },
              policyTypes: ['Ingress'],
              ingress: [{ from: [{ podSelector: { matchLabels: { tier: 'backend' } } }], ports: [{ port: 5432 }] }],
            },
          }),
        ],
      },
    ],
    shows: unready('reports-'),
    label: { root: 'NetworkPolicy/counting-house/databases', reasons: ['policy', 'network'] },
    linger,
  },
  {
    id: 'chain-account-to-caller',
    family: 'admission',
    row: 'ADM-4',
    namespaces: ['guildhall'],
    before: [
      named('v1', 'ServiceAccount', 'guildhall', 'charter'),
      ...served('guildhall', 'charter', { pod: { serviceAccountName: 'charter' }, ...replaced }),
      ...caller('guildhall', 'petitions', 'http://charter:8080/', 'node'),
    ],
    inject: [
      { kubectl: ['delete', 'serviceaccount', 'charter'] },
      { wait: 6 },
      { kubectl: ['set', 'image', 'deployment/charter', 'charter=registry.local/app:2'] },
    ],
    shows: unready('petitions-'),
    label: { root: 'ServiceAccount/guildhall/charter', reasons: ['account'] },
    linger,
  },
  {
    id: 'chain-selector-to-front',
    family: 'scheduling',
    row: 'SCH-1',
    namespaces: ['cornmill'],
    before: [
      ...served('cornmill', 'hopper', replaced),
      ...caller('cornmill', 'stones', 'http://hopper:8080/'),
      ...caller('cornmill', 'sifter', 'http://stones:8080/', 'python'),
    ],
    inject: [patchPod('deployment/hopper', { nodeSelector: { 'topology.kubernetes.io/zone': 'eu-4' } })],
    shows: all(phase('hopper-', 'Pending'), unready('sifter-')),
    label: { root: 'Deployment/cornmill/hopper', reasons: ['selector', 'label', 'schedul', 'node'] },
    linger,
  },
  {
    id: 'chain-memory-to-caller',
    family: 'runtime',
    row: 'RUN-1',
    namespaces: ['ropeworks'],
    before: [
      ...served('ropeworks', 'hemp', { args: ['-hold=36'], ...replaced }),
      ...caller('ropeworks', 'rigging', 'http://hemp:8080/', 'java'),
    ],
    inject: [
      patchContainer('deployment/hemp', { resources: { requests: { memory: '16Mi' }, limits: { memory: '22Mi' } } }),
    ],
    shows: all(container('hemp-', /^OOMKilled$/), unready('rigging-')),
    label: { root: 'Deployment/ropeworks/hemp', reasons: ['memory', 'oom', 'limit', 'resource'] },
    linger,
  },
  {
    id: 'chain-secret-to-front',
    family: 'configuration',
    row: 'CFG-1',
    namespaces: ['playhouse'],
    before: [
      account('playhouse', 'stage-db'),
      ...database('playhouse', 'stage-db', 'stage-db'),
      ...served('playhouse', 'rehearsals', {
        args: ['-ready=all', '-database=stage-db:5432'],
        env: login('stage-db'),
        ...replaced,
      }),
      ...caller('playhouse', 'boxoffice', 'http://rehearsals:8080/', 'python'),
    ],
    inject: [
      patch('secret/stage-db', [{ op: 'remove', path: '/data/username' }], 'json'),
      { wait: 5 },
      restart('deployment/rehearsals'),
    ],
    shows: either(unready('boxoffice-'), container('rehearsals-', /ConfigError/)),
    label: { root: 'Secret/playhouse/stage-db', reasons: ['secret', 'key', 'missing'] },
    linger,
  },
];

function onScratch(): Tree {
  return { volumes: [{ name: 'work', emptyDir: {} }] };
}

function waitingFor(namespace: string, host: string): Tree {
  const url = `http://${host}.${namespace}.svc.cluster.local:8080/healthz`;
  const command = `until timeout 3 wget -q -O - ${url}; do echo "waiting for ${url}"; sleep 4; done`;
  return { initContainers: [{ name: 'wait', image, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', command] }] };
}
