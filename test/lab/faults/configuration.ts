/** ConfigMaps, Secrets and variables that are missing or wrong. */
import type { Case } from '../fault.ts';
import { container, either, logged, restarted, unready } from '../fault.ts';
import {
  configMap,
  deployment,
  fromConfigMap,
  fromSecret,
  secret,
  served,
  settings,
  statefulSet,
  variable,
  variableFrom,
} from '../manifests.ts';

const config = ['-config=/etc/app/settings.json'];
const crashes = (pod: string): Case['shows'] => container(pod, /^(?:CrashLoopBackOff|Error)$/);
const blocked = /^CreateContainerConfigError$/;

export const configurationFaults: readonly Case[] = [
  {
    id: 'config-key-edited',
    family: 'configuration',
    row: 'CFG-3',
    namespaces: ['ledger'],
    before: [
      configMap('ledger', 'booking', { 'settings.json': settings() }),
      deployment('ledger', 'booking', { replicas: 2, args: config, mounts: { '/etc/app': fromConfigMap('booking') } }),
      ...served('ledger', 'statements', { args: ['-upstream=http://booking:8080/healthz'] }),
    ],
    inject: [
      { apply: [configMap('ledger', 'booking', { 'settings.json': settings({ mode: 'turbo' }) })] },
      { wait: 4 },
      { kubectl: ['rollout', 'restart', 'deployment/booking'] },
    ],
    shows: restarted('booking-', 2),
    label: {
      root: 'ConfigMap/ledger/booking',
      reasons: ['config'],
      symptoms: ['Pod/ledger/booking-*'],
    },
  },
  {
    id: 'config-json-broken',
    family: 'configuration',
    row: 'CFG-3',
    namespaces: ['railway'],
    before: [
      configMap('railway', 'timetable-config', { 'settings.json': settings({ workers: 8 }), 'notes.txt': 'see wiki' }),
      statefulSet('railway', 'timetable', {
        args: [...config, '-tongue=python'],
        mounts: { '/etc/app': fromConfigMap('timetable-config') },
      }),
    ],
    inject: [
      {
        kubectl: [
          'patch',
          'configmap',
          'timetable-config',
          '--type=merge',
          '-p',
          JSON.stringify({ data: { 'settings.json': '{"mode": "fast", "workers": 8,}' } }),
        ],
      },
      { kubectl: ['delete', 'pod', 'timetable-0'] },
    ],
    shows: restarted('timetable-0', 2),
    label: { root: 'ConfigMap/railway/timetable-config', reasons: ['config'], symptoms: ['Pod/railway/timetable-0'] },
  },
  {
    id: 'secret-deleted-before-release',
    family: 'configuration',
    row: 'CFG-1',
    namespaces: ['clinic'],
    before: [
      secret('clinic', 'records-db', { password: 'w1nter-Garden' }),
      deployment('clinic', 'records', {
        replicas: 2,
        env: [variableFrom('DB_PASSWORD', 'secretKeyRef', 'records-db', 'password')],
      }),
    ],
    inject: [
      { kubectl: ['delete', 'secret', 'records-db'] },
      { wait: 10 },
      { kubectl: ['set', 'image', 'deployment/records', 'records=registry.local/app:2'] },
    ],
    shows: container('records-', blocked),
    label: { root: 'Secret/clinic/records-db', reasons: ['secret', 'missing', 'deleted'] },
  },
  {
    id: 'secret-key-renamed',
    family: 'configuration',
    row: 'CFG-1',
    namespaces: ['museum'],
    before: [
      secret('museum', 'tickets-api', { token: 'f00-bar-4711', region: 'eu' }),
      deployment('museum', 'tickets', { env: [variableFrom('API_TOKEN', 'secretKeyRef', 'tickets-api', 'token')] }),
    ],
    inject: [
      {
        kubectl: [
          'patch',
          'secret',
          'tickets-api',
          '--type=json',
          '-p',
          '[{"op":"move","from":"/data/token","path":"/data/api-token"}]',
        ],
      },
      { kubectl: ['rollout', 'restart', 'deployment/tickets'] },
    ],
    shows: container('tickets-', blocked),
    label: { root: 'Secret/museum/tickets-api', reasons: ['secret', 'key'] },
  },
  {
    id: 'config-volume-missing',
    family: 'configuration',
    row: 'CFG-2',
    namespaces: ['aquarium'],
    before: [
      configMap('aquarium', 'pump-profile', { 'settings.json': settings() }),
      deployment('aquarium', 'pumps', { args: config, mounts: { '/etc/app': fromConfigMap('pump-profile') } }),
      ...served('aquarium', 'tanks'),
    ],
    inject: [
      { kubectl: ['delete', 'configmap', 'pump-profile'] },
      { wait: 5 },
      { kubectl: ['delete', 'pod', '-l', 'app=pumps'] },
    ],
    shows: (scene) =>
      scene.objects.some(
        (one) => one.kind === 'Event' && /configmap "pump-profile" not found/.test(String(one['message'])),
      ),
    label: { root: 'ConfigMap/aquarium/pump-profile', reasons: ['config', 'missing', 'deleted', 'mount'] },
  },
  {
    id: 'config-reference-typo',
    family: 'configuration',
    row: 'CFG-2',
    namespaces: ['theatre'],
    before: [
      configMap('theatre', 'seating', { ROWS: '40' }),
      deployment('theatre', 'stalls', { replicas: 2, envFrom: [{ configMapRef: { name: 'seating' } }] }),
    ],
    inject: [
      {
        apply: [deployment('theatre', 'stalls', { replicas: 2, envFrom: [{ configMapRef: { name: 'seatings' } }] })],
      },
    ],
    shows: container('stalls-', blocked),
    label: {
      root: 'Deployment/theatre/stalls',
      also: ['ConfigMap/theatre/seatings'],
      reasons: ['config', 'missing', 'reference', 'environment'],
    },
  },
  {
    id: 'variable-dropped',
    family: 'configuration',
    row: 'CFG-5',
    namespaces: ['bazaar'],
    before: [
      deployment('bazaar', 'auction', {
        args: ['-need=MARKET_REGION', '-tongue=node'],
        env: [variable('MARKET_REGION', 'emea'), variable('LOG_LEVEL', 'info')],
      }),
    ],
    inject: [{ kubectl: ['set', 'env', 'deployment/auction', 'MARKET_REGION-'] }],
    shows: restarted('auction-', 2),
    label: { root: 'Deployment/bazaar/auction', reasons: ['env', 'variable', 'template'] },
  },
  {
    id: 'upstream-host-wrong',
    family: 'configuration',
    row: 'CFG-6',
    namespaces: ['granary'],
    before: [
      ...served('granary', 'stock'),
      ...served('granary', 'delivery', {
        args: ['-ready=all', '-tongue=java'],
        env: [variable('UPSTREAM_URL', 'http://stock:8080/')],
      }),
    ],
    inject: [{ kubectl: ['set', 'env', 'deployment/delivery', 'UPSTREAM_URL=http://stocks:8080/'] }],
    shows: either(unready('delivery-'), logged('delivery-', /UnknownHost/)),
    label: { root: 'Deployment/granary/delivery', reasons: ['env', 'host', 'address', 'endpoint', 'config'] },
    linger: 75,
  },
  {
    id: 'upstream-port-wrong',
    family: 'configuration',
    row: 'CFG-6',
    namespaces: ['lighthouse'],
    before: [
      ...served('lighthouse', 'signals', { port: 9000 }),
      configMap('lighthouse', 'keeper', { 'settings.json': settings({ upstream: 'http://signals:9000/' }) }),
      deployment('lighthouse', 'keeper', {
        args: [...config, '-exit'],
        mounts: { '/etc/app': fromConfigMap('keeper') },
      }),
    ],
    inject: [
      {
        apply: [configMap('lighthouse', 'keeper', { 'settings.json': settings({ upstream: 'http://signals:9090/' }) })],
      },
      { kubectl: ['rollout', 'restart', 'deployment/keeper'] },
    ],
    shows: restarted('keeper-', 2),
    label: { root: 'ConfigMap/lighthouse/keeper', reasons: ['config', 'port', 'address'] },
  },
  {
    id: 'secret-password-rotated',
    family: 'configuration',
    row: 'CFG-7',
    namespaces: ['pharmacy'],
    before: [
      secret('pharmacy', 'drugs-db', { password: 'first-0ne', username: 'drugs' }),
      deployment('pharmacy', 'dispensary', {
        args: ['-need=DB_PASSWORD'],
        env: [variableFrom('DB_PASSWORD', 'secretKeyRef', 'drugs-db', 'password')],
        mounts: { '/etc/login': fromSecret('drugs-db') },
      }),
    ],
    inject: [
      { kubectl: ['patch', 'secret', 'drugs-db', '--type=merge', '-p', '{"data":{"password":""}}'] },
      { kubectl: ['rollout', 'restart', 'deployment/dispensary'] },
    ],
    shows: either(restarted('dispensary-', 2), crashes('dispensary-')),
    label: { root: 'Secret/pharmacy/drugs-db', reasons: ['secret', 'credential'] },
  },
];
