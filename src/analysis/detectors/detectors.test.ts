/** Patterns in what happened: each where it is, and not where it only looks so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, deployment, estateOf, event, object, podStatus, type Seen } from '../../../test/support/estate.ts';
import { shop } from '../../../test/support/shop.ts';
import { log, occur, often, type Story, service, together } from '../../../test/support/told.ts';
import type { KubeObject } from '../../model/change.ts';
import { Case } from '../case.ts';
import { explain } from '../explain.ts';
import type { Detection, Pattern } from './detection.ts';
import { detect, detectors } from './index.ts';
import { defaultThresholds, type Thresholds } from './thresholds.ts';

const DAY = 86_400;

function found(story: Story, thresholds: Partial<Thresholds> = {}): readonly Detection[] {
  return detect(new Case(estateOf(story)), { ...defaultThresholds, ...thresholds });
}

const named = (list: readonly Detection[]): readonly string[] =>
  [...new Set(list.map(({ pattern }) => pattern))].sort();

function one(story: Story, pattern: Pattern, thresholds: Partial<Thresholds> = {}): Detection {
  const all = found(story, thresholds).filter((each) => each.pattern === pattern);
  assert.equal(all.length, 1, `${pattern}: ${JSON.stringify(named(found(story, thresholds)))}`);
  return all[0]!;
}

const none = (story: Story, pattern: Pattern, thresholds: Partial<Thresholds> = {}): void =>
  assert.deepEqual(
    found(story, thresholds).filter((each) => each.pattern === pattern),
    [],
  );

interface End {
  readonly began: number;
  readonly ended: number;
  readonly reason?: string;
  readonly message?: string;
}

const terminated = ({ began, ended, reason = 'Error', message = '' }: End): object => ({
  exitCode: reason === 'OOMKilled' ? 137 : 1,
  reason,
  message,
  startedAt: at(began),
  finishedAt: at(ended),
});

/** A pod whose container has ended so often, the last time so, and waits. */
function looping(count: number, last: End): object {
  return podStatus.waiting('CrashLoopBackOff', 'back-off restarting', terminated(last), count);
}

/** A pod that ended so often, the last time so, and runs since. */
function runs(count: number, last: End, since = last.ended + 1): object {
  return {
    phase: 'Running',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: 'True', lastTransitionTime: at(since) },
    ],
    containerStatuses: [
      {
        name: 'app',
        ready: true,
        restartCount: count,
        state: { running: { startedAt: at(since) } },
        lastState: { terminated: terminated(last) },
      },
    ],
  };
}

const web = deployment('shop/web', { created: -DAY, podStatus: podStatus.running(-DAY) });
const withStatus = (pod: KubeObject, status: object): Seen => ({ apply: { ...pod, status } });
const named2 = (pod: KubeObject, name: string, more: object = {}): KubeObject =>
  ({ ...pod, ...more, metadata: { ...pod.metadata, name, uid: `uid-${name}` } }) as KubeObject;

/** Ends one after the other, seen each time; the run before the first began long ago. */
function ends(pod: KubeObject, seconds: readonly number[], end: Partial<End> = {}): Story {
  return Object.fromEntries(
    seconds.map((second, index) => [
      second,
      [withStatus(pod, looping(index, { began: (seconds[index - 1] ?? -DAY) + 5, ended: second, ...end }))],
    ]),
  );
}

test('DT1 death_spiral: more than three restarts in five minutes, and not three', () => {
  const fast = together({ 0: web.all }, ends(web.pod, [10, 60, 110, 160, 210]));
  const spiral = one(fast, 'death_spiral');
  assert.deepEqual(
    [spiral.confidence, spiral.severity, spiral.active, spiral.subject.name],
    [0.9, 'critical', true, 'web'],
  );
  assert.equal(spiral.since, Date.parse(at(10)));
  assert.ok(spiral.evidence.length >= 4);
  none(together({ 0: web.all }, ends(web.pod, [10, 60, 110])), 'death_spiral');
  none(together({ 0: web.all }, ends(web.pod, [10, 300, 600, 900, 1200])), 'death_spiral');
  one(together({ 0: web.all }, ends(web.pod, [10, 60, 110])), 'death_spiral', { deathSpiralRestarts: 2 });
  const killed = together({ 0: web.all }, ends(web.pod, [10, 60, 110, 160], { reason: 'OOMKilled' }));
  assert.equal(one(killed, 'death_spiral').confidence, 0.95);
});

