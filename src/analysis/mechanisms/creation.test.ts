import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  at,
  causesOf,
  deployment,
  estateOf,
  event,
  object,
  podStatus,
  type Seen,
} from '../../../test/support/estate.ts';

const apply = (...objects: readonly object[]): readonly Seen[] => objects.map((one) => ({ apply: one }));
const all = (seen: Readonly<Record<number, readonly Seen[]>>): readonly (readonly string[])[] =>
  causesOf(estateOf(seen));
const first = (seen: Readonly<Record<number, readonly Seen[]>>): string | undefined => all(seen)[0]?.[0];

interface Refused {
  readonly created?: number;
  readonly since?: number;
  readonly last?: number;
  readonly replicas?: number;
  readonly present?: number;
  readonly container?: object;
  readonly spec?: object;
  readonly revision?: number;
  readonly message: string;
}

/** A Deployment of which no pod, or not every pod, could be made. */
function refused({
  message,
  created = 0,
  since = 100,
  last = since + 60,
  replicas = 1,
  present = 0,
  ...rest
}: Refused): readonly Seen[] {
  const { workload, set } = deployment('shop/web', {
    created,
    replicas,
    ...rest,
    status: { replicas: present, readyReplicas: present, updatedReplicas: present },
  });
  const short = { ...set, status: { replicas: present } };
  const told = event(set, 'FailedCreate', `Error creating: ${message}`, { first: since, last, count: 9 });
  return apply(workload, short, told);
}

const quota = (name: string, hard: object, used: object = {}, created = -9_000): object =>
  object('v1', 'ResourceQuota', `shop/${name}`, { spec: { hard }, status: { hard, used } }, { created });
const forbidden = (why: string): string => `pods "web-abc-" is forbidden: ${why}`;
const EXCEEDED = forbidden(
  'exceeded quota: compute, requested: requests.cpu=1, used: requests.cpu=2, limited: requests.cpu=2',
);

test('CA81 a quota that is used up is at fault where pods are refused for it, unless the workload was made to ask for more', () => {
  assert.equal(
    first({ 200: [...apply(quota('compute', { 'requests.cpu': '2' })), ...refused({ message: EXCEEDED })] }),
    'ResourceQuota/shop/compute QuotaExceeded',
  );
  const before = deployment('shop/web', { replicas: 1, podStatus: podStatus.running() }).all;
  const more = refused({ message: EXCEEDED, replicas: 5, present: 2 });
  const grown = { 0: [...apply(quota('compute', { 'requests.cpu': '2' })), ...before], 99: more };
  assert.equal(first(grown), 'Deployment/shop/web AsksForMoreThanQuota');
  const lowered = {
    0: [...apply(quota('compute', { 'requests.cpu': '9' })), ...before],
    50: apply(quota('compute', { 'requests.cpu': '2' })),
    99: refused({ message: EXCEEDED }),
  };
  assert.equal(first(lowered), 'ResourceQuota/shop/compute QuotaExceeded');
});

test('CA82 refusals that are over, or that a rollout meets on its way, are no trouble', () => {
  const { workload, set, pod } = deployment('shop/web', {
    podStatus: podStatus.running(),
    status: { readyReplicas: 1, updatedReplicas: 1 },
  });
  const old = event(
    set,
    'FailedCreate',
    `Error creating: ${forbidden('error looking up service account shop/web: serviceaccount "web" not found')}`,
    { first: 1, last: 3 },
  );
  assert.deepEqual(all({ 200: apply(workload, set, pod, old) }), []);
  // It still wants more, and was given some since.
  const rest = refused({ message: EXCEEDED, replicas: 3, present: 2, since: 10, last: 20 });
  const made = event(
    (rest[1] as { apply: Parameters<typeof event>[0] }).apply,
    'SuccessfulCreate',
    'Created pod: web-abc-1',
    { first: 190, type: 'Normal' },
  );
  assert.deepEqual(all({ 200: [...rest, ...apply(made)] }), []);
});

