/** The feed's protocol without a network: outlets that say when they are full. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Estate, object, openEstate, pod } from '../../test/support/api-estate.ts';
import { Mirror, viewLines } from '../../test/support/mirror.ts';
import { seededRandom } from '../../test/support/random.ts';
import { FeedHub, type Packet } from './feed-hub.ts';
import { FeedSession, type SessionOptions } from './feed-session.ts';

const opened: { close(): unknown }[] = [];
after(async () => {
  for (const each of opened) await each.close();
});

interface Fixture extends Estate {
  readonly hub: FeedHub;
  readonly clock: { ms: number };
}

async function fixture(entriesMax = 100_000): Promise<Fixture> {
  const estate = await openEstate({ feedOptions: { entriesMax } });
  const clock = { ms: 0 };
  const hub = new FeedHub({ feed: estate.feed, view: () => estate.graph.view, now: () => clock.ms, beatMs: 1_000_000 });
  opened.push(estate.api, hub);
  return { ...estate, hub, clock };
}

class Client {
  readonly mirror = new Mirror();
  readonly packets: Packet[] = [];
  beats = 0;
  room = Number.POSITIVE_INFINITY;
  readonly session: FeedSession;

  constructor(hub: FeedHub, options: Partial<SessionOptions> = {}, room = Number.POSITIVE_INFINITY) {
    this.room = room;
    this.session = new FeedSession(
      hub,
      {
        send: (packet) => {
          this.packets.push(packet);
          this.mirror.take(packet.json);
          return --this.room > 0;
        },
        beat: () => {
          this.beats++;
        },
      },
      { from: undefined, snapshot: true, filter: undefined, ...options },
    );
  }

  /** Room for some more messages. */
  drain(room: number): void {
    this.room = room;
    this.session.drained();
  }
}