test('DT2 crash_loop_backoff: three ends in ten minutes; what is in the long pauses of its loop is in it still, what recovered is past', () => {
  const loop = together({ 0: web.all }, ends(web.pod, [10, 100, 250]));
  assert.equal(one(loop, 'crash_loop_backoff').active, true);
  none(together({ 0: web.all }, ends(web.pod, [10, 100])), 'crash_loop_backoff');
  // One look hours later: the delays of the kubelet tell that it began fast.
  const late = {
    0: [
      ...web.all,
      withStatus(
        { ...web.pod, metadata: { ...web.pod.metadata, creationTimestamp: at(-7_200) } },
        looping(25, { began: -60, ended: -50 }),
      ),
    ],
  };
  assert.equal(one(late, 'crash_loop_backoff').active, true);
  const recovered = together(loop, {
    300: [withStatus(web.pod, runs(3, { began: 200, ended: 250 }, 260))],
    4000: [{ apply: service('shop/x') }],
  });
  const past = one(recovered, 'crash_loop_backoff');
  assert.deepEqual([past.active, past.until], [false, Date.parse(at(250))]);
});

test('DT3 oom_kill_cascade: siblings of the Service restart after one was killed for its memory', () => {
  const two = [1, 2, 3, 4].map((number) => named2(web.pod, `web-${number}`));
  const place = {
    0: [
      { apply: web.workload },
      { apply: web.set },
      { apply: service('shop/web') },
      ...two.map((apply) => ({ apply })),
    ],
  };
  const kill = { 100: [withStatus(two[0]!, looping(0, { began: -DAY, ended: 100, reason: 'OOMKilled' }))] };
  const after = (second: number, pod: KubeObject): Story => ({
    [second]: [withStatus(pod, looping(0, { began: -DAY, ended: second }))],
  });
  const alone = one(together(place, kill, after(160, two[1]!)), 'oom_kill_cascade');
  assert.deepEqual([alone.confidence, alone.severity, alone.subject.kind], [0.8, 'warning', 'Service']);
  const spread = one(together(place, kill, after(160, two[1]!), after(200, two[2]!)), 'oom_kill_cascade');
  assert.deepEqual([spread.confidence, spread.severity, spread.resources.length], [0.95, 'critical', 3]);
  none(together(place, kill, after(900, two[1]!)), 'oom_kill_cascade');
  none(together(place, after(100, two[0]!), after(160, two[1]!)), 'oom_kill_cascade');
});

const config = (data: object): KubeObject => object('v1', 'ConfigMap', 'shop/settings', { data }, { created: -DAY });
const reader = deployment('shop/reader', {
  created: -DAY,
  container: { envFrom: [{ configMapRef: { name: 'settings' } }] },
  podStatus: podStatus.running(-DAY),
});

test('DT4 config_cascade: configuration that pods use was changed; unused or unchanged it is none', () => {
  const edited = { 0: [...reader.all, { apply: config({ a: '1' }) }], 60: [{ apply: config({ a: '2' }) }] };
  const cascade = one(edited, 'config_cascade');
  assert.deepEqual([cascade.confidence, cascade.severity, cascade.subject.kind], [0.8, 'info', 'ConfigMap']);
  assert.deepEqual(
    cascade.resources.map(({ name }) => name),
    ['reader'],
  );
  none({ 0: [...web.all, { apply: config({ a: '1' }) }], 60: [{ apply: config({ a: '2' }) }] }, 'config_cascade');
  none({ 0: [...reader.all, { apply: config({ a: '1' }) }], 60: [{ apply: config({ a: '1' }) }] }, 'config_cascade');
  const drift = together(edited, ends(reader.pod, [80, 130]), {
    90: [log(reader.pod, 'dial tcp 10.0.0.1:80: connect: connection refused')],
  });
  assert.deepEqual([one(drift, 'config_cascade').confidence, one(drift, 'config_cascade').severity], [0.85, 'warning']);
});

test('DT5 configmap_change_cascade: users restart within ten minutes after the change, not before it', () => {
  const edited = { 0: [...reader.all, { apply: config({ a: '1' }) }], 60: [{ apply: config({ a: '2' }) }] };
  const cascade = one(together(edited, ends(reader.pod, [80, 130])), 'configmap_change_cascade');
  assert.ok(Math.abs(cascade.confidence - 0.9) < 1e-9);
  none(together(edited, ends(reader.pod, [30])), 'configmap_change_cascade');
  none(together(edited, ends(reader.pod, [1_000])), 'configmap_change_cascade');
});

const node = (conditions: readonly object[] = []): KubeObject =>
  object(
    'v1',
    'Node',
    'n1',
    { status: { conditions: [{ type: 'Ready', status: 'True' }, ...conditions] } },
    { created: -DAY },
  );

