/** What the API server does not let in: then there is no pod that could suffer, only its maker that says so. */
import type { Case, Step } from '../fault.ts';
import { container, event, patch, patchContainer, restart } from '../fault.ts';
import { deployment, named, served, statefulSet } from '../manifests.ts';

type Tree = Readonly<Record<string, unknown>>;

const refused = (words: RegExp): Case['shows'] => event('FailedCreate', words);
const quota = ['quota'];
const linger = 50;

function quotaOf(namespace: string, name: string, hard: Tree): Tree {
  return named('v1', 'ResourceQuota', namespace, name, { spec: { hard } });
}

/** A policy for the pods of one namespace. */
function policy(namespace: string, name: string, kind: 'Validating' | 'Mutating', spec: Tree): Step {
  const group = 'admissionregistration.k8s.io/v1';
  const pods = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }];
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  return {
    apply: [
      named(group, `${kind}AdmissionPolicy`, '', name, {
        spec: { failurePolicy: 'Fail', matchConstraints: { resourceRules: pods, namespaceSelector }, ...spec },
      }),
      named(group, `${kind}AdmissionPolicyBinding`, '', name, {
        spec: { policyName: name, ...(kind === 'Validating' && { validationActions: ['Deny'] }) },
      }),
    ],
  };
}

export const admissionFaults: readonly Case[] = [
  {
    id: 'quota-of-pods-lowered',
    family: 'admission',
    row: 'ADM-1',
    namespaces: ['stockroom'],
    before: [
      quotaOf('stockroom', 'team-quota', { pods: '40', 'requests.memory': '2Gi' }),
      ...served('stockroom', 'shelves', { replicas: 2 }),
    ],
    inject: [
      patch('resourcequota/team-quota', { spec: { hard: { pods: '3' } } }, 'merge'),
      { wait: 5 },
      { kubectl: ['scale', 'deployment/shelves', '--replicas=8'] },
    ],
    shows: refused(/exceeded quota/),
    label: { root: 'ResourceQuota/stockroom/team-quota', reasons: quota },
    linger,
    churn: ['noise'],
  },
  {
    id: 'quota-of-memory-reached',
    family: 'admission',
    row: 'ADM-1',
    namespaces: ['bottleworks'],
    before: [
      quotaOf('bottleworks', 'compute', { 'requests.memory': '160Mi' }),
      statefulSet('bottleworks', 'filler', { replicas: 2 }),
      ...served('bottleworks', 'corker'),
    ],
    inject: [
      { kubectl: ['set', 'resources', 'statefulset/filler', '--requests=memory=120Mi', '--limits=memory=120Mi'] },
    ],
    shows: refused(/exceeded quota/),
    label: {
      root: 'ResourceQuota/bottleworks/compute',
      also: ['StatefulSet/bottleworks/filler'],
      reasons: [...quota, 'request', 'resource'],
    },
    linger,
    churn: ['edit'],
  },
  {
    id: 'quota-wants-limits',
    family: 'admission',
    row: 'ADM-2',
    namespaces: ['inkworks'],
    before: [deployment('inkworks', 'pigments', { container: { resources: {} }, replicas: 2 })],
    inject: [
      { apply: [quotaOf('inkworks', 'cpu-budget', { 'limits.cpu': '4' })] },
      { wait: 5 },
      { kubectl: ['set', 'image', 'deployment/pigments', 'pigments=registry.local/app:2'] },
    ],
    shows: refused(/must specify limits/),
    label: {
      root: 'ResourceQuota/inkworks/cpu-budget',
      also: ['Deployment/inkworks/pigments'],
      reasons: [...quota, 'limit'],
    },
    linger,
    churn: [],
  },
  {
    id: 'limit-range-maximum',
    family: 'admission',
    row: 'ADM-1',
    namespaces: ['watchmaker'],
    before: [...served('watchmaker', 'springs', { replicas: 2 })],
    inject: [
      {
        apply: [
          named('v1', 'LimitRange', 'watchmaker', 'ceilings', {
            spec: { limits: [{ type: 'Container', max: { memory: '48Mi' } }] },
          }),
        ],
      },
      { wait: 4 },
      restart('deployment/springs'),
    ],
    shows: refused(/maximum memory usage/),
    label: { root: 'LimitRange/watchmaker/ceilings', reasons: ['limit'] },
    linger,
    churn: ['noise'],
  },
  {
    id: 'account-deleted',
    family: 'admission',
    row: 'ADM-4',
    namespaces: ['printshop'],
    before: [
      named('v1', 'ServiceAccount', 'printshop', 'typesetter'),
      deployment('printshop', 'typesetting', { replicas: 2, pod: { serviceAccountName: 'typesetter' } }),
    ],
    inject: [
      { kubectl: ['delete', 'serviceaccount', 'typesetter'] },
      { wait: 8 },
      { kubectl: ['set', 'env', 'deployment/typesetting', 'FONT=garamond'] },
    ],
    shows: refused(/serviceaccount "typesetter" not found/),
    label: { root: 'ServiceAccount/printshop/typesetter', reasons: ['account'] },
    linger,
  },
  {
    id: 'account-name-typo',
    family: 'admission',
    row: 'ADM-4',
    namespaces: ['upholstery'],
    before: [
      named('v1', 'ServiceAccount', 'upholstery', 'cushions'),
      deployment('upholstery', 'cushions', { pod: { serviceAccountName: 'cushions' } }),
    ],
    inject: [
      patch('deployment/cushions', {
        spec: { template: { spec: { serviceAccountName: 'cushion', serviceAccount: 'cushion' } } },
      }),
    ],
    shows: refused(/serviceaccount "cushion" not found/),
    label: {
      root: 'Deployment/upholstery/cushions',
      also: ['ServiceAccount/upholstery/cushion'],
      reasons: ['account'],
    },
    linger,
  },
  {
    id: 'pod-security-enforced',
    family: 'admission',
    row: 'ADM-8',
    namespaces: ['apothecary'],
    before: [...served('apothecary', 'remedies', { replicas: 2 }), ...served('apothecary', 'till')],
    inject: [
      { kubectl: ['label', 'namespace', 'apothecary', 'pod-security.kubernetes.io/enforce=restricted'] },
      { wait: 10 },
      { kubectl: ['delete', 'pod', '-l', 'app=remedies', '--wait=false'] },
    ],
    shows: refused(/violates PodSecurity/),
    label: { root: 'Namespace//apothecary', reasons: ['security', 'policy', 'namespace'] },
    linger,
    churn: ['noise'],
  },
  {
    id: 'policy-denies-pods',
    family: 'admission',
    row: 'ADM-5',
    namespaces: ['cheesery'],
    before: served('cheesery', 'rinds', { replicas: 2 }),
    inject: [
      policy('cheesery', 'owners-required', 'Validating', {
        validations: [
          { expression: "'owner' in object.metadata.labels", message: 'every pod needs a label that names its owner' },
        ],
      }),
      { wait: 8 },
      restart('deployment/rinds'),
    ],
    shows: refused(/denied request/),
    label: {
      root: 'ValidatingAdmissionPolicy//owners-required',
      also: ['ValidatingAdmissionPolicyBinding//owners-required'],
      reasons: ['policy', 'admission', 'denied'],
    },
    linger,
    churn: ['edit'],
  },
  {
    id: 'policy-shrinks-memory',
    family: 'admission',
    row: 'ADM-7',
    namespaces: ['confectioner'],
    before: served('confectioner', 'caramel', { args: ['-hold=30'], replicas: 2 }),
    inject: [
      policy('confectioner', 'right-size', 'Mutating', {
        reinvocationPolicy: 'Never',
        mutations: [
          {
            patchType: 'JSONPatch',
            jsonPatch: {
              expression:
                '[JSONPatch{op: "replace", path: "/spec/containers/0/resources/limits/memory", value: "18Mi"}, JSONPatch{op: "replace", path: "/spec/containers/0/resources/requests/memory", value: "12Mi"}]',
            },
          },
        ],
      }),
      { wait: 8 },
      restart('deployment/caramel'),
    ],
    shows: container('caramel-', /^OOMKilled$/),
    label: {
      root: 'MutatingAdmissionPolicy//right-size',
      also: ['MutatingAdmissionPolicyBinding//right-size'],
      reasons: ['policy', 'mutat', 'admission', 'memory'],
    },
    linger,
    churn: ['noise'],
  },
  {
    id: 'priority-class-unknown',
    family: 'admission',
    row: 'SCH-8',
    namespaces: ['perfumery'],
    before: served('perfumery', 'essences'),
    inject: [patch('deployment/essences', { spec: { template: { spec: { priorityClassName: 'gold' } } } })],
    shows: refused(/no PriorityClass/),
    label: { root: 'Deployment/perfumery/essences', also: ['PriorityClass//gold'], reasons: ['priority'] },
    linger,
  },
  {
    id: 'runtime-class-unknown',
    family: 'admission',
    row: 'SCH-6',
    namespaces: ['enamel'],
    before: served('enamel', 'glaze'),
    inject: [patch('deployment/glaze', { spec: { template: { spec: { runtimeClassName: 'sandboxed' } } } })],
    shows: refused(/RuntimeClass/),
    label: { root: 'Deployment/enamel/glaze', also: ['RuntimeClass//sandboxed'], reasons: ['runtime'] },
    linger,
  },
  {
    id: 'service-not-made-for-quota',
    family: 'admission',
    row: 'ADM-3',
    namespaces: ['tollgate'],
    before: [
      quotaOf('tollgate', 'exposure', { services: '1' }),
      ...served('tollgate', 'barrier'),
      deployment('tollgate', 'meter'),
      deployment('tollgate', 'invoices', { args: ['-ready=all'] }),
    ],
    inject: [
      { kubectl: ['create', 'service', 'clusterip', 'meter', '--tcp=8080:8080'], refused: true },
      patchContainer('deployment/invoices', {
        command: ['app', 'serve', '-ready=all', '-upstream=http://meter:8080/'],
      }),
    ],
    shows: (scene) =>
      scene.objects.some(({ kind, metadata: { name } }) => kind === 'Pod' && name.startsWith('invoices-')),
    label: {
      root: 'ResourceQuota/tollgate/exposure',
      also: ['Service/tollgate/meter', 'Deployment/tollgate/invoices'],
      reasons: ['quota', 'service', 'missing', 'address', 'host'],
    },
    linger: 90,
    churn: ['noise'],
  },
];
