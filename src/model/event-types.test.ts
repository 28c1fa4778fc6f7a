import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypeNamed, eventTypeOf, eventTypes, intentOf, severityOfEvent } from './event-types.ts';

test('HA1 every name means one type, whatever its case and separators', () => {
  const meant = new Map<string, string>();
  for (const [type, { also }] of Object.entries(eventTypes))
    for (const name of [type, ...also.split(' ')]) {
      const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
      assert.equal(meant.get(plain) ?? type, type, `${name} means ${meant.get(plain)} and ${type}`);
      meant.set(plain, type);
      assert.match(type, /^[a-z][a-z_]+$/);
    }
  for (const [name, type] of [
    ['pod_restarted', 'pod_restart'],
    ['container_restart', 'pod_restart'],
    ['pod_oom_killed', 'container_oom_killed'],
    ['OOMKilling', 'container_oom_killed'],
    ['POD-CRASH', 'pod_failed'],
    ['LOG_OOM_KILLED', 'container_oom_killed'],
    ['KubePodCrashLooping', 'pod_crash_loop'],
    ['node_pressure', 'memory_pressure'],
    ['modified', 'resource_changed'],
  ] as const)
    assert.equal(eventTypeNamed(name), type);
});

const type = (source: string, reason: string, message = '', more: object = {}): string =>
  eventTypeOf({ source, reason, message, severity: 'warning', ...more });

test('HA1 what happened is told by its type, its reason, or its message, and keeps its own name where nobody knows it', () => {
  assert.equal(type('event', 'BackOff', 'Back-off restarting failed container'), 'pod_crash_loop');
  assert.equal(type('event', 'BackOff', 'Back-off pulling image "x"'), 'image_pull_failed');
  assert.equal(type('event', 'Failed', 'Failed to pull image "x"'), 'image_pull_failed');
  assert.equal(type('event', 'Failed', "couldn't find key A in ConfigMap b/c"), 'container_config_failed');
  assert.equal(type('event', 'FailedCreate', 'exceeded quota: few'), 'quota_exceeded');
  assert.equal(type('event', 'Unhealthy'), 'probe_failed');
  assert.equal(type('collector', 'x', '', { type: 'pod_restarted' }), 'pod_restart');
  assert.equal(type('collector', 'x', '', { type: 'SomethingOfTheirs' }), 'something_of_theirs');
  assert.equal(type('event', 'FailedToLiftHTTPRoute'), 'failed_to_lift_http_route');
  assert.equal(type('log', '', 'dial tcp 10.0.0.1:80: connection refused'), 'connection_failed');
  assert.equal(type('log', '', 'hello'), 'log_warning');
  assert.equal(type('event', 'Normal', '', { type: 'Normal' }), 'normal');
  assert.equal(type('trace', ''), 'request_failed');
});

test('HA1 intents follow from what is said, else from the type, and are as sure as that', () => {
  const meaning = (reason: string, message: string) => {
    const told = { source: 'event', reason, message };
    return intentOf(told, eventTypeOf(told));
  };
  assert.deepEqual(meaning('OOMKilling', 'Memory cgroup out of memory: Killed process 1'), {
    intent: 'memory_exhaustion',
    confidence: 0.95,
  });
  assert.deepEqual(meaning('X', 'write /data: no space left on device'), {
    intent: 'disk_exhaustion',
    confidence: 0.9,
  });
  assert.equal(meaning('FailedMount', 'timed out')?.intent, 'storage_failure');
  assert.equal(meaning('Pulled', 'done'), undefined);
  assert.deepEqual(intentOf({ source: 'trace', attributes: { 'http.status_code': 504 } }, 'x'), {
    intent: 'network_failure',
    confidence: 0.85,
  });
});

test('HA1 how bad a warning of Kubernetes is follows from its reason', () => {
  const of = (kind: string, reason: string, message = '') => severityOfEvent({ type: kind, reason, message });
  assert.deepEqual(
    [
      of('Normal', 'OOMKilling'),
      of('Warning', 'CrashLoopBackOff'),
      of('Warning', 'FailedMount'),
      of('Warning', 'BackOff'),
      of('Warning', 'Unhealthy', 'Liveness probe failed'),
    ],
    ['info', 'critical', 'error', 'warning', 'error'],
  );
});