test('CA83 a quota that wants limits and who says none', () => {
  const message = forbidden('failed quota: compute: must specify limits.cpu for: app; limits.memory for: app');
  const hard = { 'limits.cpu': '8' };
  assert.equal(
    first({ 200: [...apply(quota('compute', hard)), ...refused({ message, created: -900 })] }),
    'ResourceQuota/shop/compute QuotaRequiresLimits',
  );
  const limited = { resources: { limits: { cpu: '1', memory: '1Gi' } } };
  const before = deployment('shop/web', { created: -900, container: limited, podStatus: podStatus.running() }).all;
  const after = refused({ message, created: -900, revision: 2, since: 100 });
  assert.equal(
    first({ 0: [...apply(quota('compute', hard)), ...before], 99: after }),
    'Deployment/shop/web LimitsNotSet',
  );
});

test('CA84 a class or account that is not there, or that the workload was changed to name', () => {
  const message = forbidden('no PriorityClass with name urgent was found');
  assert.equal(
    first({ 200: refused({ message, spec: { priorityClassName: 'urgent' } }) }),
    'PriorityClass/urgent PriorityClassMissing',
  );
  const account = forbidden('error looking up service account shop/robot: serviceaccount "robot" not found');
  assert.equal(
    first({ 200: refused({ message: account, spec: { serviceAccountName: 'robot' } }) }),
    'ServiceAccount/shop/robot ServiceAccountMissing',
  );
  const before = deployment('shop/web', { created: -900, podStatus: podStatus.running() }).all;
  const after = refused({ message: account, created: -900, revision: 2, spec: { serviceAccountName: 'robot' } });
  assert.equal(first({ 0: before, 99: after }), 'Deployment/shop/web ServiceAccountNameWrong');
});

const UNANSWERED =
  'Internal error occurred: failed calling webhook "pods.guard.example.com": failed to call webhook: Post "https://guard.security.svc:443/validate?timeout=10s": ';

function guard(created = -9_000): object {
  const webhooks = [
    {
      name: 'pods.guard.example.com',
      clientConfig: { service: { namespace: 'security', name: 'guard', port: 443 } },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    },
  ];
  return object(
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    'guard',
    { webhooks },
    { created },
  );
}

const service = object('v1', 'Service', 'security/guard', {
  spec: { selector: { app: 'guard' }, ports: [{ port: 443, targetPort: 8443 }] },
});

test('CA85 a webhook that does not answer is the fault of its configuration, or of who stands behind it', () => {
  const missing = `${UNANSWERED}service "guard" not found`;
  assert.equal(
    first({ 200: [...apply(guard()), ...refused({ message: missing })] }),
    'ValidatingWebhookConfiguration/guard WebhookUnavailable',
  );
  assert.equal(
    first({ 0: apply(guard(), service), 50: [{ gone: service }], 99: refused({ message: missing }) }),
    'Service/security/guard ServiceDeleted',
  );
  const nobody = `${UNANSWERED}no endpoints available for service "guard"`;
  const backend = (replicas: number): object => deployment('security/guard', { replicas, created: -900 }).workload;
  const zero = { 0: apply(guard(), service, backend(1)), 50: apply(backend(0)), 99: refused({ message: nobody }) };
  assert.equal(first(zero), 'Deployment/security/guard ScaledToZero');
  const trust = `${UNANSWERED}tls: failed to verify certificate: x509: certificate signed by unknown authority`;
  assert.equal(
    first({ 200: [...apply(guard(), service), ...refused({ message: trust })] }),
    'ValidatingWebhookConfiguration/guard WebhookCertificateInvalid',
  );
  const slow = `${UNANSWERED}context deadline exceeded`;
  const answering = deployment('security/guard', {
    podStatus: podStatus.running(),
    created: -900,
    container: { ports: [{ containerPort: 8443 }] },
  });
  assert.equal(
    first({ 200: [...apply(guard(50), service), ...answering.all, ...refused({ message: slow })] }),
    'ValidatingWebhookConfiguration/guard WebhookTimesOut',
  );
});

