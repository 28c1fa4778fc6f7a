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

const first = (seen: Readonly<Record<number, readonly Seen[]>>): string | undefined => causesOf(estateOf(seen))[0]?.[0];
const http = (port: number | string, path = '/healthz', more: object = {}): object => ({
  httpGet: { path, port },
  ...more,
});
const killed = { exitCode: 137, reason: 'Error', startedAt: at(100), finishedAt: at(130) };
const looping = podStatus.waiting('CrashLoopBackOff', 'back-off 20s restarting failed container=app', killed, 4);

/** A workload whose liveness probe had it killed, saying this. */
function killedBy(said: string, container: object, more: Parameters<typeof deployment>[1] = {}): readonly Seen[] {
  const { all, pod } = deployment('shop/web', { podStatus: looping, container, created: 0, ...more });
  const about = { fieldPath: 'spec.containers{app}', first: 40, last: 129, count: 9 };
  return [
    ...all,
    { apply: event(pod, 'Unhealthy', `Liveness probe failed: ${said}`, about) },
    {
      apply: event(pod, 'Killing', 'Container app failed liveness probe, will be restarted', {
        ...about,
        count: 3,
        type: 'Normal',
      }),
    },
  ];
}

const refused = 'Get "http://10.1.0.7:9999/healthz": dial tcp 10.1.0.7:9999: connect: connection refused';

test('CA37 a liveness probe that asks at a wrong port, path or in a wrong way is the fault of the workload', () => {
  const ports = [{ containerPort: 8080 }];
  const wrongPort = { ports, livenessProbe: http(9999), readinessProbe: http(8080) };
  assert.equal(first({ 140: killedBy(refused, wrongPort) }), 'Deployment/shop/web LivenessProbeWrongPort');
  assert.equal(
    first({ 140: killedBy('HTTP probe failed with statuscode: 404', { ports, livenessProbe: http(8080, '/nope') }) }),
    'Deployment/shop/web LivenessProbeWrongPath',
  );
  const exec = { livenessProbe: { exec: { command: ['pgrep', 'app'] } } };
  const said =
    'OCI runtime exec failed: exec failed: unable to start container process: exec: "pgrep": executable file not found in $PATH: unknown';
  assert.equal(first({ 140: killedBy(said, exec) }), 'Deployment/shop/web LivenessProbeWrongCommand');
});

test('CA38 a probe that gives too little time is told as such', () => {
  const short = { exitCode: 143, reason: 'Error', startedAt: at(120), finishedAt: at(126) };
  const eager = {
    ports: [{ containerPort: 8080 }],
    livenessProbe: http(8080, '/', { initialDelaySeconds: 1, periodSeconds: 1, failureThreshold: 1 }),
  };
  const state = podStatus.waiting('CrashLoopBackOff', 'back-off', short, 5);
  assert.equal(
    first({ 140: killedBy(refused.replaceAll('9999', '8080'), eager, { podStatus: state }) }),
    'Deployment/shop/web LivenessProbeTooAggressive',
  );
});

test('CA39 a readiness probe that was changed, or asks where nobody listens, is the fault of the workload; one that other pods pass is not', () => {
  const ports = [{ containerPort: 8080 }];
  const unready = (port: number, more: Parameters<typeof deployment>[1] = {}): ReturnType<typeof deployment> =>
    deployment('shop/web', {
      podStatus: podStatus.unready(100),
      container: { ports, readinessProbe: http(port) },
      ...more,
    });
  const about = { fieldPath: 'spec.containers{app}', first: 110, last: 190, count: 9 };
  const failing = (port: number, more: Parameters<typeof deployment>[1] = {}): readonly Seen[] => {
    const { all, pod } = unready(port, more);
    return [
      ...all,
      { apply: event(pod, 'Unhealthy', `Readiness probe failed: ${refused.replaceAll('9999', String(port))}`, about) },
    ];
  };
  assert.equal(first({ 200: failing(8081) }), 'Deployment/shop/web ReadinessProbeWrongPort');
  const before = deployment('shop/web', { podStatus: podStatus.running(), container: { readinessProbe: http(8080) } });
  const after = failing(8081, { container: { readinessProbe: http(8081) }, revision: 2, created: 95 });
  assert.equal(first({ 0: before.all, 95: after }), 'Deployment/shop/web ReadinessProbeWrong');
  // Nothing but the failing itself is known: a probe as good as any.
  assert.deepEqual(causesOf(estateOf({ 200: failing(8080) })), [[]]);
});

test('CA40 a probe that fails because of whom the program calls is told with whom it calls', () => {
  const { all, pod } = deployment('shop/web', {
    podStatus: podStatus.unready(100),
    container: { readinessProbe: { exec: { command: ['check'] } } },
  });
  const said = event(
    pod,
    'Unhealthy',
    'Readiness probe failed: could not connect to http://db:5432: connection refused',
    {
      fieldPath: 'spec.containers{app}',
      first: 110,
      last: 190,
      count: 9,
    },
  );
  const service = object('v1', 'Service', 'shop/db', { spec: { selector: { app: 'db' }, ports: [{ port: 5432 }] } });
  const db = deployment('shop/db', { replicas: 0, podStatus: podStatus.running() });
  const cause = first({ 200: [...all, { apply: said }, { apply: service }, { apply: db.workload }] });
  assert.equal(cause, 'Deployment/shop/db ScaledToZero');
});
