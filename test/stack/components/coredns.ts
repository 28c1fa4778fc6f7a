/** CoreDNS as the pod that it usually is: pods find Services by name, and any other name does not exist. */
import { join } from 'node:path';
import { built } from '../build.ts';
import type { Image } from '../image.ts';

/** Cluster address of the Service `kube-dns`; kubelet writes it into every pod's resolv.conf. */
export const dnsAddress = '10.96.0.10';

const image = 'registry.local/coredns:1';
const namespace = 'kube-system';
const labels = { 'k8s-app': 'kube-dns' };
const metadata = { name: 'coredns', namespace };

export async function corednsImage(): Promise<Image> {
  const program = join(await built('coredns'), 'coredns');
  return { name: image, files: { 'bin/coredns': program }, command: ['coredns', '-conf', '/etc/coredns/Corefile'] };
}

const corefile = `.:53 {
  errors
  ready
  cache 5
  kubernetes cluster.local in-addr.arpa
  template ANY ANY {
    rcode NXDOMAIN
  }
}
`;

const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:coredns' };
const reads = ['list', 'watch'];

const pod = {
  serviceAccountName: 'coredns',
  priorityClassName: 'system-cluster-critical',
  dnsPolicy: 'Default',
  tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
  containers: [
    {
      name: 'coredns',
      image,
      imagePullPolicy: 'IfNotPresent',
      ports: [
        { name: 'dns', containerPort: 53, protocol: 'UDP' },
        { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
      ],
      readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
      resources: { requests: { cpu: '20m', memory: '40Mi' }, limits: { memory: '170Mi' } },
      volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
    },
  ],
  volumes: [{ name: 'config', configMap: { name: 'coredns' } }],
};

export const corednsManifests: readonly object[] = [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: role.name },
    rules: [
      { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: reads },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: reads },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: role.name },
    roleRef: role,
    subjects: [{ kind: 'ServiceAccount', name: 'coredns', namespace }],
  },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: corefile } },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...metadata, labels },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace, labels },
    spec: {
      clusterIP: dnsAddress,
      selector: labels,
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      ],
    },
  },
];
