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
import { explanationOf } from '../../operations/explain.ts';

type Made = Parameters<typeof deployment>[1];
const causes = (seen: Readonly<Record<number, readonly Seen[]>>): readonly string[] =>
  causesOf(estateOf(seen))[0] ?? [];
const first = (seen: Readonly<Record<number, readonly Seen[]>>): string | undefined => causes(seen)[0];
const ended = (message: string, exitCode = 1, from = 100, reason = 'Error'): object => ({
  exitCode,
  reason,
  message,
  startedAt: at(from),
  finishedAt: at(from + 2),
});
const looping = (message: string, exitCode = 1, from = 100, reason = 'Error'): object =>
  podStatus.waiting(
    'CrashLoopBackOff',
    'back-off 20s restarting failed container=app',
    ended(message, exitCode, from, reason),
    3,
  );
const crashing = (message: string, more: Made = {}, exitCode = 1): readonly Seen[] =>
  deployment('shop/web', { podStatus: looping(message, exitCode), created: 95, ...more }).all;
const well = (more: Made = {}): readonly Seen[] =>
  deployment('shop/web', { podStatus: podStatus.running(), ...more }).all;
/** The same with the labels by which a ReplicaSet knows its pods. */
const labelled = (more: Made): readonly Seen[] =>
  deployment('shop/web', { ...more, labels: { app: 'web', 'pod-template-hash': String(more?.revision ?? 1) } }).all;
test('CA54 a release that ends at once is at fault; where pods of the revision before end as well it is not', () => {
  const release = (status: object): readonly Seen[] =>
    labelled({ podStatus: status, container: { image: 'registry.local/app:2' }, revision: 2, created: 95 });
  const both = (before: object): readonly Seen[] => [
    ...labelled({ podStatus: before, status: { readyReplicas: 1 } }),
    ...release(looping('panic: nil pointer')),
  ];
  assert.equal(
    first({ 0: labelled({ podStatus: podStatus.running() }), 95: both(podStatus.running()) }),
    'Deployment/shop/web BadRelease',
  );
  const confidence = (before: object): number =>
    explanationOf(estateOf({ 0: labelled({ podStatus: podStatus.running() }), 95: both(before) })).incidents[0]
      ?.causes[0]?.confidence ?? 0;
  assert.ok(confidence(looping('panic: nil pointer')) < confidence(podStatus.running()) - 0.2);
});

test('CA49 what is run may not be there, may be for another processor, or come to its end', () => {
  const noCommand =
    'failed to create containerd task: OCI runtime create failed: exec: "runn": executable file not found in $PATH: unknown';
  assert.equal(
    first({
      110: deployment('shop/web', {
        podStatus: podStatus.waiting('RunContainerError', noCommand, ended(noCommand, 127, 100, 'StartError'), 2),
      }).all,
    }),
    'Deployment/shop/web CommandNotFound',
  );
  assert.equal(first({ 110: crashing('sh: runn: not found', {}, 127) }), 'Deployment/shop/web CommandNotFound');
  assert.equal(first({ 110: crashing('Error: unknown flag: --prot') }), 'Deployment/shop/web CommandRefused');
  assert.equal(first({ 110: crashing('exec /app: exec format error') }), 'Deployment/shop/web ImageForOtherPlatform');
  assert.equal(
    first({ 110: deployment('shop/web', { podStatus: looping('', 0, 100, 'Completed'), created: 95 }).all }),
    'Deployment/shop/web ContainerExits',
  );
});

test('CA50 a variable that was removed, a port that two want, and a hook that fails are the fault of the workload', () => {
  const env = { env: [{ name: 'DATABASE_URL', value: 'db' }] };
  const said = 'Error: environment variable DATABASE_URL is not set';
  assert.match(
    first({ 0: well({ container: env }), 95: crashing(said, { revision: 2 }) }) ?? '',
    /^Deployment\/shop\/web (?:Environment|EnvironmentVariableMissing)/,
  );
  assert.equal(first({ 110: crashing(said) }), 'Deployment/shop/web EnvironmentVariableMissing');
  assert.equal(
    first({ 110: crashing('listen tcp :8080: bind: address already in use') }),
    'Deployment/shop/web PortConflict',
  );
  const { all, pod } = deployment('shop/web', { podStatus: looping(''), created: 95 });
  const hook = event(pod, 'FailedPostStartHook', 'PostStartHook failed', {
    first: 101,
    last: 103,
    count: 3,
    fieldPath: 'spec.containers{app}',
  });
  assert.equal(first({ 110: [...all, { apply: hook }] }), 'Deployment/shop/web PostStartHookFails');
});

const map = (data: object, name = 'shop/settings'): Seen => ({
  apply: object('v1', 'ConfigMap', name, { data }, { created: -9_000 }),
});
const reads = { container: { envFrom: [{ configMapRef: { name: 'settings' } }] } };

