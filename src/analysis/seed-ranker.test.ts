/** The ranker of the systems before this one: its formula to the digit, its tables, and whom it takes for a candidate. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, deployment, estateOf, event, object, podStatus, type Seen } from '../../test/support/estate.ts';
import { log } from '../../test/support/told.ts';
import type { Resource } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { episodeId, episodeNamed, episodeOf, episodesIn, episodesNear } from './episodes.ts';
import { type Episode, hopsAround, type RankOptions, rankCauses, scored } from './seed-ranker.ts';
import { enhancedTable, scoreIn, seedTable } from './seed-tables.ts';

const here = (name: string, namespace = 'shop'): Resource => ({
  id: `c/${name}`,
  cluster: 'c',
  group: '',
  kind: 'Pod',
  namespace,
  name,
  uid: name,
  pseudo: false,
  labels: {},
  summary: {},
  health: { status: 'unknown' },
});

function episode(reason: string, seconds: number, more: Partial<Episode> = {}): Episode {
  return {
    id: `${reason} ${seconds}`,
    subject: here('web'),
    at: seconds * 1_000,
    reason,
    message: '',
    severity: 'warning',
    ...more,
  };
}

const near = (actual: number | undefined, expected: number): void =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-9, `${actual} is not ${expected}`);

test('RW1 the ranker seed adds 0.3 temporal, 0.3 distance and 0.4 domain; the same resource has distance 1', () => {
  const effect = episode('CrashLoopBackOff', 900);
  const cause = scored(episode('OOMKilled', 450), effect, 1);
  near(cause?.temporal, 0.5);
  near(cause?.distance, 0.5);
  near(cause?.domain, 0.95);
  near(cause?.confidence, 0.15 + 0.15 + 0.38);
  near(scored(episode('x', 900), effect, 2)?.distance, 1 / 3);
  near(scored(episode('x', 900), effect, 3)?.distance, 0.25);
  near(scored(episode('OOMKilled', 900), effect, 0)?.confidence, 0.3 + 0.3 + 0.38);
  near(scored(episode('x', 0), effect, 1)?.temporal, 0);
  assert.equal(scored(episode('x', -1), effect, 1), undefined, 'before the window');
  assert.equal(scored(episode('x', 901), effect, 1), undefined, 'after the effect');
  assert.equal(scored(episode('x', 900), effect, undefined), undefined, 'too far');
  near(scored(episode('x', 840), effect, 1, { windowMs: 120_000 })?.temporal, 0.5);
});

test('RW2 its table is looked through in order, with what reasons contain, messages and severities', () => {
  const told = (reason: string, message = '', severity: Episode['severity'] = 'warning') => ({
    reason,
    message,
    severity,
  });
  const of = (cause: ReturnType<typeof told>, effect: ReturnType<typeof told>): number =>
    scoreIn(seedTable, cause, effect);
  assert.equal(of(told('KubePodCrashLooping'), told('KubePodNotReady')), 0.85);
  assert.equal(of(told('KubePodNotReady'), told('KubePodCrashLooping')), 0.8);
  assert.equal(of(told('KubePodCrashLooping'), told('KubePodCrashLooping')), 0.75);
  assert.equal(of(told('PodOOMKilled'), told('CrashLoopBackOff')), 0.95);
  assert.equal(of(told('ErrImagePull'), told('FailedScheduling')), 0.9);
  assert.equal(of(told('NodeNotReady'), told('Evicted')), 0.9);
  assert.equal(of(told('', 'Connection REFUSED'), told('', '', 'error')), 0.7);
  assert.equal(of(told('', 'a deadlock', 'error'), told('', 'the api fails', 'error')), 0.65);
  assert.equal(of(told('a', '', 'error'), told('b', '', 'error')), 0.5);
  assert.equal(of(told('a'), told('b')), 0.4);
});

test('RW3 the variant enhanced has windows by the reason of the cause, distances by table and domains of its own', () => {
  const effect = episode('BackOff', 1_000);
  const of = (cause: Episode, hops: number | undefined) => scored(cause, effect, hops, { variant: 'enhanced' });
  near(of(episode('OOMKilled', 900), 0)?.confidence, 0.4 * 0.7 + 0.3 * 0.95 + 0.3 * 0.95);
  assert.equal(of(episode('OOMKilled', 880), 0), undefined, 'its window has two minutes');
  near(of(episode('FailedMount', 200), 1)?.temporal, 0.1);
  assert.ok(of(episode('ErrImagePull', 701), 2));
  assert.equal(of(episode('ErrImagePull', 700), 2), undefined);
  assert.equal(of(episode('x', 400), 2), undefined);
  assert.equal(of(episode('x', 1_000), 2), undefined, 'what is simultaneous does not come before');
  assert.deepEqual(
    [1, 2, 3].map((hops) => of(episode('x', 900), hops)?.distance),
    [0.85, 0.7, 0.55],
  );
  near(of(episode('x', 900, { subject: here('other') }), undefined)?.distance, 0.4);
  near(of(episode('x', 900, { subject: here('other', 'elsewhere') }), undefined)?.distance, 0.2);
  assert.equal(scoreIn(enhancedTable, episode('ErrImagePull', 0), episode('ImagePullBackOff', 0)), 0.93);
  assert.equal(scoreIn(enhancedTable, episode('a', 0), episode('b', 0)), 0.3);
});

test('RW4 what came again and again counts as of its last time that is known and does not lie after the effect', () => {
  const again = episode('OOMKilled', 950, { since: 600_000 });
  assert.equal(scored(again, episode('CrashLoopBackOff', 900), 0)?.lagMs, 300_000);
  assert.equal(scored(again, episode('CrashLoopBackOff', 960), 0)?.lagMs, 10_000);
});

const shop = deployment('shop/web', { podStatus: podStatus.running() });
const config = object('v1', 'ConfigMap', 'shop/settings', { data: { a: 'b' } });
const reader = deployment('shop/api', { spec: { volumes: [{ name: 'v', configMap: { name: 'settings' } }] } });
const node = object('v1', 'Node', 'n1', { status: {} });
const far = object('v1', 'Pod', 'other/lonely', { spec: { nodeName: 'n9', containers: [] } });

function viewOf(...more: readonly Seen[]): View {
  const all = [...shop.all, ...reader.all, ...[config, node, far].map((apply) => ({ apply })), ...more];
  return estateOf({ 0: all }).view;
}

function idOf(view: View, kind: string, name: string): string {
  for (const resource of view.resources({ kind })) if (resource.name === name) return resource.id;
  return assert.fail(`there is no ${kind} ${name}`);
}

test('RW5 distance counts edges both ways over SELECTS, OWNS and RUNS_ON, and on wish over all that failure travels on', () => {
  const view = viewOf();
  const pod = idOf(view, 'Pod', 'web-rs1-x');
  const hops = hopsAround(view, pod);
  assert.equal(hops.get(pod), 0);
  assert.equal(hops.get(idOf(view, 'ReplicaSet', 'web-rs1')), 1);
  assert.equal(hops.get(idOf(view, 'Deployment', 'web')), 2);
  assert.equal(hops.get(idOf(view, 'Node', 'n1')), 1);
  assert.equal(hops.get(idOf(view, 'Pod', 'api-rs1-x')), 2, 'by way of the node');
  assert.equal(hops.get(idOf(view, 'Pod', 'lonely')), undefined);
  const [settings, api] = [idOf(view, 'ConfigMap', 'settings'), idOf(view, 'Pod', 'api-rs1-x')];
  assert.equal(hopsAround(view, api).get(settings), undefined);
  assert.equal(hopsAround(view, api, 3, 'failure').get(settings), 1);
  assert.equal(hopsAround(view, pod, 1).get(idOf(view, 'Deployment', 'web')), undefined);
});

function ranked(view: View, reason: string, options: RankOptions = {}): readonly string[] {
  const episodes = [...episodesIn(view)];
  const effect = episodes.find((each) => each.reason === reason) ?? assert.fail(`no ${reason}`);
  return rankCauses(view, effect, episodes, options).map(({ episode: { reason: why }, hops }) => `${why} ${hops}`);
}

test('RW6 candidates of an estate: the best first, the effect not among them, what is elsewhere left out', () => {
  const view = viewOf(
    { apply: event(shop.pod, 'OOMKilled', 'killed', { first: 100 }) },
    { apply: event(shop.pod, 'CrashLoopBackOff', 'back-off', { first: 130 }) },
    { apply: event(node, 'NodeNotReady', 'gone', { first: 90 }) },
    { apply: event(reader.workload, 'ScalingReplicaSet', 'scaled', { first: 60, type: 'Normal' }) },
    { apply: event(far, 'Unhealthy', 'probe', { first: 120 }) },
    { apply: event(shop.pod, 'Later', 'x', { first: 200 }) },
  );
  assert.deepEqual(ranked(view, 'CrashLoopBackOff'), ['OOMKilled 0', 'NodeNotReady 1']);
  assert.deepEqual(ranked(view, 'CrashLoopBackOff', { through: 'failure', hopsMax: 6 })[0], 'OOMKilled 0');
  assert.deepEqual(ranked(view, 'CrashLoopBackOff', { confidenceMin: 0.9 }), ['OOMKilled 0']);
  assert.deepEqual(ranked(view, 'CrashLoopBackOff', { limit: 1 }), ['OOMKilled 0']);
  assert.deepEqual(ranked(view, 'CrashLoopBackOff', { variant: 'enhanced' })[0], 'OOMKilled 0');
  assert.ok(ranked(view, 'CrashLoopBackOff', { variant: 'enhanced' }).includes('Unhealthy undefined'));
});

test('RW6 episodes near a resource give the same causes as all there are', () => {
  const gone = object('v1', 'Pod', 'shop/gone');
  const view = viewOf(
    { apply: event(shop.pod, 'OOMKilled', 'killed', { first: 100 }) },
    { apply: event(shop.pod, 'CrashLoopBackOff', 'back-off', { first: 130 }) },
    { apply: event(node, 'NodeNotReady', 'gone', { first: 90 }) },
    { apply: event(far, 'Unhealthy', 'probe', { first: 120 }) },
    { apply: event(gone, 'Failed', 'x', { first: 50 }) },
    { apply: event(gone, 'BackOff', 'x', { first: 60 }) },
  );
  for (const reason of ['CrashLoopBackOff', 'BackOff']) {
    const all = [...episodesIn(view)];
    const effect = all.find((each) => each.reason === reason) ?? assert.fail();
    const near = rankCauses(view, effect, episodesNear(view, effect.subject));
    assert.ok(near.length > 0);
    assert.deepEqual(near, rankCauses(view, effect, all));
  }
});

test('RW7 an episode is found by its id, by the uid of an Event, by what its sender calls it, and by its instant', () => {
  const killed = event(shop.pod, 'OOMKilled', 'killed', { first: 100 });
  const line = log(shop.pod, 'dial tcp: connection refused');
  const view = viewOf({ apply: killed }, { occur: { ...('occur' in line ? line.occur : assert.fail()), id: 'e-17' } });
  const found = episodeNamed(view, killed.metadata.uid ?? '') ?? assert.fail();
  assert.equal(found.kind, 'Event');
  assert.equal(episodeNamed(view, found.id), found);
  assert.equal(episodeNamed(view, at(100)), found);
  const told = episodeNamed(view, 'e-17') ?? assert.fail();
  assert.equal(episodeId(told), 'e-17');
  assert.equal(episodeOf(view, told).subject.name, 'web-rs1-x');
  assert.equal(episodeNamed(view, 'nobody'), undefined);
  assert.equal(episodeNamed(view, idOf(view, 'Pod', 'lonely')), undefined, 'no episode');
});

test('RW8 how bad an Event is follows from its reason; one about what is gone has a stand-in for it', () => {
  const gone = object('v1', 'Pod', 'shop/gone');
  const view = viewOf(
    { apply: event(gone, 'OOMKilled', 'killed', { first: 1 }) },
    { apply: event(gone, 'FailedMount', 'x', { first: 2 }) },
    { apply: event(gone, 'Unhealthy', 'Liveness probe failed', { first: 3 }) },
    { apply: event(gone, 'BackOff', 'x', { first: 4 }) },
    { apply: event(gone, 'Started', 'x', { first: 5, type: 'Normal' }) },
  );
  const episodes = [...episodesIn(view)].sort((a, b) => a.at - b.at);
  assert.deepEqual(
    episodes.map(({ severity }) => severity),
    ['critical', 'error', 'error', 'warning', 'info'],
  );
  assert.deepEqual([...new Set(episodes.map(({ subject: { kind, name } }) => `${kind}/${name}`))], ['Pod/gone']);
  assert.equal(new Set(episodes.map(({ subject }) => subject.id)).size, 1);
});
