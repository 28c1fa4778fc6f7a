import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, causesOf, deployment, estateOf, event, object, podStatus, type Seen } from '../../test/support/estate.ts';
import { Case } from './case.ts';
import { type PodFault, podFault } from './pods.ts';
import { symptomsOf } from './symptoms.ts';

/** Something that happens so that time goes on. */
const tick: readonly Seen[] = [{ apply: object('v1', 'Namespace', 'elsewhere') }];

/** What is wrong with the pod of `shop/web` at a second. */
function faultAt(second: number, seen: Readonly<Record<number, readonly Seen[]>>): PodFault | undefined {
  const known = new Case(estateOf({ ...seen, [second]: [...(seen[second] ?? []), ...tick] }));
  const [pod] = [...known.view.resources({ kind: 'Pod' })];
  assert.ok(pod);
  return podFault(known, pod);
}

const container = (state: object, more: object = {}): object => ({
  name: 'app',
  ready: false,
  restartCount: 0,
  state,
  ...more,
});
const status = (containerStatuses: readonly object[], more: object = {}): object => ({
  phase: 'Running',
  conditions: [
    { type: 'PodScheduled', status: 'True' },
    { type: 'Ready', status: 'False', lastTransitionTime: at(0) },
  ],
  containerStatuses,
  ...more,
});
const running = (since: number): object => ({ running: { startedAt: at(since) } });
const ended = (from: number, to: number, exitCode = 1, reason = 'Error'): object => ({
  terminated: { exitCode, reason, startedAt: at(from), finishedAt: at(to) },
});
const web = (podStatusNow: object, more: Parameters<typeof deployment>[1] = {}): ReturnType<typeof deployment> =>
  deployment('shop/web', { podStatus: podStatusNow, ...more });

test('CA24 a container that fails again and again is in a loop also while it runs; one that has run for longer than it used to has recovered', () => {
  const again = (since: number): object =>
    status([container(running(since), { restartCount: 4, ready: true, lastState: ended(since - 40, since - 20) })], {
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at(since) }],
    });
  assert.equal(faultAt(310, { 0: web(again(300)).all })?.reason, 'CrashLoopBackOff');
  assert.equal(faultAt(400, { 0: web(again(300)).all }), undefined);
  const once = status([container(running(300), { restartCount: 1, ready: true, lastState: ended(10, 299) })], {
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at(300) }],
  });
  assert.equal(faultAt(302, { 0: web(once).all }), undefined);
});

test('CA25 restarts of long ago are no loop, however many', () => {
  const old = status([container(running(-60), { restartCount: 5, ready: true, lastState: ended(-400, -80) })], {
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at(-60) }],
  });
  assert.equal(faultAt(10, { 0: web(old, { created: -900_000 }).all }), undefined);
});

