/** Each check on the smallest estate that has the fault, and on one that has not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Extras, smallGraph } from '../../../test/support/small-graph.ts';
import type { Dangling } from '../../model/edge.ts';
import type { Resource } from '../../model/resource.ts';
import { findFindings } from '../find-findings.ts';
import { checks } from './checks.ts';

const bad: Partial<Resource> = { health: { status: 'critical' } };

function dangling(
  type: string,
  from: string,
  target: string,
  detail: Partial<Dangling['detail']> = {},
  uid?: string,
): Dangling {
  const [kind = '', namespace = '', name = ''] = target.split('/');
  return {
    type,
    from,
    target: { group: '', kind, namespace, name, ...(uid !== undefined && { uid }) },
    detail: { rule: 'r', field: 'f', class: 'exact', confidence: 1, reason: 'missing', optional: false, ...detail },
  };
}

interface Estate {
  readonly sentences: readonly string[];
  readonly extras?: Extras;
}

const gone = (type: string, from: string, detail?: Partial<Dangling['detail']>): Estate => ({
  sentences: [from],
  extras: { dangling: [dangling(type, from, 'Some/a/thing', detail)] },
});

/** A Service whose ports lead to those of a pod, as the kinds write both. */
function withPorts(targetPorts: string, ports: string): Estate {
  const selects = 'Service/a/s SELECTS Pod/a/p';
  return {
    sentences: [selects],
    extras: {
      evidence: { [selects]: { attributes: { targetPorts } } },
      resources: { 'Pod/a/p': { summary: { ports } } },
    },
  };
}