function evicted(number: number, second: number, message = 'The node was low on resource: memory.'): readonly Seen[] {
  const pod = named2(web.pod, `web-e${number}`, {
    status: { phase: 'Failed', reason: 'Evicted', message, startTime: at(-DAY) },
  });
  return [{ apply: pod }, { apply: event(pod, 'Evicted', message, { first: second }) }];
}

test('DT6 node_pressure_eviction: pressure and one eviction, or more than two evictions of a node', () => {
  const pressed = node([{ type: 'MemoryPressure', status: 'True', lastTransitionTime: at(50) }]);
  const eviction = one(
    { 0: [...web.all, { apply: node() }], 50: [{ apply: pressed }], 60: evicted(1, 60) },
    'node_pressure_eviction',
  );
  assert.deepEqual([eviction.subject.name, eviction.confidence, eviction.active], ['n1', 0.9, true]);
  none({ 0: [...web.all, { apply: node() }], 60: evicted(1, 60), 70: evicted(2, 70) }, 'node_pressure_eviction');
  one(
    { 0: [...web.all, { apply: node() }], 60: evicted(1, 60), 70: evicted(2, 70), 80: evicted(3, 80) },
    'node_pressure_eviction',
  );
});

test('DT7 service_disruption: no pod, few that run; a Service for nothing and pods on their way are none', () => {
  const pods = [1, 2, 3].map((number) => named2(web.pod, `web-${number}`));
  const place = {
    0: [
      { apply: web.workload },
      { apply: web.set },
      { apply: service('shop/web') },
      ...pods.map((apply) => ({ apply })),
    ],
  };
  const down = (count: number): Story => ({
    100: pods.slice(0, count).map((pod) => withStatus(pod, looping(5, { began: 80, ended: 95 }))),
  });
  assert.deepEqual(
    [one(together(place, down(3)), 'service_disruption')].map(({ confidence, severity }) => [confidence, severity]),
    [[0.95, 'critical']],
  );
  assert.deepEqual(
    [one(together(place, down(2)), 'service_disruption')].map(({ confidence, severity }) => [confidence, severity]),
    [[0.8, 'warning']],
  );
  none(place, 'service_disruption');
  none({ 0: [{ apply: service('shop/spare') }] }, 'service_disruption');
  const coming = podStatus.waiting('ContainerCreating');
  none(
    together(place, {
      100: pods.map((pod) => withStatus({ ...pod, metadata: { ...pod.metadata, creationTimestamp: at(95) } }, coming)),
    }),
    'service_disruption',
  );
});