test('CA26 a loop began with the first of the runs that failed, as versions, Events or delays tell', () => {
  const waiting = (restartCount: number, from: number): object =>
    status([
      container(
        { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
        { restartCount, lastState: ended(from, from + 2) },
      ),
    ]);
  const seen = {
    0: web(podStatus.running()).all,
    600: [{ apply: web(waiting(1, 590)).pod }],
    700: [{ apply: web(waiting(2, 690)).pod }],
  };
  assert.equal(faultAt(710, seen)?.since, Date.parse(at(590)));
  const { pod, all } = web(waiting(3, 300));
  const backOff = event(pod, 'BackOff', 'Back-off restarting failed container app in pod web', {
    first: 220,
    last: 310,
    count: 9,
    fieldPath: 'spec.containers{app}',
  });
  const since = faultAt(320, { 320: [...all, { apply: backOff }] })?.since ?? 0;
  assert.ok(since >= Date.parse(at(195)) && since <= Date.parse(at(220)), at((since - Date.parse(at(0))) / 1000));
  assert.equal(faultAt(320, { 320: web(waiting(4, 130), { created: 0 }).all })?.since, Date.parse(at(0)));
});

test('CA27 what is on its way is no fault: images that are pulled, slow starts as long as they take elsewhere, room that is being made', () => {
  const creating = web(podStatus.waiting('ContainerCreating'));
  const pulling = event(creating.pod, 'Pulling', 'Pulling image "app:1"', { first: 1, type: 'Normal' });
  assert.equal(faultAt(300, { 0: [...creating.all, { apply: pulling }] }), undefined);
  assert.equal(faultAt(900, { 0: [...creating.all, { apply: pulling }] })?.reason, 'ContainerCreating');
  const slow = web(status([container(running(1))]));
  const refused = event(
    slow.pod,
    'Unhealthy',
    'Readiness probe failed: dial tcp 10.0.0.1:80: connect: connection refused',
    { first: 10, last: 45, count: 5 },
  );
  assert.equal(faultAt(50, { 0: [...slow.all, { apply: refused }] }), undefined);
  assert.equal(faultAt(90, { 0: [...slow.all, { apply: refused }] })?.reason, 'Unready');
  const nominated = {
    ...podStatus.unscheduled('0/1 nodes are available: 1 Insufficient cpu.'),
    nominatedNodeName: 'n1',
  };
  assert.equal(faultAt(20, { 0: web(nominated).all }), undefined);
});

test('CA28 what was ready and is not any more needs no patience', () => {
  const lost = status([container(running(-500))], {
    conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: at(1) }],
  });
  assert.equal(faultAt(2, { 0: web(lost).all })?.reason, 'Unready');
  // Its node was away and is back: its containers were ready all the time.
  const back = status([container(running(-500), { ready: true })], {
    conditions: [
      { type: 'Ready', status: 'False', lastTransitionTime: at(1) },
      { type: 'ContainersReady', status: 'True', lastTransitionTime: at(-490) },
    ],
  });
  assert.equal(faultAt(200, { 0: web(back).all }), undefined);
});

test('CA29 a pod that was evicted and replaced is over; where the replacement is evicted as well it is not', () => {
  const evicted = (created: number, name: string): object => {
    const { pod } = web({
      phase: 'Failed',
      reason: 'Evicted',
      message: 'Pod ephemeral local storage usage exceeds the total limit of containers 10Mi.',
      conditions: [{ type: 'DisruptionTarget', status: 'True', lastTransitionTime: at(created + 60) }],
    });
    return { ...pod, metadata: { ...pod.metadata, name, uid: name, creationTimestamp: at(created) } };
  };
  const well = web(podStatus.running(130), { status: { readyReplicas: 1 } });
  const one = [...well.all, { apply: evicted(0, 'a') }];
  const symptoms = (seen: readonly Seen[]): readonly string[] =>
    symptomsOf(new Case(estateOf({ 200: seen }))).map(({ reason }) => reason);
  assert.deepEqual(symptoms(one), []);
  assert.deepEqual(symptoms([...one, { apply: evicted(62, 'b') }]), ['Evicted']);
});

test('CA30 a try of a Job that failed is over when another one went well or goes on; one that failed long ago is history', () => {
  const job = (more: object = {}): object => object('batch/v1', 'Job', 'shop/load', { spec: {}, status: more });
  const run = (name: string, created: number, podState: object): object =>
    object(
      'v1',
      'Pod',
      `shop/${name}`,
      { spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'a' }] }, status: podState },
      {
        created,
        owner: { apiVersion: 'batch/v1', kind: 'Job', name: 'load' },
      },
    );
  const failed = run('load-a', 0, { phase: 'Failed', containerStatuses: [container(ended(1, 5))] });
  const done = run('load-b', 10, { phase: 'Succeeded', containerStatuses: [container(ended(11, 15, 0, 'Completed'))] });
  const goesOn = run(
    'load-b',
    10,
    status([container(running(11), { ready: true })], { conditions: [{ type: 'Ready', status: 'True' }] }),
  );
  const count = (...objects: readonly object[]): number =>
    symptomsOf(new Case(estateOf({ 60: objects.map((apply) => ({ apply })) }))).length;
  assert.equal(count(job(), failed), 1);
  assert.equal(count(job(), failed, done), 0);
  assert.equal(count(job(), failed, goesOn), 0);
  assert.equal(count(job({ conditions: [{ type: 'Complete', status: 'True' }] }), failed), 0);
  const cron = (last: number): object =>
    object('batch/v1', 'CronJob', 'shop/load', { status: { lastScheduleTime: at(50), lastSuccessfulTime: at(last) } });
  const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'load' };
  const owned = object('batch/v1', 'Job', 'shop/load', { spec: {} }, { owner });
  assert.equal(count(cron(30), owned, failed), 0);
  assert.equal(count(cron(-30), owned, failed), 1);
  assert.equal(symptomsOf(new Case(estateOf({ 9000: [job(), failed].map((apply) => ({ apply })) }))).length, 0);
});

