import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../../test/support/manual-clock.ts';
import { PlayedKubelet } from '../../../../test/support/played-kubelet.ts';
import type { Occurrence } from '../../../model/change.ts';
import type { HealthStatus } from '../../../model/resource.ts';
import { type LogLimits, logTimes } from './limits.ts';
import { LogFollower } from './log-follower.ts';

const usual: LogLimits = {
  pods: 20,
  podBytes: 64_000,
  bytes: 512_000,
  podLines: 200,
  lines: 1_000,
  tailLines: 200,
  calmMs: 60_000,
  templates: 50,
  templatesInAll: 10_000,
};

class Scene {
  readonly clock = new ManualClock();
  readonly kubelet = new PlayedKubelet(this.clock);
  readonly told: Occurrence[] = [];
  readonly warnings: string[] = [];
  readonly follower: LogFollower;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  health: HealthStatus = 'healthy';

  constructor(limits: Partial<LogLimits> = {}, known: readonly Occurrence[] = []) {
    this.follower = new LogFollower({
      cluster: 'c',
      client: this.kubelet,
      clock: this.clock,
      random: () => 0.5,
      limits: { ...usual, ...limits },
      times: logTimes,
      redact: (text) => text,
      healthOf: () => this.health,
      known: () => known,
      warn: (message) => this.warnings.push(message),
      emit: async (changes) => {
        for (const change of changes) if (change.type === 'occur') this.told.push(change.occurrence);
      },
    });
  }

  run(): this {
    this.#running = this.follower.run(this.#stop.signal);
    return this;
  }

  /** The status of a pod goes by. */
  see(...names: readonly string[]): void {
    for (const name of names)
      this.follower.noticed([{ type: 'apply', at: this.clock.time(), cluster: 'c', object: this.kubelet.pod(name) }]);
  }

  /** What is known by now: the last telling of each template, `pod: message ×count`. */
  get known(): readonly string[] {
    const latest = new Map(this.told.map((occurrence) => [occurrence.id, occurrence]));
    return Array.from(
      latest.values(),
      ({ subject, message, attributes }) => `${subject.name}: ${message} ×${attributes?.['count']}`,
    ).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.clock.pass(0);
    await this.#running;
    assert.equal(this.kubelet.followed, 0, 'nothing is left open');
  }
}

test('LG1 a pod that crashes is read: the run before, the run that ended, the run that goes on; a healthy one is not', async () => {
  await using scene = new Scene().run();
  const { kubelet, clock } = scene;
  kubelet.begin('web');
  kubelet.write('web', 'starting', 'ERROR first 1');
  kubelet.end('web', 1);
  await clock.pass(2_000);
  kubelet.begin('web');
  kubelet.write('web', 'starting', 'ERROR second 1');
  kubelet.begin('calm');
  kubelet.write('calm', 'ERROR nobody hears');
  scene.see('web', 'calm');
  await clock.pass(5_000);
  assert.deepEqual(scene.known, ['web: ERROR first 1 ×1', 'web: ERROR second 1 ×1']);
  kubelet.write('web', 'ERROR third 1');
  await clock.pass(15_000);
  assert.ok(scene.known.includes('web: ERROR third 1 ×1'), 'it is followed');
  assert.ok(!kubelet.asked.some((path) => path.includes('calm')));
});

test('LG2 no line is taken twice, through restarts, broken connections and turns, and none is missed', async () => {
  await using scene = new Scene().run();
  const { kubelet, clock } = scene;
  kubelet.begin('web');
  kubelet.write('web', 'ERROR begin 0');
  kubelet.end('web', 1);
  await clock.pass(1_000);
  kubelet.begin('web');
  scene.see('web');
  let written = 0;
  for (let run = 0; run < 6; run++) {
    for (let count = 0; count < 5; count++) {
      kubelet.write('web', `ERROR lost ${written++}`, `ERROR lost ${written++}`);
      await clock.pass(count === 2 ? 700 : 90);
      if (count === 3) kubelet.cut();
    }
    await clock.pass(5_000);
    kubelet.write('web', `ERROR lost ${written++}`);
    kubelet.end('web', 1);
    if (run % 2 === 0) scene.see('web');
    await clock.pass(100 + run * 700);
    kubelet.begin('web');
    scene.see('web');
    await clock.pass(3_000);
  }
  await clock.pass(100_000);
  assert.deepEqual(scene.known, ['web: ERROR begin 0 ×1', `web: ERROR lost ${written - 1} ×${written}`]);
});