/** Lets broadcasts that are due happen. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('T1 a follower gets the graph, then what changes, and always equals the view', async () => {
  const { hub, graph, apply, remove } = await fixture();
  const client = new Client(hub);
  assert.deepEqual(client.mirror.lines(), viewLines(graph.view));
  apply(pod('web-2'), object('ConfigMap', 'settings', { data: { a: 'c', b: 'd' } }));
  remove(pod('web-1'));
  await turn();
  assert.deepEqual(client.mirror.types, ['snapshot', 'diff'], 'commits of one turn are one message');
  assert.deepEqual(client.mirror.lines(), viewLines(graph.view));
  assert.equal(client.mirror.revision, 'e1:3');
});

test('T2 who comes back gets what happened since, or gone and a new snapshot', async () => {
  const { hub, graph, apply } = await fixture(30);
  const before = new Client(hub);
  const { revision } = before.mirror;
  before.session.close();
  apply(pod('web-2'));
  const back = new Client(hub, { from: revision });
  assert.deepEqual(back.mirror.types, ['at', 'diff']);
  for (let i = 0; i < 20; i++) apply(pod(`more-${i}`));
  const late = new Client(hub, { from: revision });
  assert.deepEqual(late.mirror.types, ['gone', 'snapshot']);
  assert.deepEqual(late.mirror.lines(), viewLines(graph.view));
  for (const from of ['e0:1', 'nonsense', 'e1:999'])
    assert.equal(new Client(hub, { from }).mirror.types[0], 'gone', from);
});

test('T16 before its first follower the server keeps nothing of the feed, and makes no diff', async () => {
  const { hub, feed, apply } = await fixture();
  const kept = () => feed.since(`e1:${feed.head - 1}`).type;
  apply(pod('web-2'));
  assert.equal(kept(), 'gone');
  new Client(hub).session.close();
  apply(pod('web-3'));
  assert.equal(kept(), 'diffs', 'kept for whoever comes back');
});

test('T3 a slow follower has nothing queued and gets one squashed diff when it can', async () => {
  const { hub, graph, apply, remove } = await fixture();
  const client = new Client(hub, { snapshot: false }, 1);
  for (let i = 0; i < 50; i++) {
    apply(pod(`p-${i}`));
    await turn();
    if (i % 2) remove(pod(`p-${i}`));
    await turn();
  }
  assert.deepEqual(client.mirror.types, ['at'], 'nothing is sent to who is full');
  client.drain(10);
  assert.deepEqual(client.mirror.types, ['at', 'diff']);
  assert.equal(client.mirror.revision, `e1:${graph.view.revision}`);
  assert.equal(client.mirror.resources.size, 25, 'what came and went meanwhile is not told');
});

test('T4 a follower too slow for the window starts anew and is right again', async () => {
  const { hub, graph, apply } = await fixture(20);
  const client = new Client(hub, {}, 1);
  for (let i = 0; i < 30; i++) apply(pod(`p-${i}`));
  await turn();
  client.drain(100);
  assert.deepEqual(client.mirror.types, ['snapshot', 'gone', 'snapshot']);
  assert.deepEqual(client.mirror.lines(), viewLines(graph.view));
});

test('T5 a snapshot goes out in parts while the graph changes, and ends right', async () => {
  const { hub, graph, apply, remove } = await fixture();
  for (let i = 0; i < 1_300; i++) apply(pod(`p-${i}`));
  const client = new Client(hub, {}, 1);
  for (let round = 0; !client.mirror.complete; round++) {
    assert.ok(round < 50);
    remove(pod(`p-${round}`));
    apply(pod(`new-${round}`), pod(`p-${1_299 - round}`, 'other'));
    apply(pod(`brief-${round}`));
    remove(pod(`brief-${round}`));
    client.drain(1);
  }
  client.drain(100);
  assert.ok(client.mirror.types.filter((type) => type === 'snapshot').length > 3);
  assert.ok(client.mirror.types.includes('diff'));
  assert.deepEqual(client.mirror.lines(), viewLines(graph.view));
});

test('T5 followers that come later share the list of a snapshot and are right all the same', async () => {
  const { hub, graph, apply, remove } = await fixture();
  const first = new Client(hub);
  apply(pod('web-2'));
  remove(pod('web-1'));
  const second = new Client(hub, {}, 1);
  assert.deepEqual(second.mirror.types, ['snapshot']);
  assert.equal(second.mirror.resources.size, 0, 'the first part only says: forget');
  apply(pod('brief'));
  remove(pod('brief'));
  second.drain(100);
  await turn();
  assert.deepEqual(second.mirror.types, ['snapshot', 'diff', 'snapshot']);
  for (const client of [first, second]) assert.deepEqual(client.mirror.lines(), viewLines(graph.view));
});

test('T6 a message is written once for all who are at the same place', async () => {
  const { hub, apply } = await fixture();
  const clients = Array.from({ length: 5 }, () => new Client(hub, { snapshot: false }));
  apply(pod('web-2'));
  await turn();
  const packets = new Set(clients.map(({ packets: sent }) => sent.at(-1)));
  assert.equal(packets.size, 1);
  const [packet] = packets;
  assert.equal(packet?.frame, packet?.frame, 'and turned into bytes once');
});

test('T7 a filtered follower gets its resources and the edges among them, nothing else', async () => {
  const { hub, graph, apply, remove } = await fixture();
  const filter = { key: 'Pod', includes: ({ kind }: { kind: string }) => kind === 'Pod' || kind === 'Service' };
  const client = new Client(hub, { filter });
  apply(pod('web-2'));
  apply(object('ConfigMap', 'other'));
  remove(pod('web-1'));
  await turn();
  assert.deepEqual([...client.mirror.resources.keys()].sort(), ['c/Pod-web-2', 'c/Service-web']);
  assert.deepEqual([...client.mirror.edges.keys()], ['SELECTS|c/Service-web|c/Pod-web-2']);
  const told = client.mirror.types.length;
  apply(object('ConfigMap', 'unseen'));
  await turn();
  assert.equal(client.mirror.types.length, told, 'what does not concern it is not sent');
  hub.beat();
  assert.equal(client.mirror.revision, `e1:${graph.view.revision}`, 'but its position moves on with the heartbeat');
  hub.beat();
  assert.equal(client.beats, 1);
});

test('T8 broadcasts take no more than a third of the time', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { hub, clock, apply } = await fixture();
  const client = new Client(hub, { snapshot: false });
  const slow = {
    advance: () => {
      clock.ms += 10;
    },
    beat: () => {},
  };
  hub.add(slow);
  apply(pod('a'));
  await turn();
  assert.equal(client.mirror.types.length, 2);
  apply(pod('b'));
  await turn();
  assert.equal(client.mirror.types.length, 2, 'a broadcast of 10 ms is followed by a rest of 20');
  apply(pod('c'));
  context.mock.timers.tick(20);
  assert.equal(client.mirror.types.length, 3, 'and then by one message');
});

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`T9 followers of any pace end equal to the view (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    const upTo = (bound: number): number => random.int(bound);
    const { hub, graph, apply, remove } = await fixture(seed % 2 ? 60 : 100_000);
    for (let i = 0; i < 40; i++) apply(pod(`s-${i}`));
    const clients: Client[] = [];
    for (let step = 0; step < 120; step++) {
      if (upTo(10) === 0)
        clients.push(new Client(hub, upTo(2) ? {} : { from: `e1:${upTo(graph.view.revision + 1)}` }, upTo(3)));
      const name = `p-${upTo(12)}`;
      if (upTo(3) === 0) remove(pod(name));
      else apply(pod(name, ['web', 'api', 'db'][upTo(3)]));
      if (upTo(2)) await turn();
      for (const client of clients) if (upTo(4) === 0) client.drain(upTo(3));
    }
    for (const client of clients) client.drain(1_000_000);
    const expected = viewLines(graph.view);
    for (const client of clients) {
      if (client.mirror.types.includes('snapshot')) assert.deepEqual(client.mirror.lines(), expected);
      else assert.equal(client.mirror.revision, `e1:${graph.view.revision}`);
    }
  });
}