test('CA86 a webhook that is sick behind its Service leads on to why it is', () => {
  const crashed = { exitCode: 1, reason: 'Error', startedAt: at(60), finishedAt: at(61) };
  const before = deployment('security/guard', {
    created: -900,
    podStatus: podStatus.running(),
    container: { image: 'guard:1' },
  });
  const after = deployment('security/guard', {
    created: 50,
    revision: 2,
    container: { image: 'guard:2' },
    podStatus: podStatus.waiting('CrashLoopBackOff', 'back-off 10s', crashed, 3),
  });
  const nobody = `${UNANSWERED}no endpoints available for service "guard"`;
  const seen = {
    0: [...apply(guard(), service), ...before.all],
    50: [...after.all, { gone: before.pod }],
    99: refused({ message: nobody }),
    150: after.all,
  };
  const causes = all(seen);
  assert.equal(causes.length, 1);
  assert.match(causes[0]?.[0] ?? '', /^Deployment\/security\/guard /);
});

test('CA87 Pod Security that was made stricter is the fault of the namespace; a workload that never obeyed is at fault itself', () => {
  const message = forbidden(
    'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false)',
  );
  const namespace = (level?: string): object =>
    object(
      'v1',
      'Namespace',
      'shop',
      {},
      { created: -9_000, ...(level && { labels: { 'pod-security.kubernetes.io/enforce': level } }) },
    );
  assert.equal(
    first({ 0: apply(namespace()), 50: apply(namespace('restricted')), 99: refused({ message, created: -900 }) }),
    'Namespace/shop PodSecurityForbids',
  );
  assert.equal(
    first({ 200: [...apply(namespace('restricted')), ...refused({ message, created: -900 })] }),
    'Namespace/shop PodSecurityForbids',
  );
  assert.equal(
    first({ 200: [...apply(namespace('restricted')), ...refused({ message, created: 98 })] }),
    'Deployment/shop/web PodSecurityViolated',
  );
});

test('CA88 a LimitRange, an admission policy or a policy engine forbids, or the workload asks for what it always forbade', () => {
  const range = (max: string, created = -9_000): object =>
    object(
      'v1',
      'LimitRange',
      'shop/range',
      { spec: { limits: [{ type: 'Container', max: { memory: max } }] } },
      { created },
    );
  const tooMuch = forbidden('maximum memory usage per Container is 1Gi, but limit is 2Gi');
  const before = deployment('shop/web', {
    created: -900,
    podStatus: podStatus.running(),
    container: { resources: { limits: { memory: '512Mi' } } },
  }).all;
  const after = refused({
    message: tooMuch,
    created: -900,
    revision: 2,
    container: { resources: { limits: { memory: '2Gi' } } },
  });
  assert.equal(first({ 0: [...apply(range('1Gi')), ...before], 99: after }), 'Deployment/shop/web OutsideLimitRange');
  assert.equal(
    first({ 0: apply(range('4Gi')), 50: apply(range('1Gi')), 99: refused({ message: tooMuch, created: -900 }) }),
    'LimitRange/shop/range LimitRangeForbids',
  );
  const policy = object(
    'admissionregistration.k8s.io/v1',
    'ValidatingAdmissionPolicy',
    'no-latest',
    { spec: {} },
    { created: 50 },
  );
  const denied = forbidden("ValidatingAdmissionPolicy 'no-latest' with binding 'everywhere' denied request: no latest");
  assert.equal(
    first({ 200: [...apply(policy), ...refused({ message: denied, created: -900 })] }),
    'ValidatingAdmissionPolicy/no-latest PolicyForbids',
  );
  const kyverno = object('kyverno.io/v1', 'ClusterPolicy', 'require-team', { spec: { rules: [] } }, { created: 50 });
  const blocked =
    'admission webhook "validate.kyverno.svc-fail" denied the request: \n\nresource Pod/shop/web-abc was blocked due to the following policies \n\nrequire-team:\n  check-team: \'validation error: label team is required\'\n';
  assert.equal(
    first({ 200: [...apply(kyverno), ...refused({ message: blocked, created: -900 })] }),
    'ClusterPolicy/require-team PolicyForbids',
  );
});