test('CA31 races of a beginning are none: a volume that was not ready once, a claim that was bound since, a ConfigMap that came', () => {
  const creating = web(podStatus.waiting('ContainerCreating'));
  const mount = event(
    creating.pod,
    'FailedMount',
    'MountVolume.SetUp failed for volume "config" : failed to sync configmap cache: timed out waiting for the condition',
    { first: 2 },
  );
  assert.equal(faultAt(5, { 0: [...creating.all, { apply: mount }] }), undefined);
  const needs = { env: [{ name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'settings', key: 'level' } } }] };
  const waiting = web(podStatus.waiting('CreateContainerConfigError', 'configmap "settings" not found'), {
    container: needs,
  });
  const map = object('v1', 'ConfigMap', 'shop/settings', { data: { level: 'info' } }, { created: 4 });
  assert.equal(faultAt(10, { 0: waiting.all, 4: [{ apply: map }] }), undefined);
  assert.equal(faultAt(300, { 0: waiting.all, 4: [{ apply: map }] })?.reason, 'CreateContainerConfigError');
  const claim = object('v1', 'PersistentVolumeClaim', 'shop/data', { spec: {}, status: { phase: 'Bound' } });
  const spec = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };
  const pending = web(
    podStatus.unscheduled('0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.'),
    { spec },
  );
  assert.equal(faultAt(10, { 0: [{ apply: claim }, ...pending.all] }), undefined);
});

test('CA32 restarts that recovered, old warnings and completed pods make no incident', () => {
  const { pod, all } = web(podStatus.running(100), { status: { readyReplicas: 1 } });
  const old = event(pod, 'BackOff', 'Back-off restarting failed container app', {
    first: 20,
    last: 90,
    count: 6,
    fieldPath: 'spec.containers{app}',
  });
  const unhealthy = event(pod, 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503', {
    first: 100,
    last: 104,
    count: 2,
  });
  const done = object('v1', 'Pod', 'shop/once', { spec: { restartPolicy: 'Never' }, status: { phase: 'Succeeded' } });
  assert.deepEqual(causesOf(estateOf({ 300: [...all, { apply: old }, { apply: unhealthy }, { apply: done }] })), []);
});

test('CA27 a volume of a ConfigMap that has come meanwhile is tried again', () => {
  const { all, pod } = web(podStatus.waiting('ContainerCreating'));
  const failed = event(
    pod,
    'FailedMount',
    'MountVolume.SetUp failed for volume "settings" : configmap "settings" not found',
    { first: 2, last: 34, count: 6 },
  );
  const came = object('v1', 'ConfigMap', 'shop/settings', {}, { created: 30 });
  assert.equal(faultAt(60, { 0: [...all, { apply: failed }] })?.reason, 'FailedMount');
  assert.equal(faultAt(60, { 0: [...all, { apply: failed }], 30: [{ apply: came }] }), undefined);
  assert.equal(faultAt(400, { 0: [...all, { apply: failed }], 30: [{ apply: came }] })?.reason, 'FailedMount');
});
