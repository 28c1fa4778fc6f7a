/** Services that lead nowhere, policies that stop what they should let through, and names that are not found. */
import { corednsManifests } from '../../stack/components/coredns.ts';
import { caller } from '../callers.ts';
import type { Case } from '../fault.ts';
import { patch, patchContainer, patchPod, unready } from '../fault.ts';
import { deployment, named, served, service, statefulSet, variable } from '../manifests.ts';

type Tree = Readonly<Record<string, unknown>>;

const linger = 80;

export const networkFaults: readonly Case[] = [
  {
    id: 'service-selector-changed',
    family: 'network',
    row: 'NET-1',
    namespaces: ['distillery'],
    before: [
      ...served('distillery', 'stills', { replicas: 2 }),
      ...caller('distillery', 'casks', 'http://stills:8080/'),
    ],
    inject: [patch('service/stills', { spec: { selector: { app: 'stills', tier: 'copper' } } }, 'merge')],
    shows: unready('casks-'),
    label: { root: 'Service/distillery/stills', reasons: ['selector', 'endpoint', 'service'] },
    linger,
  },
  {
    id: 'service-target-port-wrong',
    family: 'network',
    row: 'NET-3',
    namespaces: ['millrace'],
    before: [
      ...served('millrace', 'sluice', { replicas: 2 }),
      ...caller('millrace', 'turbine', 'http://sluice:8080/', 'python'),
    ],
    inject: [patch('service/sluice', { spec: { ports: [{ name: 'http', port: 8080, targetPort: 8088 }] } }, 'merge')],
    shows: unready('turbine-'),
    label: { root: 'Service/millrace/sluice', reasons: ['port'] },
    linger,
  },
  {
    id: 'service-port-name-unknown',
    family: 'network',
    row: 'NET-3',
    namespaces: ['cidery'],
    before: [
      deployment('cidery', 'presses'),
      service('cidery', 'presses', { name: 'http', port: 80, targetPort: 'http' }),
      ...caller('cidery', 'orders', 'http://presses/', 'node'),
    ],
    inject: [patch('service/presses', { spec: { ports: [{ name: 'http', port: 80, targetPort: 'web' }] } }, 'merge')],
    shows: unready('orders-'),
    label: { root: 'Service/cidery/presses', reasons: ['port', 'endpoint'] },
    linger,
  },
  {
    id: 'service-protocol-wrong',
    family: 'network',
    row: 'NET-4',
    namespaces: ['signalbox'],
    before: [...served('signalbox', 'points'), ...caller('signalbox', 'levers', 'http://points:8080/', 'java')],
    inject: [
      patch(
        'service/points',
        { spec: { ports: [{ name: 'http', port: 8080, targetPort: 8080, protocol: 'UDP' }] } },
        'merge',
      ),
    ],
    shows: unready('levers-'),
    label: { root: 'Service/signalbox/points', reasons: ['protocol', 'port'] },
    linger,
  },
  {
    id: 'service-deleted',
    family: 'network',
    row: 'NET-5',
    namespaces: ['herbarium'],
    before: [
      ...served('herbarium', 'specimens', { replicas: 2 }),
      ...caller('herbarium', 'plates', 'http://specimens:8080/', 'java'),
    ],
    inject: [{ kubectl: ['delete', 'service', 'specimens'] }],
    shows: unready('plates-'),
    label: { root: 'Service/herbarium/specimens', reasons: ['service', 'deleted', 'missing'] },
    linger,
  },
  {
    id: 'service-port-renumbered',
    family: 'network',
    row: 'NET-3',
    namespaces: ['ropery'],
    before: [...served('ropery', 'strands'), ...caller('ropery', 'cables', 'http://strands:8080/')],
    inject: [patch('service/strands', { spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }] } }, 'merge')],
    shows: unready('cables-'),
    label: { root: 'Service/ropery/strands', reasons: ['port'] },
    linger,
  },
  {
    id: 'callee-moves-port',
    family: 'network',
    row: 'NET-3',
    namespaces: ['coppice'],
    before: [
      deployment('coppice', 'charcoal', { ready: '' }),
      service('coppice', 'charcoal'),
      ...caller('coppice', 'hearth', 'http://charcoal:8080/'),
    ],
    inject: [patchContainer('deployment/charcoal', { command: ['app', 'serve', '-port=9090'] })],
    shows: unready('hearth-'),
    label: { root: 'Deployment/coppice/charcoal', reasons: ['port', 'command', 'args', 'release', 'template'] },
    linger,
  },
  {
    id: 'callee-loses-label',
    family: 'network',
    row: 'NET-1',
    namespaces: ['tapestry'],
    before: [
      deployment('tapestry', 'threads', { labels: { role: 'dyer' } }),
      named('v1', 'Service', 'tapestry', 'dyer', {
        spec: { selector: { role: 'dyer' }, ports: [{ name: 'http', port: 8080, targetPort: 8080 }] },
      }),
      ...caller('tapestry', 'weave', 'http://dyer:8080/', 'node'),
    ],
    inject: [patch('deployment/threads', { spec: { template: { metadata: { labels: { role: 'spinner' } } } } })],
    shows: unready('weave-'),
    label: {
      root: 'Deployment/tapestry/threads',
      also: ['Service/tapestry/dyer'],
      reasons: ['label', 'selector', 'endpoint'],
    },
    linger,
  },
  {
    id: 'callee-scaled-to-nothing',
    family: 'network',
    row: 'RUN-12',
    namespaces: ['creamery'],
    before: [
      ...served('creamery', 'separator', { replicas: 2 }),
      ...caller('creamery', 'butter', 'http://separator:8080/', 'python'),
      ...caller('creamery', 'shopfront', 'http://butter:8080/'),
    ],
    inject: [{ kubectl: ['scale', 'deployment/separator', '--replicas=0'] }],
    shows: unready('shopfront-'),
    label: { root: 'Deployment/creamery/separator', reasons: ['scale', 'replica', 'endpoint'] },
    linger,
  },
  {
    id: 'dns-server-of-a-pod-wrong',
    family: 'network',
    row: 'NET-7',
    namespaces: ['haberdasher'],
    before: [
      ...served('haberdasher', 'buttons'),
      ...caller('haberdasher', 'ribbons', 'http://buttons:8080/', 'python'),
    ],
    inject: [
      patchPod('deployment/ribbons', {
        dnsPolicy: 'None',
        dnsConfig: { nameservers: ['192.0.2.53'], searches: ['haberdasher.svc.cluster.local'] },
      }),
    ],
    shows: unready('ribbons-'),
    label: { root: 'Deployment/haberdasher/ribbons', reasons: ['dns', 'name'] },
    linger,
  },
  {
    id: 'alias-of-a-service-wrong',
    family: 'network',
    row: 'NET-5',
    namespaces: ['quayside'],
    before: [
      ...served('quayside', 'cranes'),
      named('v1', 'Service', 'quayside', 'lifting', {
        spec: { type: 'ExternalName', externalName: 'cranes.quayside.svc.cluster.local' },
      }),
      ...caller('quayside', 'unloading', 'http://lifting:8080/'),
    ],
    inject: [patch('service/lifting', { spec: { externalName: 'cranes.quay-side.svc.cluster.local' } }, 'merge')],
    shows: unready('unloading-'),
    label: { root: 'Service/quayside/lifting', reasons: ['alias', 'external', 'name', 'service'] },
    linger,
  },
  {
    id: 'dns-broken-for-all',
    family: 'network',
    row: 'NET-8',
    namespaces: ['parish'],
    alone: true,
    before: [
      ...served('parish', 'hall'),
      ...caller('parish', 'bookings', 'http://hall:8080/', 'java'),
      ...caller('parish', 'notices', 'http://hall:8080/', 'node'),
      statefulSet('parish', 'minutes', { args: ['-ready=all', '-upstream=http://hall:8080/'] }),
    ],
    inject: [
      {
        kubectl: [
          '-n',
          'kube-system',
          'patch',
          'configmap',
          'coredns',
          '--type=merge',
          '-p',
          JSON.stringify({
            data: { Corefile: '.:53 {\n  errors\n  ready\n  cache 5\n  kubernets cluster.local in-addr.arpa\n}\n' },
          }),
        ],
      },
      { kubectl: ['-n', 'kube-system', 'rollout', 'restart', 'deployment/coredns'] },
      { kubectl: ['-n', 'kube-system', 'delete', 'pod', '-l', 'k8s-app=kube-dns', '--wait=false'] },
    ],
    shows: unready('bookings-'),
    label: { root: 'ConfigMap/kube-system/coredns', reasons: ['config', 'dns'] },
    after: [
      { apply: corednsManifests.filter((each) => (each as Tree)['kind'] === 'ConfigMap') },
      { kubectl: ['-n', 'kube-system', 'rollout', 'restart', 'deployment/coredns'] },
      { kubectl: ['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=60s'] },
    ],
    linger,
  },
  {
    id: 'dns-scaled-away',
    family: 'network',
    row: 'NET-8',
    namespaces: ['vestry'],
    alone: true,
    before: [
      ...served('vestry', 'robes'),
      ...caller('vestry', 'candles', 'http://robes:8080/'),
      ...caller('vestry', 'hymnals', 'http://robes:8080/', 'python', { env: [variable('LOG_LEVEL', 'info')] }),
    ],
    inject: [{ kubectl: ['-n', 'kube-system', 'scale', 'deployment/coredns', '--replicas=0'] }],
    shows: unready('candles-'),
    label: { root: 'Deployment/kube-system/coredns', reasons: ['scale', 'replica', 'dns', 'endpoint'] },
    after: [
      { kubectl: ['-n', 'kube-system', 'scale', 'deployment/coredns', '--replicas=1'] },
      { kubectl: ['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=60s'] },
    ],
    linger,
  },
];