/** For each check: an estate with the fault, the resource it is reported of, and an estate without it. */
const cases: Readonly<Record<string, { readonly bad: Estate; readonly of: string; readonly good: Estate }>> = {
  'route-without-backend': {
    bad: gone('ROUTES_TO', 'Ingress/a/i'),
    of: 'Ingress/a/i',
    good: gone('ROUTES_TO', 'EndpointSlice/a/s'),
  },
  'autoscaler-without-target': {
    bad: gone('SCALES', 'HorizontalPodAutoscaler/a/h'),
    of: 'HorizontalPodAutoscaler/a/h',
    good: { sentences: [] },
  },
  'binding-without-role': { bad: gone('BINDS', 'RoleBinding/a/b'), of: 'RoleBinding/a/b', good: { sentences: [] } },
  'binding-without-subject': {
    bad: gone('GRANTS_TO', 'RoleBinding/a/b'),
    of: 'RoleBinding/a/b',
    good: { sentences: [] },
  },
  'webhook-without-service': {
    bad: gone('SENT_TO', 'ValidatingWebhookConfiguration/w'),
    of: 'ValidatingWebhookConfiguration/w',
    good: { sentences: [] },
  },
  'api-without-service': { bad: gone('SERVED_BY', 'APIService/v1.x'), of: 'APIService/v1.x', good: { sentences: [] } },
  'dangling-reference': {
    bad: gone('MOUNTS', 'Pod/a/p'),
    of: 'Pod/a/p',
    good: gone('SCALES', 'HorizontalPodAutoscaler/a/h'),
  },
  'owner-in-another-namespace': {
    bad: {
      sentences: ['Pod/a/p', 'Deployment/b/d'],
      extras: {
        resources: { 'c/u9': { kind: 'Deployment', namespace: 'b', name: 'd' } },
        dangling: [dangling('OWNS', 'Pod/a/p', 'Deployment/b/d', {}, 'u9')],
      },
    },
    of: 'Pod/a/p',
    good: { sentences: ['Pod/a/p'], extras: { dangling: [dangling('OWNS', 'Pod/a/p', 'Deployment/a/d', {}, 'u9')] } },
  },
  'owner-gone': {
    bad: { sentences: ['Pod/a/p'], extras: { dangling: [dangling('OWNS', 'Pod/a/p', 'Deployment/a/d', {}, 'u9')] } },
    of: 'Pod/a/p',
    good: { sentences: ['Pod/a/p'] },
  },
  'service-leads-nowhere': {
    bad: { sentences: ['Service/a/s', 'EndpointSlice/a/e BACKS Service/a/s'] },
    of: 'Service/a/s',
    good: {
      sentences: ['Service/a/s SELECTS Pod/a/p', 'EndpointSlice/a/e BACKS Service/a/manual', 'Service/a/alias'],
      extras: {
        resources: {
          'EndpointSlice/a/e': { summary: { endpoints: '10.0.0.1' } },
          'Service/a/alias': { summary: { type: 'ExternalName' } },
        },
      },
    },
  },
  'service-without-ready-pods': {
    bad: { sentences: ['Service/a/s SELECTS Pod/a/p'], extras: { resources: { 'Pod/a/p': bad } } },
    of: 'Service/a/s',
    good: {
      sentences: ['Service/a/s SELECTS Pod/a/p', 'Service/a/s SELECTS Pod/a/q'],
      extras: { resources: { 'Pod/a/p': bad } },
    },
  },
  'service-port-without-container': {
    bad: withPorts('80:http/TCP', 'web:8080/TCP,http:8080/UDP'),
    of: 'Service/a/s',
    good: withPorts('80:http/TCP,81:8081/TCP,82:9/UDP', 'http:8080/TCP,8081/TCP'),
  },
  'webhook-unserved': {
    bad: {
      sentences: ['ValidatingWebhookConfiguration/w SENT_TO Service/a/s', 'Service/a/s SELECTS Pod/a/p'],
      extras: {
        resources: { 'Pod/a/p': bad, 'ValidatingWebhookConfiguration/w': { group: 'admissionregistration.k8s.io' } },
      },
    },
    of: 'ValidatingWebhookConfiguration/w',
    good: {
      sentences: ['ValidatingWebhookConfiguration/w SENT_TO Service/a/s', 'Service/a/s SELECTS Pod/a/p'],
      extras: { resources: { 'ValidatingWebhookConfiguration/w': { group: 'admissionregistration.k8s.io' } } },
    },
  },
  'budget-protects-nothing': {
    bad: { sentences: ['PodDisruptionBudget/a/b'] },
    of: 'PodDisruptionBudget/a/b',
    good: { sentences: ['PodDisruptionBudget/a/b PROTECTS Pod/a/p'] },
  },
  'policy-applies-to-nothing': {
    bad: { sentences: ['NetworkPolicy/a/n'] },
    of: 'NetworkPolicy/a/n',
    good: { sentences: ['NetworkPolicy/a/n APPLIES_TO Pod/a/p'] },
  },
  'budgets-overlap': {
    bad: { sentences: ['PodDisruptionBudget/a/b PROTECTS Pod/a/p', 'PodDisruptionBudget/a/c PROTECTS Pod/a/p'] },
    of: 'Pod/a/p',
    good: { sentences: ['PodDisruptionBudget/a/b PROTECTS Pod/a/p', 'PodDisruptionBudget/a/c PROTECTS Pod/a/q'] },
  },
  'autoscalers-fight': {
    bad: {
      sentences: [
        'HorizontalPodAutoscaler/a/g SCALES Deployment/a/d',
        'HorizontalPodAutoscaler/a/h SCALES Deployment/a/d',
      ],
    },
    of: 'Deployment/a/d',
    good: { sentences: ['HorizontalPodAutoscaler/a/g SCALES Deployment/a/d'] },
  },
  'budget-blocks-drains': {
    bad: {
      sentences: ['PodDisruptionBudget/a/b PROTECTS Pod/a/p'],
      extras: { resources: { 'PodDisruptionBudget/a/b': { summary: { allowedDisruptions: 0 } } } },
    },
    of: 'PodDisruptionBudget/a/b',
    good: {
      sentences: ['PodDisruptionBudget/a/b PROTECTS Pod/a/p'],
      extras: { resources: { 'PodDisruptionBudget/a/b': { summary: { allowedDisruptions: 0 } }, 'Pod/a/p': bad } },
    },
  },
  'owner-cycle': {
    bad: { sentences: ['A/x/1 OWNS A/x/2', 'A/x/2 OWNS A/x/1'] },
    of: 'A/x/1',
    good: { sentences: ['A/x/1 OWNS A/x/2'] },
  },
  'dependency-cycle': {
    bad: { sentences: ['A/x/1 DEPENDS_ON A/x/2', 'A/x/2 DEPENDS_ON A/x/1'] },
    of: 'A/x/1',
    good: { sentences: ['A/x/1 DEPENDS_ON A/x/2'] },
  },
  'pod-without-controller': {
    bad: { sentences: ['Pod/a/p'] },
    of: 'Pod/a/p',
    good: {
      sentences: ['ReplicaSet/a/r OWNS Pod/a/p'],
      extras: { resources: { 'Pod/a/done': { health: { status: 'healthy', reason: 'Completed' } } } },
    },
  },
  'ingress-without-rules': {
    bad: { sentences: ['Ingress/a/i'] },
    of: 'Ingress/a/i',
    good: gone('ROUTES_TO', 'Ingress/a/i'),
  },
  'deletion-waits': {
    bad: {
      sentences: ['Namespace/a FINALIZED_BY Finalizer/f'],
      extras: { resources: { 'Namespace/a': { health: { status: 'warning', reason: 'Terminating' } } } },
    },
    of: 'Namespace/a',
    good: { sentences: ['Namespace/a FINALIZED_BY Finalizer/f'] },
  },
  'unused-config-map': {
    bad: { sentences: ['ConfigMap/a/c'] },
    of: 'ConfigMap/a/c',
    good: {
      sentences: [
        'Pod/a/p MOUNTS ConfigMap/a/c',
        'Operator/a/o OWNS ConfigMap/a/d',
        'ConfigMap/kube-system/x',
        'ConfigMap/a/kube-root-ca.crt',
      ],
    },
  },
  'unused-secret': {
    bad: { sentences: ['Event/a/e ABOUT Secret/a/s'] },
    of: 'Secret/a/s',
    good: {
      sentences: ['Ingress/a/i SERVES_CERTIFICATE Secret/a/s'],
      extras: { resources: { 'Secret/a/h': { summary: { type: 'helm.sh/release.v1' } } } },
    },
  },
  'unused-claim': {
    bad: { sentences: ['PersistentVolumeClaim/a/c'] },
    of: 'PersistentVolumeClaim/a/c',
    good: { sentences: ['Pod/a/p CLAIMS PersistentVolumeClaim/a/c'] },
  },
};