test('DT8 rolling_update_failure: new pods fail; a rollout under way is none, and a slow one is not certain enough', () => {
  const next = deployment('shop/web', {
    created: -DAY,
    revision: 2,
    replicas: 2,
    container: { image: 'registry.local/app:2' },
  });
  const set = { ...next.set, metadata: { ...next.set.metadata, creationTimestamp: at(100) } };
  const pod = { ...next.pod, metadata: { ...next.pod.metadata, creationTimestamp: at(101) } };
  const status = { replicas: 3, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
  const rollout: Story = { 0: web.all, 100: [{ apply: { ...next.workload, status } }, { apply: set }] };
  const failing = together(rollout, {
    130: [withStatus(pod, podStatus.waiting('ImagePullBackOff', 'Back-off pulling image "registry.local/app:2"'))],
  });
  const failure = one(failing, 'rolling_update_failure');
  assert.deepEqual([failure.subject.kind, failure.confidence, failure.active], ['Deployment', 0.9, true]);
  none(together(rollout, { 105: [withStatus(pod, podStatus.waiting('ContainerCreating'))] }), 'rolling_update_failure');
  const slow = together(
    { 0: web.all, 100: [{ apply: { ...next.workload, status: { ...status, updatedReplicas: 0 } } }, { apply: set }] },
    { 400: [{ apply: service('shop/x') }] },
  );
  none(slow, 'rolling_update_failure');
  assert.equal(one(slow, 'rolling_update_failure', { confidenceMin: 0.6 }).severity, 'warning');
});

test('DT9 error_spike: more than ten errors a minute, or ten answers 5xx in five minutes; counts of templates count', () => {
  const errors = often(60, 360, 5, () => [log(web.pod, 'error: something broke')]);
  const spike = one(together({ 0: web.all }, errors), 'error_spike');
  assert.deepEqual([spike.subject.name, spike.active, spike.severity], ['web', true, 'warning']);
  none(
    together(
      { 0: web.all },
      often(60, 360, 30, () => [log(web.pod, 'error: something broke')]),
    ),
    'error_spike',
  );
  one(
    together(
      { 0: web.all },
      often(60, 360, 30, () => [log(web.pod, 'GET /cart returned 503')]),
    ),
    'error_spike',
  );
  const counted = occur('log', web.pod, {
    severity: 'error',
    message: 'error: something broke',
    attributes: { count: 60 },
  });
  one({ 0: web.all, 60: [counted] }, 'error_spike');
  assert.equal(
    one(together({ 0: web.all }, errors, { 3000: [{ apply: service('shop/x') }] }), 'error_spike').active,
    false,
  );
});

test('DT17 errors that have stopped for longer than they used to pause are past, though it is not long ago', () => {
  const burst = together(
    { 0: web.all },
    often(60, 180, 1, () => [log(web.pod, 'error: something broke')]),
  );
  assert.equal(one(burst, 'error_spike').active, true);
  assert.equal(one(together(burst, { 240: [{ apply: service('shop/x') }] }), 'error_spike').active, false);
});

test('DT10 cascading_failure: two that depend on a failing one fail after it; two that fail alike by chance are none', () => {
  const database = deployment('shop/db', { created: -DAY, podStatus: podStatus.running(-DAY) });
  const callers = ['a', 'b', 'c'].map((name) =>
    deployment(`shop/${name}`, {
      created: -DAY,
      container: { env: [{ name: 'DB', value: 'db:80' }] },
      podStatus: podStatus.running(-DAY),
    }),
  );
  const place = { 0: [...database.all, { apply: service('shop/db') }, ...callers.flatMap(({ all }) => all)] };
  const broken = ends(database.pod, [60, 80, 110, 150]);
  const follow = together(
    ...callers.slice(0, 2).map(({ pod }, index) => ends(pod, [100 + index, 130 + index, 170 + index])),
  );
  const cascade = one(together(place, broken, follow), 'cascading_failure');
  assert.deepEqual([cascade.subject.name, cascade.resources.map(({ name }) => name)], ['db', ['a', 'b']]);
  none(together(place, broken, ends(callers[0]!.pod, [100, 130, 170])), 'cascading_failure');
  none(together(place, follow), 'cascading_failure');
});

test('DT16 a failure is told of where it began, however many steps it went', () => {
  const chain = ['db', 'api', 'front'].map((name, index) =>
    deployment(`shop/${name}`, {
      created: -DAY,
      container: index === 0 ? {} : { env: [{ name: 'NEXT', value: `${['', 'db', 'api'][index]}:80` }] },
      podStatus: podStatus.running(-DAY),
    }),
  );
  const place = {
    0: [...chain.flatMap(({ all }) => all), { apply: service('shop/db') }, { apply: service('shop/api') }],
  };
  const falls = together(
    ...chain.map(({ pod }, index) =>
      ends(
        pod,
        [60, 80, 110].map((second) => second + 10 * index),
      ),
    ),
  );
  const cascade = one(together(place, falls), 'cascading_failure');
  assert.deepEqual([cascade.subject.name, cascade.resources.map(({ name }) => name)], ['db', ['api', 'front']]);
});

test('DT11 memory_leak: three kills within an hour, each after a while; what dies at once has too little memory', () => {
  const leaks = together({ 0: web.all }, ends(web.pod, [100, 700, 1_300, 1_900], { reason: 'OOMKilled' }));
  assert.equal(one(leaks, 'memory_leak').subject.name, 'web');
  none(together({ 0: web.all }, ends(web.pod, [100, 700], { reason: 'OOMKilled' })), 'memory_leak');
  const fresh = { ...web.pod, metadata: { ...web.pod.metadata, creationTimestamp: at(90) } };
  const small = [100, 115, 140, 185].map((ended, index) => [
    ended,
    [withStatus(fresh, looping(index, { began: ended - 3, ended, reason: 'OOMKilled' }))],
  ]);
  none(together({ 0: web.all }, Object.fromEntries(small)), 'memory_leak');
  one(together({ 0: web.all }, Object.fromEntries(small)), 'memory_leak', { confidenceMin: 0.6 });
});

test('DT12 resource_churn: more than fifty made and removed in five minutes; the first list of a cluster is none', () => {
  const job = (number: number, created: number): KubeObject =>
    object('batch/v1', 'Job', `shop/run-${number}`, {}, { created });
  const churn: Record<number, Seen[]> = { 0: [...web.all] };
  for (let number = 0; number < 40; number++) {
    churn[60 + number * 4] = [{ apply: job(number, 60 + number * 4) }];
    churn[62 + number * 4] = [{ gone: job(number, 60 + number * 4) }];
  }
  const { pattern, subject, severity } = one(churn, 'resource_churn');
  assert.deepEqual([pattern, subject.namespace, severity], ['resource_churn', 'shop', 'warning']);
  none({ 0: Array.from({ length: 80 }, (_, number) => ({ apply: job(number, -60) })) }, 'resource_churn');
});

test('DT13 noisy_neighbor: one takes far more memory than it asked for while its node is under pressure', () => {
  const message =
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. Container app was using 3Gi, request is 100Mi, has larger consumption of memory. ';
  const pressed = node([{ type: 'MemoryPressure', status: 'True', lastTransitionTime: at(50) }]);
  const noisy = one(
    { 0: [...web.all, { apply: node() }], 50: [{ apply: pressed }], 60: evicted(1, 60, message) },
    'noisy_neighbor',
  );
  assert.equal(noisy.subject.name, 'web');
  none({ 0: [...web.all, { apply: node() }], 50: [{ apply: pressed }] }, 'noisy_neighbor');
});

test('DT14 storage_starvation: no space left, and pods end for it', () => {
  const full = 'write /data/wal: no space left on device';
  const told = one(together({ 0: web.all }, { 50: [log(web.pod, full)] }), 'storage_starvation');
  assert.deepEqual([told.confidence, told.severity], [0.8, 'warning']);
  const starved = one(
    together({ 0: web.all }, { 50: [log(web.pod, full)] }, ends(web.pod, [60, 90, 130])),
    'storage_starvation',
  );
  assert.deepEqual([starved.confidence, starved.severity, starved.active], [0.92, 'critical', true]);
  none(together({ 0: web.all }, { 50: [log(web.pod, 'write /data: read-only file system')] }), 'storage_starvation');
});

test('DT15 bootstrap_race: who restarted before what it calls was there, and is well since, is innocent and in no other pattern', () => {
  const young = deployment('shop/young', { created: 0 });
  const refused = { message: 'dial tcp: lookup db: no such host' };
  const race = together({ 0: young.all }, ends(young.pod, [5, 15, 30], refused), {
    60: [withStatus(young.pod, runs(3, { began: 20, ended: 30, ...refused }, 58))],
    1000: [{ apply: service('shop/x') }],
  });
  const all = found(race);
  assert.deepEqual(
    all.map(({ pattern, severity, active }) => [pattern, severity, active]),
    [['bootstrap_race', 'info', false]],
  );
  assert.deepEqual(explain(estateOf(race)), []);
});

test('DT20 in a shop that runs there is no pattern, and every detector is of its name', () => {
  assert.deepEqual(found(shop), []);
  for (const [name, detector] of Object.entries(detectors)) {
    const pod = together({ 0: web.all }, ends(web.pod, [10, 60, 110, 160, 210], { reason: 'OOMKilled' }));
    for (const { pattern } of detector(new Case(estateOf(pod)), defaultThresholds)) assert.equal(pattern, name);
  }
});

test('DT21 what is not more certain than the threshold is not told', () => {
  const fast = together({ 0: web.all }, ends(web.pod, [10, 60, 110, 160, 210]));
  assert.deepEqual(named(found(fast, { confidenceMin: 0.9 })), ['crash_loop_backoff']);
  assert.deepEqual(named(found(fast, { confidenceMin: 0.95 })), []);
});

test('DT22 the same of several pods of a workload is one', () => {
  const pods = [1, 2, 3].map((number) => named2(web.pod, `web-${number}`));
  const story = together(
    { 0: [{ apply: web.workload }, { apply: web.set }] },
    ...pods.map((pod) => ends(pod, [10, 60, 110])),
  );
  assert.equal(one(story, 'crash_loop_backoff').resources.length, 3);
});

test('DT23 an incident tells which patterns it fits, those alone that go on and that its sufferers or causes are in', () => {
  const other = deployment('shop/other', { created: -DAY, podStatus: podStatus.running(-DAY) });
  const story = together(
    { 0: [...web.all, ...other.all] },
    ends(web.pod, [60, 80, 110, 150]),
    ends(other.pod, [10, 20, 40]),
    {
      50: [withStatus(other.pod, runs(3, { began: 30, ended: 40 }, 45))],
      400: [withStatus(web.pod, looping(4, { began: 380, ended: 399 }))],
    },
  );
  const incidents = explain(estateOf(story));
  assert.deepEqual(
    incidents.map(({ patterns }) => patterns.map(({ pattern }) => pattern)),
    [['crash_loop_backoff', 'death_spiral']],
  );
});
