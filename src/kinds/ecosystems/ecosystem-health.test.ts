import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Health } from '../../model/resource.ts';
import { kinds } from '../index.ts';

const kindOf = (group: string, name: string) => {
  const found = kinds.find((kind) => kind.group === group && kind.kind === name);
  assert.ok(found, `${group}/${name} is in the table`);
  return found;
};

const condition = (type: string, status: string, reason?: string): object => ({
  status: { conditions: [{ type, status, ...(reason && { reason }) }] },
});

const cases: readonly (readonly [group: string, kind: string, object: object, Health['status'], reason?: string])[] = [
  ['cert-manager.io', 'Certificate', condition('Ready', 'False', 'Expired'), 'critical', 'Expired'],
  ['cert-manager.io', 'CertificateRequest', condition('Ready', 'False', 'Pending'), 'warning', 'Pending'],
  ['acme.cert-manager.io', 'Order', { status: { state: 'invalid', reason: 'rate limit' } }, 'critical', 'Invalid'],
  [
    'external-secrets.io',
    'ExternalSecret',
    condition('Ready', 'False', 'SecretSyncedError'),
    'critical',
    'SecretSyncedError',
  ],
  ['bitnami.com', 'SealedSecret', condition('Synced', 'True'), 'healthy'],
  ['secrets.hashicorp.com', 'VaultAuth', { status: { valid: false, error: 'denied' } }, 'critical', 'Invalid'],
  [
    'argoproj.io',
    'Application',
    { status: { health: { status: 'Degraded' }, sync: { status: 'Synced' } } },
    'critical',
    'Degraded',
  ],
  [
    'argoproj.io',
    'Application',
    { status: { health: { status: 'Healthy' }, sync: { status: 'OutOfSync' } } },
    'warning',
    'OutOfSync',
  ],
  ['argoproj.io', 'Application', { status: { health: { status: 'Healthy' }, sync: { status: 'Synced' } } }, 'healthy'],
  [
    'argoproj.io',
    'Application',
    {
      status: {
        health: { status: 'Healthy' },
        conditions: [{ type: 'ComparisonError', message: 'no such repository' }],
      },
    },
    'critical',
    'ComparisonError',
  ],
  ['argoproj.io', 'Rollout', { status: { phase: 'Paused' } }, 'warning', 'Paused'],
  ['argoproj.io', 'Workflow', { status: { phase: 'Failed' } }, 'critical', 'Failed'],
  ['argoproj.io', 'CronWorkflow', condition('SubmissionError', 'True'), 'critical', 'SubmissionError'],
  ['argoproj.io', 'CronWorkflow', {}, 'healthy'],
  [
    'kustomize.toolkit.fluxcd.io',
    'Kustomization',
    condition('Ready', 'False', 'DependencyNotReady'),
    'warning',
    'DependencyNotReady',
  ],
  [
    'helm.toolkit.fluxcd.io',
    'HelmRelease',
    condition('Stalled', 'True', 'RetriesExceeded'),
    'critical',
    'RetriesExceeded',
  ],
  ['source.toolkit.fluxcd.io', 'HelmRepository', { spec: { type: 'oci' } }, 'healthy'],
  [
    'autoscaling.internal.knative.dev',
    'PodAutoscaler',
    condition('Ready', 'False', 'NoTraffic'),
    'healthy',
    'NoTraffic',
  ],
  ['serving.knative.dev', 'Service', condition('Ready', 'Unknown', 'Deploying'), 'warning', 'Deploying'],
  [
    'monitoring.coreos.com',
    'Prometheus',
    condition('Available', 'Degraded', 'SomePodsNotReady'),
    'warning',
    'SomePodsNotReady',
  ],
  [
    'grafana.integreatly.org',
    'GrafanaDashboard',
    condition('NoMatchingInstance', 'True'),
    'critical',
    'NoMatchingInstance',
  ],
  [
    'keda.sh',
    'ScaledObject',
    {
      status: {
        conditions: [
          { type: 'Ready', status: 'True' },
          { type: 'Fallback', status: 'True' },
        ],
      },
    },
    'warning',
    'Fallback',
  ],
  [
    'autoscaling.k8s.io',
    'VerticalPodAutoscaler',
    condition('RecommendationProvided', 'False'),
    'warning',
    'NotRecommendationProvided',
  ],
  [
    'policies.kyverno.io',
    'ValidatingPolicy',
    { status: { conditionStatus: { ready: false } } },
    'critical',
    'NotReady',
  ],
  ['kyverno.io', 'UpdateRequest', { status: { state: 'Failed' } }, 'critical', 'Failed'],
  ['constraints.gatekeeper.sh', '*', { status: { totalViolations: 3 } }, 'warning', 'Violations'],
  [
    'templates.gatekeeper.sh',
    'ConstraintTemplate',
    { status: { created: true, byPod: [{ errors: [{ code: 'rego_error', message: 'x' }] }] } },
    'critical',
    'rego_error',
  ],
  ['wgpolicyk8s.io', 'PolicyReport', { summary: { pass: 1, fail: 2 } }, 'warning', 'PolicyViolations'],
  ['kueue.x-k8s.io', 'ClusterQueue', condition('Active', 'False', 'FlavorNotFound'), 'critical', 'FlavorNotFound'],
  ['kueue.x-k8s.io', 'Workload', condition('QuotaReserved', 'False', 'Pending'), 'warning', 'Pending'],
  ['kueue.x-k8s.io', 'Workload', condition('Finished', 'True', 'Succeeded'), 'healthy', 'Finished'],
  ['jobset.x-k8s.io', 'JobSet', condition('Failed', 'True', 'FailedJobs'), 'critical', 'FailedJobs'],
  [
    'leaderworkerset.x-k8s.io',
    'LeaderWorkerSet',
    {
      status: {
        conditions: [
          { type: 'Available', status: 'False' },
          { type: 'Progressing', status: 'True' },
        ],
      },
    },
    'warning',
  ],
];

for (const [group, name, object, status, reason] of cases) {
  test(`K62 ${name} is ${status}${reason ? ` with ${reason}` : ''}`, () => {
    const health = kindOf(group, name).health?.(object as never);
    assert.equal(health?.status, status);
    if (reason) assert.equal(health?.reason, reason);
  });
}

test('K61 summaries hold what kubectl prints, in its order', () => {
  const certificate = kindOf('cert-manager.io', 'Certificate').summary?.({
    spec: { secretName: 'tls' },
    ...condition('Ready', 'True'),
  } as never);
  assert.deepEqual(Object.entries(certificate ?? {}), [
    ['ready', 'True'],
    ['secret', 'tls'],
  ]);
  const vpa = kindOf('autoscaling.k8s.io', 'VerticalPodAutoscaler').summary?.({
    spec: { updatePolicy: { updateMode: 'Auto' } },
    status: { recommendation: { containerRecommendations: [{ target: { cpu: '25m', memory: '250Mi' } }] } },
  } as never);
  assert.deepEqual(vpa, { mode: 'Auto', cpu: '25m', mem: '250Mi', provided: undefined });
  const revision = kindOf('serving.knative.dev', 'Revision').summary?.({
    metadata: {
      labels: { 'serving.knative.dev/configuration': 'web', 'serving.knative.dev/configurationGeneration': '2' },
    },
    status: { actualReplicas: 1 },
  } as never);
  assert.equal(revision?.['configName'], 'web');
  assert.equal(revision?.['actualReplicas'], 1);
});