async function findings({ sentences, extras = {} }: Estate, check: string): Promise<string[]> {
  const context = { view: smallGraph(sentences, extras) };
  const answer = await findFindings.run(context, { checks: [check], limit: 100 });
  assert.ok('items' in answer);
  return answer.items.map(({ resource }) => resource.id);
}

for (const { id } of checks) {
  test(`V1 ${id} is reported where it is, and only there`, async () => {
    const known = cases[id];
    assert.ok(known, 'every check has a case');
    assert.deepEqual(await findings(known.bad, id), [known.of]);
    assert.deepEqual(await findings(known.good, id), []);
  });
}

test('V2 a dangling reference is as severe as what its loss does; refused and optional ones differ', async () => {
  const severity = async (type: string, detail: Partial<Dangling['detail']>): Promise<string | undefined> => {
    const { sentences, extras = {} } = gone(type, 'Pod/a/p', detail);
    const answer = await findFindings.run(
      { view: smallGraph(sentences, extras) },
      { checks: ['dangling-reference'], limit: 9 },
    );
    return 'items' in answer ? answer.items[0]?.severity : undefined;
  };
  assert.equal(await severity('MOUNTS', {}), 'error');
  assert.equal(await severity('PULLS_WITH', {}), 'warning');
  assert.equal(await severity('NOMINATED_TO', {}), 'info');
  assert.equal(await severity('PULLS_WITH', { reason: 'refused' }), 'error');
  assert.equal(await severity('MOUNTS', { reason: 'stale', optional: true }), 'info');
});