test('CA89 what could not be made because of a quota is told with the quota', () => {
  const missing =
    '0/1 nodes are available: persistentvolumeclaim "data" not found. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
  const pods = deployment('shop/db', {
    spec: { nodeName: undefined, volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] },
    podStatus: podStatus.unscheduled(missing, 10),
  }).all;
  const full = quota('storage', { persistentvolumeclaims: '2' }, { persistentvolumeclaims: '2' });
  assert.equal(first({ 200: [...apply(full), ...pods] }), 'ResourceQuota/shop/storage QuotaExceeded');
  const free = quota('storage', { persistentvolumeclaims: '5' }, { persistentvolumeclaims: '2' });
  assert.equal(
    first({ 200: [...apply(free), ...pods] }),
    'PersistentVolumeClaim/shop/data PersistentVolumeClaimMissing',
  );
});

test('CA117 a Service that is called, and could not be made because of a quota, is told with the quota', () => {
  const message = 'fatal: dial tcp: lookup cart.shop.svc.cluster.local on 10.96.0.10:53: no such host';
  const ended = { exitCode: 1, reason: 'Error', message, startedAt: at(60), finishedAt: at(61) };
  const web = deployment('shop/web', {
    created: 50,
    podStatus: podStatus.waiting('CrashLoopBackOff', '', ended, 4),
  }).all;
  const other = object('v1', 'Service', 'shop/other', { spec: { selector: { app: 'x' }, ports: [{ port: 80 }] } });
  const seen = (used: string): string | undefined =>
    first({ 200: [...apply(quota('objects', { services: '1' }, { services: used }), other), ...web] });
  assert.equal(seen('1'), 'ResourceQuota/shop/objects QuotaExceeded');
  assert.notEqual(seen('0'), 'ResourceQuota/shop/objects QuotaExceeded');
});

test('CA90 where the Events are gone, conditions of the workload still tell', () => {
  const { workload, set } = deployment('shop/web', {
    created: -9_000,
    status: {
      replicas: 0,
      conditions: [
        {
          type: 'ReplicaFailure',
          status: 'True',
          reason: 'FailedCreate',
          message: EXCEEDED,
          lastTransitionTime: at(-4_000),
        },
      ],
    },
  });
  const short = { ...set, status: { replicas: 0 } };
  assert.equal(
    first({ 200: apply(quota('compute', { 'requests.cpu': '2' }), workload, short) }),
    'ResourceQuota/shop/compute QuotaExceeded',
  );
});

test('CA91 what is refused to StatefulSets, Jobs and CronJobs is understood as well', () => {
  const set = object('apps/v1', 'StatefulSet', 'shop/db', {
    spec: { replicas: 1, template: {} },
    status: { replicas: 0 },
  });
  const claim = event(
    set,
    'FailedCreate',
    'create Claim data-db-0 for Pod db-0 in StatefulSet db failed error: persistentvolumeclaims "data-db-0" is forbidden: exceeded quota: storage, requested: requests.storage=10Gi, used: requests.storage=1Gi, limited: requests.storage=5Gi',
    { first: 100, last: 160, count: 8 },
  );
  assert.equal(
    first({ 200: apply(quota('storage', { 'requests.storage': '5Gi' }), set, claim) }),
    'ResourceQuota/shop/storage QuotaExceeded',
  );
  const job = object('batch/v1', 'Job', 'shop/once', { spec: { template: {} }, status: {} }, { created: 90 });
  const told = event(job, 'FailedCreate', `Error creating: ${EXCEEDED}`, { first: 100, last: 160, count: 8 });
  assert.equal(
    first({ 200: apply(quota('compute', { 'requests.cpu': '2' }), job, told) }),
    'ResourceQuota/shop/compute QuotaExceeded',
  );
});
