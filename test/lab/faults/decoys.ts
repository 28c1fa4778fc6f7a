/** Faults that happen while the very same application is changed in innocent ways, before, after, and of the same kind. */
import type { Case } from '../fault.ts';
import { condition, container, either, event, logged, patch, patchPod, restart, restarted, unready } from '../fault.ts';
import {
  configMap,
  deployment,
  fromConfigMap,
  named,
  secret,
  served,
  settings,
  variable,
  variableFrom,
} from '../manifests.ts';

const linger = 70;
const config = ['-config=/etc/app/settings.json'];

export const decoyFaults: readonly Case[] = [
  {
    id: 'decoy-release-before-settings',
    family: 'configuration',
    row: 'CFG-3',
    namespaces: ['kiosk'],
    before: [
      configMap('kiosk', 'news', { 'settings.json': settings() }),
      deployment('kiosk', 'news', { args: config, mounts: { '/etc/app': fromConfigMap('news') }, replicas: 2 }),
    ],
    inject: [
      { kubectl: ['set', 'image', 'deployment/news', 'news=registry.local/app:2'] },
      { wait: 15 },
      patch('configmap/news', { data: { 'settings.json': settings({ workers: 'many' }) } }, 'merge'),
      { wait: 3 },
      { kubectl: ['delete', 'pod', '-l', 'app=news', '--wait=false'] },
    ],
    shows: restarted('news-', 2),
    label: { root: 'ConfigMap/kiosk/news', reasons: ['config'] },
  },
  {
    id: 'decoy-two-config-maps',
    family: 'configuration',
    row: 'CFG-6',
    namespaces: ['depot'],
    before: [
      configMap('depot', 'routes', { 'settings.json': settings({ upstream: 'http://trucks:8080/' }) }),
      configMap('depot', 'limits', { SPEED: '80', LOAD: '12' }),
      ...served('depot', 'trucks'),
      deployment('depot', 'dispatch', {
        args: [...config, '-ready=all', '-tongue=node'],
        envFrom: [{ configMapRef: { name: 'limits' } }],
        mounts: { '/etc/app': fromConfigMap('routes') },
      }),
    ],
    inject: [
      patch('configmap/routes', { data: { 'settings.json': settings({ upstream: 'http://trucks:8081/' }) } }, 'merge'),
      patch('configmap/limits', { data: { SPEED: '90' } }, 'merge'),
      { wait: 3 },
      restart('deployment/dispatch'),
    ],
    shows: unready('dispatch-'),
    label: { root: 'ConfigMap/depot/routes', reasons: ['config', 'port', 'address'] },
    linger,
  },
  {
    id: 'decoy-secret-renewed',
    family: 'configuration',
    row: 'CFG-5',
    namespaces: ['armoury'],
    before: [
      secret('armoury', 'keys', { token: 'iron-1' }),
      deployment('armoury', 'racks', {
        args: ['-need=TOKEN,RACK'],
        env: [variableFrom('TOKEN', 'secretKeyRef', 'keys', 'token'), variable('RACK', '7')],
      }),
    ],
    inject: [
      patch('secret/keys', { stringData: { token: 'steel-2' } }, 'merge'),
      { wait: 5 },
      { kubectl: ['set', 'env', 'deployment/racks', 'RACK-'] },
    ],
    shows: restarted('racks-', 2),
    label: { root: 'Deployment/armoury/racks', reasons: ['env', 'variable', 'template'] },
  },
  {
    id: 'decoy-callee-released',
    family: 'network',
    row: 'NET-1',
    namespaces: ['slipway'],
    before: [
      ...served('slipway', 'cradle', { replicas: 2 }),
      ...served('slipway', 'launch', { args: ['-ready=all', '-upstream=http://cradle:8080/', '-tongue=python'] }),
    ],
    inject: [
      { kubectl: ['set', 'image', 'deployment/cradle', 'cradle=registry.local/app:2'] },
      { wait: 12 },
      patch('service/cradle', { spec: { selector: { app: 'cradles' } } }, 'merge'),
      { kubectl: ['annotate', 'deployment/launch', 'checked=yes'] },
      { kubectl: ['scale', 'deployment/cradle', '--replicas=3'] },
    ],
    shows: unready('launch-'),
    label: { root: 'Service/slipway/cradle', reasons: ['selector', 'endpoint', 'service'] },
    linger,
  },
  {
    id: 'decoy-quota-raised',
    family: 'admission',
    row: 'ADM-8',
    namespaces: ['saddlery'],
    before: [
      named('v1', 'ResourceQuota', 'saddlery', 'hides', { spec: { hard: { pods: '12' } } }),
      ...served('saddlery', 'stirrups', { replicas: 2 }),
    ],
    inject: [
      { kubectl: ['label', 'namespace', 'saddlery', 'pod-security.kubernetes.io/enforce=restricted'] },
      { wait: 5 },
      patch('resourcequota/hides', { spec: { hard: { pods: '15' } } }, 'merge'),
      { kubectl: ['set', 'env', 'deployment/stirrups', 'SIZE=9'] },
    ],
    shows: event('FailedCreate', /violates PodSecurity/),
    label: { root: 'Namespace//saddlery', reasons: ['security', 'policy', 'namespace'] },
    churn: ['noise'],
  },
  {
    id: 'decoy-policy-beside-release',
    family: 'runtime',
    row: 'RUN-6',
    namespaces: ['towpath'],
    before: [
      ...served('towpath', 'barges', { replicas: 2 }),
      ...served('towpath', 'locks', { args: ['-ready=all', '-upstream=http://barges:8080/'] }),
    ],
    inject: [
      {
        apply: [
          named('networking.k8s.io/v1', 'NetworkPolicy', 'towpath', 'barges', {
            spec: {
              podSelector: { matchLabels: { app: 'barges' } },
              policyTypes: ['Ingress'],
              ingress: [{ ports: [{ port: 8080 }] }],
            },
          }),
        ],
      },
      { wait: 4 },
      {
        kubectl: [
          'patch',
          'deployment/barges',
          '--type=json',
          '-p',
          JSON.stringify([
            {
              op: 'replace',
              path: '/spec/template/spec/containers/0/readinessProbe/httpGet/path',
              value: '/health/ready',
            },
            { op: 'add', path: '/spec/strategy', value: { type: 'Recreate' } },
          ]),
        ],
      },
    ],
    shows: unready('locks-'),
    label: { root: 'Deployment/towpath/barges', reasons: ['probe', 'readiness'] },
    linger,
  },
  {
    id: 'flag-turned-on',
    family: 'configuration',
    row: 'CFG-4',
    namespaces: ['pricing-desk'],
    before: [
      configMap('pricing-desk', 'flags', { 'settings.json': settings({ features: { 'new-pricing': false } }) }),
      ...served('pricing-desk', 'quotes', {
        args: [...config, '-reload', '-tongue=java'],
        mounts: { '/etc/app': fromConfigMap('flags') },
      }),
      ...served('pricing-desk', 'offers', { args: ['-upstream=http://quotes:8080/', '-tongue=python'] }),
    ],
    inject: [
      patch('configmap/flags', { data: { 'settings.json': settings({ features: { 'new-pricing': true } }) } }, 'merge'),
      { wait: 5 },
      { kubectl: ['scale', 'deployment/offers', '--replicas=2'] },
    ],
    shows: logged('quotes-', /ArithmeticException/),
    label: { root: 'ConfigMap/pricing-desk/flags', reasons: ['config', 'flag'] },
    patience: 180,
  },
  {
    id: 'mount-path-moved',
    family: 'configuration',
    row: 'CFG-3',
    namespaces: ['belltower'],
    before: [
      configMap('belltower', 'chimes', { 'settings.json': settings() }),
      deployment('belltower', 'chimes', { args: config, mounts: { '/etc/app': fromConfigMap('chimes') } }),
    ],
    inject: [
      patch('configmap/chimes', { data: { README: 'rung on the hour' } }, 'merge'),
      {
        apply: [
          deployment('belltower', 'chimes', { args: config, mounts: { '/etc/chimes': fromConfigMap('chimes') } }),
        ],
      },
    ],
    shows: restarted('chimes-', 2),
    label: { root: 'Deployment/belltower/chimes', reasons: ['volume', 'mount', 'path', 'file', 'template', 'config'] },
  },
  {
    id: 'secret-volume-missing',
    family: 'configuration',
    row: 'CFG-1',
    namespaces: ['wineshop'],
    before: [
      secret('wineshop', 'labels-tls', { 'tls.crt': 'not one', 'tls.key': 'none either' }),
      deployment('wineshop', 'labels', { mounts: { '/etc/tls': { secret: { secretName: 'labels-tls' } } } }),
    ],
    inject: [
      patchPod('deployment/labels', { volumes: [{ name: 'volume-0', secret: { secretName: 'labels-tls-2027' } }] }),
    ],
    shows: event('FailedMount', /secret "labels-tls-2027" not found/),
    label: {
      root: 'Deployment/wineshop/labels',
      also: ['Secret/wineshop/labels-tls-2027'],
      reasons: ['secret', 'missing', 'mount', 'volume', 'reference'],
    },
  },
  {
    id: 'config-key-removed',
    family: 'configuration',
    row: 'CFG-2',
    namespaces: ['apiarist'],
    before: [
      configMap('apiarist', 'frames', { COUNT: '10', WOOD: 'ash' }),
      deployment('apiarist', 'combs', { env: [variableFrom('WOOD', 'configMapKeyRef', 'frames', 'WOOD')] }),
      deployment('apiarist', 'smoker', { env: [variableFrom('COUNT', 'configMapKeyRef', 'frames', 'COUNT')] }),
    ],
    inject: [
      patch('configmap/frames', [{ op: 'remove', path: '/data/WOOD' }], 'json'),
      restart('deployment/combs'),
      restart('deployment/smoker'),
    ],
    shows: either(
      container('combs-', /^CreateContainerConfigError$/),
      condition('Deployment', 'combs', 'Progressing', 'False'),
    ),
    label: { root: 'ConfigMap/apiarist/frames', reasons: ['config', 'key'] },
  },
];
