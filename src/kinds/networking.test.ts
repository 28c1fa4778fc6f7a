import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../model/change.ts';
import { describer } from './index.ts';

function describe(apiVersion: string, kind: string, rest: object) {
  const object = { apiVersion, kind, metadata: { namespace: 'shop', name: 'x' }, ...rest } as KubeObject;
  const description = describer.object('c', object);
  assert.ok('resource' in description);
  assert.equal(description.faults, undefined);
  return description;
}

type Name = readonly [apiVersion: string, kind: string];
const SERVICE: Name = ['v1', 'Service'];
const SLICE: Name = ['discovery.k8s.io/v1', 'EndpointSlice'];
const ENDPOINTS: Name = ['v1', 'Endpoints'];
const INGRESS: Name = ['networking.k8s.io/v1', 'Ingress'];
const GATEWAY: Name = ['gateway.networking.k8s.io/v1', 'Gateway'];
const ROUTE: Name = ['gateway.networking.k8s.io/v1', 'HTTPRoute'];
const POLICY: Name = ['gateway.networking.k8s.io/v1', 'BackendTLSPolicy'];
const CSR: Name = ['certificates.k8s.io/v1', 'CertificateSigningRequest'];
const API: Name = ['apiregistration.k8s.io/v1', 'APIService'];
const CRD: Name = ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'];
const MIGRATION: Name = ['storagemigration.k8s.io/v1beta1', 'StorageVersionMigration'];

const condition = (type: string, status: string, reason?: string) => ({ type, status, ...(reason && { reason }) });
const endpoint = (ready?: boolean, terminating?: boolean) => ({
  addresses: ['10.0.0.1'],
  conditions: { ready, terminating },
});
const balanced = { loadBalancer: { ingress: [{ ip: '203.0.113.7' }] } };
const accepted = condition('Accepted', 'True');
const resolved = condition('ResolvedRefs', 'True');
const unresolved = condition('ResolvedRefs', 'False', 'BackendNotFound');

const health: readonly (readonly [name: Name, object: object, expected: string])[] = [
  [SERVICE, { spec: { type: 'ClusterIP' } }, 'unknown'],
  [SERVICE, { spec: { type: 'LoadBalancer' } }, 'warning LoadBalancerPending'],
  [SERVICE, { spec: { type: 'LoadBalancer' }, status: balanced }, 'unknown'],
  [SLICE, { endpoints: [endpoint(true), endpoint(true)] }, 'healthy'],
  [SLICE, { endpoints: [endpoint(undefined)] }, 'healthy'],
  [SLICE, { endpoints: [endpoint(true), endpoint(false)] }, 'warning EndpointsNotReady'],
  [SLICE, { endpoints: [endpoint(true), endpoint(false, true)] }, 'healthy'],
  [SLICE, { endpoints: [endpoint(false)] }, 'critical NoReadyEndpoints'],
  [SLICE, { endpoints: [] }, 'unknown NoEndpoints'],
  [SLICE, {}, 'unknown NoEndpoints'],
  [ENDPOINTS, { subsets: [{ addresses: [{ ip: '10.0.0.1' }] }] }, 'healthy'],
  [ENDPOINTS, { subsets: [{ notReadyAddresses: [{ ip: '10.0.0.1' }] }] }, 'critical NoReadyEndpoints'],
  [ENDPOINTS, {}, 'unknown NoEndpoints'],
  [INGRESS, { spec: {}, status: balanced }, 'healthy'],
  [INGRESS, { spec: {} }, 'unknown NoAddress'],
  [GATEWAY, { status: { conditions: [accepted, condition('Programmed', 'True')] } }, 'healthy'],
  [
    GATEWAY,
    { status: { conditions: [accepted, condition('Programmed', 'False', 'AddressNotAssigned')] } },
    'critical AddressNotAssigned',
  ],
  [
    GATEWAY,
    {
      status: {
        conditions: [accepted, condition('Programmed', 'True')],
        listeners: [{ name: 'https', conditions: [condition('ResolvedRefs', 'False', 'InvalidCertificateRef')] }],
      },
    },
    'warning InvalidCertificateRef',
  ],
  [GATEWAY, {}, 'unknown'],
  [ROUTE, { status: { parents: [{ conditions: [accepted, resolved] }] } }, 'healthy'],
  [ROUTE, { status: { parents: [{ conditions: [accepted, unresolved] }] } }, 'warning BackendNotFound'],
  [
    ROUTE,
    { status: { parents: [{ conditions: [condition('Accepted', 'False', 'NotAllowedByListeners')] }] } },
    'critical NotAllowedByListeners',
  ],
  [ROUTE, { status: { parents: [] } }, 'unknown NotAttached'],
  [
    POLICY,
    { status: { ancestors: [{ conditions: [condition('Accepted', 'False', 'TargetNotFound')] }] } },
    'critical TargetNotFound',
  ],
  [POLICY, {}, 'unknown'],
  [CSR, { status: {} }, 'warning Pending'],
  [CSR, { status: { conditions: [condition('Approved', 'True')] } }, 'healthy'],
  [CSR, { status: { conditions: [condition('Denied', 'True', 'NoNode')] } }, 'critical NoNode'],
  [CSR, { status: { certificate: 'redacted', conditions: [] } }, 'healthy'],
  [API, { status: { conditions: [condition('Available', 'False', 'MissingEndpoints')] } }, 'critical MissingEndpoints'],
  [API, { status: { conditions: [condition('Available', 'True', 'Local')] } }, 'healthy'],
  [
    CRD,
    { status: { conditions: [condition('NamesAccepted', 'False', 'ListKindConflict')] } },
    'critical ListKindConflict',
  ],
  [
    CRD,
    {
      status: {
        conditions: [
          condition('Established', 'True'),
          condition('NamesAccepted', 'True'),
          condition('Terminating', 'True'),
        ],
      },
    },
    'warning Terminating',
  ],
  [MIGRATION, { status: { conditions: [condition('Failed', 'True', 'Conflict')] } }, 'critical Conflict'],
  [MIGRATION, { status: { conditions: [condition('Succeeded', 'True')] } }, 'healthy Completed'],
];