test('LG3 a pod that is well again is read for a little and then left, and read again when it is unwell again, from where it was', async () => {
  await using scene = new Scene({ calmMs: 30_000 }).run();
  const { kubelet, clock } = scene;
  kubelet.begin('web');
  scene.health = 'critical';
  scene.see('web');
  await clock.pass(2_000);
  assert.equal(kubelet.followed, 1);
  kubelet.write('web', 'ERROR lost 1');
  scene.health = 'healthy';
  scene.see('web');
  await clock.pass(29_000);
  assert.equal(kubelet.followed, 1, 'it is read on');
  await clock.pass(3_000);
  assert.equal(kubelet.followed, 0, 'and left');
  kubelet.write('web', 'ERROR lost 2');
  await clock.pass(60_000);
  assert.deepEqual(scene.known, ['web: ERROR lost 1 ×1']);
  scene.health = 'critical';
  scene.see('web');
  await clock.pass(15_000);
  assert.deepEqual(scene.known, ['web: ERROR lost 2 ×2']);
});

test('LG3 what may be a pod on its way is let be at first', async () => {
  await using scene = new Scene().run();
  const { kubelet, clock } = scene;
  kubelet.begin('web');
  scene.health = 'warning';
  scene.see('web');
  await clock.pass(9_000);
  assert.deepEqual(kubelet.asked, []);
  await clock.pass(3_000);
  assert.equal(kubelet.followed, 1);
});

test('LG4 no more pods are read at a time than may be, and all have their turn', async () => {
  await using scene = new Scene({ pods: 3 }).run();
  const { kubelet, clock } = scene;
  const names = Array.from({ length: 10 }, (_, index) => `web-${index}`);
  scene.health = 'critical';
  for (const name of names) {
    kubelet.begin(name);
    kubelet.write(name, 'ERROR lost');
  }
  scene.see(...names);
  let most = 0;
  for (let second = 0; second < 400; second++) {
    await clock.pass(1_000);
    most = Math.max(most, kubelet.followed);
  }
  assert.equal(most, 3);
  assert.equal(scene.known.length, 10);
});

test('LG5 where logs may not be read that is said once, with the right that is missing, and asked again rarely', async () => {
  await using scene = new Scene().run();
  const { kubelet, clock } = scene;
  kubelet.fails = () => ({ type: 'forbidden', message: 'pods "web" is forbidden' });
  scene.health = 'critical';
  for (const name of ['web', 'api']) kubelet.begin(name);
  scene.see('web', 'api');
  await clock.pass(300_000);
  assert.equal(scene.warnings.length, 1);
  assert.match(scene.warnings[0] ?? '', /cluster "c".*namespace shop.*"get" on "pods\/log"/);
  assert.ok(kubelet.asked.length <= 2, `${kubelet.asked.length}`);
  kubelet.fails = () => undefined;
  kubelet.write('web', 'ERROR lost');
  await clock.pass(700_000);
  assert.deepEqual(scene.known, ['web: ERROR lost ×1'], 'and read once it may be');
});

test('LG6 a server that is away, a container that is not there yet and one that is gone are waited for, ever longer', async () => {
  await using scene = new Scene().run();
  const { kubelet, clock } = scene;
  scene.health = 'critical';
  kubelet.begin('web');
  kubelet.write('web', 'ERROR lost');
  for (const type of ['unreachable', 'refused', 'not-found', 'busy'] as const) {
    kubelet.asked.length = 0;
    kubelet.fails = () => ({ type, message: type });
    scene.see('web');
    await clock.pass(120_000);
    assert.ok(kubelet.asked.length > 1 && kubelet.asked.length < 15, `${type}: ${kubelet.asked.length}`);
  }
  kubelet.fails = () => undefined;
  await clock.pass(100_000);
  assert.deepEqual(scene.known, ['web: ERROR lost ×1']);
  assert.deepEqual(scene.warnings, []);
});

test('LG7 of a container that writes faster than may be read the latest is read, at the rate that is set, and counts say so', async () => {
  await using scene = new Scene({ podLines: 50, tailLines: 100 }).run();
  const { kubelet, clock } = scene;
  scene.health = 'critical';
  kubelet.begin('web');
  scene.see('web');
  let written = 0;
  for (let step = 0; step < 1_200; step++) {
    kubelet.write('web', ...Array.from({ length: 50 }, () => `ERROR flood ${written++}`));
    await clock.pass(100);
  }
  await clock.pass(100_000);
  const last = scene.told.at(-1);
  const count = Number(last?.attributes?.['count']);
  assert.equal(written, 60_000);
  assert.ok(count > 2_000 && count < 50 * 220 + 2_000, `${count} lines of ${written} in 220 s, 50 a second`);
  assert.equal(last?.attributes?.['incomplete'], true);
  assert.ok(scene.told.length < 12, `${scene.told.length} tellings`);
});