test('V5 what a workload and its parts say of one target is one finding, of the workload', async () => {
  const view = smallGraph(['Deployment/a/d OWNS ReplicaSet/a/r', 'ReplicaSet/a/r OWNS Pod/a/p'], {
    dangling: [
      dangling('READS_SECRET', 'Pod/a/p', 'Secret/a/s', { field: 'f1' }),
      dangling('READS_SECRET', 'Pod/a/p', 'Secret/a/s', { field: 'f2' }),
      dangling('READS_SECRET', 'Deployment/a/d', 'Secret/a/s', { field: 'f3' }),
      dangling('MOUNTS', 'Deployment/a/d', 'Secret/a/other'),
    ],
  });
  const answer = await findFindings.run({ view }, { checks: ['dangling-reference'], limit: 9 });
  assert.ok('items' in answer);
  assert.deepEqual(
    answer.items.map(({ resource, message, related }) => [resource.id, message, related.map(({ id }) => id)]),
    [
      ['Deployment/a/d', 'mounts Secret/a/other, which does not exist (f)', []],
      ['Deployment/a/d', 'reads its environment from Secret/a/s, which does not exist (f3)', ['Pod/a/p']],
    ],
  );
});

test('V6 bindings that Kubernetes ships may lack what they name; what was never recorded is a hint, observed it is not', async () => {
  const shipped = { labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } };
  const lost = [
    dangling('GRANTS_TO', 'RoleBinding/a/system', 'ServiceAccount/kube-system/gone'),
    { ...dangling('RUNS_ON', 'Pod/a/p', 'Node/-/n'), target: { group: '', kind: 'Node', namespace: '', name: 'n' } },
  ];
  const at = '2026-01-01T00:00:00Z';
  const node = { cluster: 'c', group: '', kind: 'Node', namespace: '', coverage: 'ready', since: at } as const;
  const severities = async (extras: Extras): Promise<readonly string[]> => {
    const view = smallGraph(['Pod/a/p'], { dangling: lost, resources: { 'RoleBinding/a/system': shipped }, ...extras });
    const answer = await findFindings.run(
      { view },
      { checks: ['dangling-reference', 'binding-without-subject'], limit: 9 },
    );
    return 'items' in answer ? answer.items.map(({ resource, severity }) => `${resource.id} ${severity}`) : [];
  };
  assert.deepEqual(await severities({}), ['Pod/a/p info']);
  assert.deepEqual(await severities({ coverage: [node] }), ['Pod/a/p error']);
});

test('V4 a port that is only not declared is a hint, and none where pods declare nothing or one of them has it', async () => {
  const hint = async (targetPorts: string, ports: string): Promise<readonly string[]> => {
    const { sentences, extras = {} } = withPorts(targetPorts, ports);
    const view = smallGraph(sentences, extras);
    const answer = await findFindings.run({ view }, { checks: ['service-port-without-container'], limit: 9 });
    return 'items' in answer ? answer.items.map(({ severity, message }) => `${severity}: ${message}`) : [];
  };
  assert.deepEqual(await hint('80:8081/TCP', 'http:8080/TCP'), [
    'info: port 80 leads to TCP port 8081, which none of its 1 pods declares',
  ]);
  assert.deepEqual(await hint('80:8081/TCP', ''), []);
  assert.deepEqual(await hint('53:dns/UDP', '8080/UDP,dns:53/TCP'), [
    'error: port 53 leads to the UDP port named dns, which none of its 1 pods has',
  ]);
});

test('V3 findings come worst first, counted, filtered, with what to do', async () => {
  const view = smallGraph(['Ingress/a/i', 'ConfigMap/a/c', 'ConfigMap/b/c'], {
    dangling: [dangling('SCALES', 'HorizontalPodAutoscaler/a/h', 'Deployment/a/d')],
    resources: { 'HorizontalPodAutoscaler/a/h': {} },
  });
  const answer = await findFindings.run({ view }, { limit: 100 });
  assert.ok('items' in answer);
  assert.deepEqual(answer.total, { error: 1, warning: 1, info: 2 });
  assert.equal(answer.items[0]?.check, 'autoscaler-without-target');
  for (const { todo } of answer.items) assert.ok(todo.length > 20);
  const part = await findFindings.run({ view }, { namespaces: ['b'], limit: 100 });
  assert.ok('items' in part && part.items.length === 1);
  await assert.rejects(async () => findFindings.run({ view }, { checks: ['owner-cycel'], limit: 1 }), /owner-cycle/);
});