for (const [[apiVersion, kind], object, expected] of health) {
  test(`K92 ${kind} ${JSON.stringify(object)} is ${expected}`, () => {
    const { status, reason } = describe(apiVersion, kind, object).resource.health;
    assert.equal([status, reason].filter(Boolean).join(' '), expected);
  });
}

const summaries: readonly (readonly [name: Name, object: object, expected: object])[] = [
  [
    SERVICE,
    {
      spec: {
        type: 'LoadBalancer',
        clusterIPs: ['10.96.0.1'],
        externalIPs: ['192.0.2.1'],
        ports: [
          { port: 80, nodePort: 30080, protocol: 'TCP' },
          { port: 53, protocol: 'UDP' },
        ],
      },
      status: balanced,
    },
    { type: 'LoadBalancer', clusterIp: '10.96.0.1', externalIp: '203.0.113.7,192.0.2.1', ports: '80:30080/TCP,53/UDP' },
  ],
  [SERVICE, { spec: { type: 'LoadBalancer' } }, { type: 'LoadBalancer', externalIp: '<pending>' }],
  [
    SERVICE,
    { spec: { type: 'ExternalName', externalName: 'a.example.com' } },
    { type: 'ExternalName', externalIp: 'a.example.com' },
  ],
  [
    SLICE,
    { addressType: 'IPv4', ports: [{ port: 80 }, {}], endpoints: [endpoint(true)] },
    { addressType: 'IPv4', ports: '80,*', endpoints: '10.0.0.1' },
  ],
  [
    ENDPOINTS,
    { subsets: [{ addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }], ports: [{ port: 80 }] }] },
    { endpoints: '10.0.0.1:80,10.0.0.2:80' },
  ],
  [
    INGRESS,
    {
      spec: { ingressClassName: 'nginx', tls: [{}], rules: ['a', 'b', 'c', 'd'].map((host) => ({ host })) },
      status: balanced,
    },
    { class: 'nginx', hosts: 'a,b,c + 1 more...', address: '203.0.113.7', ports: '80, 443' },
  ],
  [
    ['networking.k8s.io/v1', 'IngressClass'],
    { spec: { controller: 'example.com/c', parameters: { apiGroup: 'k.example.com', kind: 'Params', name: 'p' } } },
    { controller: 'example.com/c', parameters: 'Params.k.example.com/p' },
  ],
  [['networking.k8s.io/v1', 'NetworkPolicy'], { spec: { podSelector: {} } }, { podSelector: '<none>' }],
  [
    ['networking.k8s.io/v1', 'NetworkPolicy'],
    { spec: { podSelector: { matchLabels: { app: 'web' } } } },
    { podSelector: 'app=web' },
  ],
  [
    ['networking.k8s.io/v1', 'IPAddress'],
    { spec: { parentRef: { group: '', resource: 'services', namespace: 'shop', name: 'web' } } },
    { parentRef: 'services/shop/web' },
  ],
  [
    ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
    { roleRef: { kind: 'ClusterRole', name: 'view' } },
    { role: 'ClusterRole/view' },
  ],
  [
    CSR,
    {
      spec: { signerName: 's', username: 'u' },
      status: { certificate: 'x', conditions: [condition('Approved', 'True')] },
    },
    { signerName: 's', requestor: 'u', condition: 'Approved,Issued' },
  ],
  [
    ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding'],
    { spec: { policyName: 'p', paramRef: { selector: { matchLabels: { a: 'b' } } } } },
    { policyName: 'p', paramRef: 'a=b' },
  ],
  [['admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration'], { webhooks: [{}, {}] }, { webhooks: 2 }],
];