test('LG8 one look reads everybody who is unwell once, ended runs and the present one, and ends', async () => {
  await using scene = new Scene({ pods: 2 });
  const { kubelet, clock } = scene;
  for (const name of ['a', 'b', 'c']) {
    kubelet.begin(name);
    kubelet.write(name, 'reading settings', 'line 3 is odd');
    kubelet.end(name, 2);
    await clock.pass(1_000);
    kubelet.begin(name);
    kubelet.write(name, 'ERROR lost');
  }
  kubelet.begin('calm');
  scene.see('a', 'b', 'c', 'calm');
  await scene.follower.readOnce(5_000, new AbortController().signal);
  assert.equal(scene.known.length, 9);
  assert.ok(scene.known.includes('b: line 3 is odd ×1'), 'its last words');
  assert.ok(!kubelet.asked.some((path) => path.includes('follow') || path.includes('calm')));
});

test('LG9 a pod is read on request, however well it is', async () => {
  await using scene = new Scene().run();
  const { kubelet, clock } = scene;
  const { signal } = new AbortController();
  kubelet.begin('calm');
  kubelet.write('calm', 'ERROR nobody heard');
  assert.equal(await scene.follower.ask('shop', 'calm', 20_000, signal), true);
  assert.deepEqual(scene.known, ['calm: ERROR nobody heard ×1']);
  await clock.pass(2_000);
  assert.equal(kubelet.followed, 1, 'and followed');
  await clock.pass(90_000);
  assert.equal(kubelet.followed, 0, 'for as long as was asked');
  assert.equal(await scene.follower.ask('shop', 'nobody', 20_000, signal), false);
});

test('LG12 of a pod that is gone what it wrote is told, and nothing is asked any more', async () => {
  await using scene = new Scene().run();
  const { kubelet, clock } = scene;
  scene.health = 'critical';
  kubelet.begin('web');
  scene.see('web');
  await clock.pass(2_000);
  kubelet.write('web', 'ERROR lost');
  await clock.pass(100);
  const { metadata, apiVersion, kind } = kubelet.pod('web');
  scene.follower.noticed([{ type: 'delete', at: clock.time(), cluster: 'c', object: { apiVersion, kind, metadata } }]);
  await clock.pass(15_000);
  assert.deepEqual(scene.known, ['web: ERROR lost ×1']);
  const asked = kubelet.asked.length;
  await clock.pass(120_000);
  assert.equal(kubelet.asked.length, asked);
});

test('LG13 a process that begins again goes on from what was told before: counts rise, ids stay, nothing is taken twice', async () => {
  await using before = new Scene().run();
  const { kubelet, clock } = before;
  kubelet.begin('web');
  before.health = 'critical';
  kubelet.write('web', 'ERROR lost 1');
  await clock.pass(100);
  kubelet.write('web', 'ERROR lost 2');
  before.see('web');
  await clock.pass(20_000);
  assert.deepEqual(before.known, ['web: ERROR lost 2 ×2']);
  const [last] = before.told.slice(-1);
  assert.ok(last);
  // As a graph keeps it.
  const attributes = Object.fromEntries(
    Object.entries(last.attributes ?? {}).map(([key, value]) => [key, String(value)]),
  );
  await using after = new Scene({}, [{ ...last, attributes }]).run();
  after.health = 'critical';
  const { kubelet: again } = after;
  again.begin('web');
  again.write('web', 'ERROR lost 1');
  await after.clock.pass(100);
  again.write('web', 'ERROR lost 2');
  await after.clock.pass(50_000);
  again.write('web', 'ERROR lost 3');
  after.see('web');
  await after.clock.pass(5_000);
  assert.deepEqual(after.known, ['web: ERROR lost 3 ×3']);
  assert.equal(after.told[0]?.id, last.id);
  assert.equal(after.told[0]?.attributes?.['firstAt'], last.attributes?.['firstAt']);
});

test('LG11 of a line that is too long the beginning is kept, and no word that was cut', async () => {
  await using scene = new Scene();
  const { kubelet } = scene;
  kubelet.begin('web');
  scene.health = 'critical';
  const head = `ERROR ${'word '.repeat(1_600)}`;
  kubelet.write('web', `${head}${'s3cret'.repeat(1_000)} end`, `ERROR ${'x'.repeat(20_000)}`, 'ERROR short');
  scene.see('web');
  await scene.follower.readOnce(5_000, new AbortController().signal);
  assert.equal(scene.told.length, 3);
  assert.ok(!JSON.stringify(scene.told).includes('s3cret'));
  assert.ok(scene.told.every(({ message = '' }) => message.length <= 2_000));
});