test('CA51 a ConfigMap is at fault when what was changed in it is read; not when another key of it was, nor when pods that began since are well', () => {
  const byKey = {
    container: { env: [{ name: 'L', valueFrom: { configMapKeyRef: { name: 'settings', key: 'level' } } }] },
  };
  const seen = (made: Made, after: object): Readonly<Record<number, readonly Seen[]>> => ({
    0: [map({ level: 'info', colour: 'red' }), ...well(made)],
    60: [map(after)],
    110: crashing('fatal: bad value', made),
  });
  assert.equal(
    first(seen(reads, { level: 'info', colour: 'blue' })),
    'ConfigMap/shop/settings ConfigMapChangeBrokeApp',
  );
  assert.equal(first(seen(byKey, { level: 'loud', colour: 'red' })), 'ConfigMap/shop/settings ConfigMapChangeBrokeApp');
  assert.ok(!causes(seen(byKey, { level: 'info', colour: 'blue' })).some((cause) => cause.startsWith('ConfigMap')));
  const other = deployment('shop/api', { ...reads, podStatus: podStatus.running(70), created: 65 }).all;
  const both = seen(reads, { level: 'loud', colour: 'red' });
  const doubted = causesOf(estateOf({ ...both, 110: [...(both[110] ?? []), ...other] }))[0] ?? [];
  assert.ok(doubted.includes('ConfigMap/shop/settings ConfigMapChangeBrokeApp') && !doubted[0]?.startsWith('Secret'));
});

test('CA52 a file that a mounted ConfigMap does not have, and credentials that are refused, lead to their holders', () => {
  const spec = { volumes: [{ name: 'c', configMap: { name: 'settings' } }] };
  const container = { volumeMounts: [{ name: 'c', mountPath: '/etc/app' }] };
  assert.equal(
    first({
      110: [
        map({ 'other.yaml': '' }),
        ...crashing('open /etc/app/app.yaml: no such file or directory', { spec, container }),
      ],
    }),
    'ConfigMap/shop/settings ConfigMapKeyMissing',
  );
  const password = (value: string): Seen => ({
    apply: object('v1', 'Secret', 'shop/db', { data: { password: value } }, { created: -9_000 }),
  });
  const uses = { container: { env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }] } };
  assert.match(
    first({
      0: [password('a'), ...well(uses)],
      60: [password('b')],
      110: crashing('FATAL: password authentication failed for user "web"', uses),
    }) ?? '',
    /^Secret\/shop\/db /,
  );
  // What a variable lacks, it lacks where its value comes from; what is said of a file, of who holds the file.
  const empty = crashing('FATAL required environment variable P is not set'.replace('P', 'PASSWORD'), {
    container: { env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }] },
  });
  assert.match(first({ 110: [password(''), ...empty] }) ?? '', /^Secret\/shop\/db /);
  const nginx = crashing('[emerg] 1#1: unknown directive "lisen" in /etc/app/default.conf:2', { spec, container });
  assert.match(first({ 110: [map({ 'default.conf': '' }), ...nginx] }) ?? '', /^ConfigMap\/shop\/settings /);
});

test('CA53 a volume that is full, may only be read, or belongs to another user, is told by the path that is named', () => {
  const spec = {
    volumes: [
      { name: 'd', persistentVolumeClaim: { claimName: 'data' } },
      { name: 't', emptyDir: { sizeLimit: '5Mi' } },
    ],
  };
  const container = {
    volumeMounts: [
      { name: 'd', mountPath: '/var/lib/data' },
      { name: 't', mountPath: '/tmp' },
    ],
  };
  const claim = { apply: object('v1', 'PersistentVolumeClaim', 'shop/data', { status: { phase: 'Bound' } }) };
  const says = (message: string, more: Made = {}): string | undefined =>
    first({ 110: [claim, ...crashing(message, { spec, container, ...more })] });
  assert.equal(says('write /var/lib/data/wal: no space left on device'), 'PersistentVolumeClaim/shop/data VolumeFull');
  assert.equal(says('could not write to file: No space left on device'), 'PersistentVolumeClaim/shop/data VolumeFull');
  assert.equal(says('write /tmp/x: no space left on device'), 'Deployment/shop/web EmptyDirFull');
  assert.equal(says('mkdir /var/lib/data/pg: Permission denied'), 'Deployment/shop/web VolumePermissionDenied');
  assert.equal(
    says('open /var/run/x.pid: Read-only file system', {
      container: { ...container, securityContext: { readOnlyRootFilesystem: true } },
    }),
    'Deployment/shop/web ReadOnlyRootFilesystem',
  );
  assert.equal(
    says('"root" execution of the PostgreSQL server is not permitted.'),
    'Deployment/shop/web SecurityContextRefused',
  );
  assert.equal(says('accept4: too many open files'), 'Deployment/shop/web TooManyOpenFiles');
});

test('CA55 a certificate that has expired leads to the Secret that holds it: of who complains, or of whom it calls', () => {
  const tls = (name: string): Seen => ({
    apply: object('v1', 'Secret', name, { type: 'kubernetes.io/tls', data: { 'tls.crt': 'x', 'tls.key': 'y' } }),
  });
  const mounts = (secretName: string): Made => ({
    spec: { volumes: [{ name: 't', secret: { secretName } }] },
    container: { volumeMounts: [{ name: 't', mountPath: '/tls' }] },
  });
  assert.equal(
    first({ 110: [tls('shop/web-tls'), ...crashing('server certificate has expired', mounts('web-tls'))] }),
    'Secret/shop/web-tls CertificateExpired',
  );
  const service = {
    apply: object('v1', 'Service', 'shop/db', { spec: { selector: { app: 'db' }, ports: [{ port: 443 }] } }),
  };
  const db = deployment('shop/db', { podStatus: podStatus.running(), ...mounts('db-tls') }).all;
  const said =
    'Get "https://db:443/": failed to connect: tls: failed to verify certificate: x509: certificate has expired or is not yet valid';
  assert.equal(
    first({ 110: [tls('shop/db-tls'), service, ...db, ...crashing(said)] }),
    'Secret/shop/db-tls CertificateExpired',
  );
});