for (const [[apiVersion, kind], object, expected] of summaries) {
  test(`K93 the summary of ${kind} is what kubectl shows: ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(describe(apiVersion, kind, object).resource.summary, expected);
  });
}

const target = { kind: 'Pod', namespace: 'shop', name: 'web-1', uid: 'p1' };
const backend = { service: { name: 'web', port: { name: 'http' } } };

const attributes: readonly (readonly [name: Name, object: object, edge: string, expected: readonly object[]])[] = [
  [
    SERVICE,
    {
      spec: {
        selector: { app: 'web' },
        ports: [
          { port: 80, targetPort: 'http' },
          { port: 53, protocol: 'UDP' },
        ],
      },
    },
    'SELECTS',
    [{ targetPorts: '80:http/TCP,53:53/UDP' }],
  ],
  [
    SLICE,
    {
      endpoints: [
        {
          addresses: ['10.0.0.1'],
          conditions: { ready: false, serving: true, terminating: true },
          nodeName: 'node-a',
          zone: 'eu-1a',
          hints: { forZones: [{ name: 'eu-1a' }, { name: 'eu-1b' }] },
          targetRef: target,
        },
        { addresses: ['198.51.100.4'] },
      ],
    },
    'ROUTES_TO',
    [
      {
        ready: false,
        serving: true,
        terminating: true,
        address: '10.0.0.1',
        node: 'node-a',
        zone: 'eu-1a',
        forZones: 'eu-1a,eu-1b',
      },
      { ready: true, address: '198.51.100.4' },
    ],
  ],
  [
    ENDPOINTS,
    {
      subsets: [
        {
          addresses: [{ ip: '10.0.0.1', targetRef: target }],
          notReadyAddresses: [{ ip: '10.0.0.2', targetRef: target }],
        },
      ],
    },
    'ROUTES_TO',
    [
      { ready: true, address: '10.0.0.1' },
      { ready: false, address: '10.0.0.2' },
    ],
  ],
  [
    INGRESS,
    {
      spec: {
        defaultBackend: { service: { name: 'fallback', port: { number: 80 } } },
        rules: [{ host: 'a.example.com', http: { paths: [{ path: '/p', pathType: 'Prefix', backend }] } }],
      },
    },
    'ROUTES_TO',
    [{ port: 80 }, { host: 'a.example.com', path: '/p', pathType: 'Prefix', port: 'http' }],
  ],
  [
    ['networking.k8s.io/v1', 'NetworkPolicy'],
    {
      spec: {
        podSelector: {},
        ingress: [
          { from: [{ podSelector: {} }], ports: [{ port: 80 }, { protocol: 'UDP', port: 8000, endPort: 8010 }] },
        ],
        egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] }],
      },
    },
    'ALLOWS_FROM',
    [{ ports: 'TCP/80,UDP/8000-8010' }],
  ],
  [
    ROUTE,
    {
      spec: {
        parentRefs: [{ name: 'edge', sectionName: 'https' }],
        rules: [{ backendRefs: [{ name: 'web', port: 80, weight: 9 }] }],
      },
      status: {
        parents: [
          {
            parentRef: { name: 'edge', namespace: 'shop', sectionName: 'https' },
            conditions: [condition('Accepted', 'False')],
          },
        ],
      },
    },
    'ATTACHES_TO',
    [{ sectionName: 'https', accepted: false }],
  ],
  [
    ROUTE,
    { spec: { rules: [{ backendRefs: [{ name: 'web', port: 80, weight: 9 }] }] } },
    'ROUTES_TO',
    [{ port: 80, weight: 9 }],
  ],
  [
    ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'],
    {
      webhooks: [
        { name: 'w', failurePolicy: 'Ignore', clientConfig: { service: { namespace: 'a', name: 'b', path: '/v' } } },
      ],
    },
    'SENT_TO',
    [{ port: 443, path: '/v', webhook: 'w', failurePolicy: 'Ignore' }],
  ],
  [
    ['rbac.authorization.k8s.io/v1', 'Role'],
    {
      rules: [
        { apiGroups: ['apps'], resources: ['deployments/scale'], resourceNames: ['web'], verbs: ['get', 'update'] },
      ],
    },
    'PERMITS',
    [{ verbs: 'get,update', subresource: 'scale' }],
  ],
];

for (const [[apiVersion, kind], object, edge, expected] of attributes) {
  test(`K94 ${edge} of ${kind} carries what belongs to the edge: ${JSON.stringify(expected)}`, () => {
    const { references } = describe(apiVersion, kind, object);
    assert.deepEqual(
      references.filter(({ rule }) => rule.edge === edge).map((reference) => reference.attributes),
      expected,
    );
  });
}
