/** What will run out, as an answer of a history. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { at, object } from '../../test/support/estate.ts';
import { type Recorded, recorded } from '../../test/support/recorded.ts';
import { occur, often, together } from '../../test/support/told.ts';

const quota = (pods: number): object =>
  object('v1', 'ResourceQuota', 'shop/quota', { status: { hard: { pods: '20' }, used: { pods: String(pods) } } });
const claim = object('v1', 'PersistentVolumeClaim', 'office/data', {
  status: { phase: 'Bound', capacity: { storage: '100' } },
});
const used = (value: number) =>
  occur('metric', claim, { severity: 'info', reason: 'kubelet_volume_stats_used_bytes', attributes: { value } });
const node = object('v1', 'Node', 'n1', { status: { allocatable: { cpu: '4', pods: '110' } } }, { created: -86_400 });

let past: Recorded;
before(async () => {
  past = await recorded(
    together(
      { 0: [{ apply: claim }, { apply: node }] },
      often(0, 3_600, 300, (now) => [{ apply: quota(3 + now / 300) }]),
      often(0, 3_600, 120, (now) => [used(10 + now / 60)]),
    ),
  );
});
after(() => past.close());

interface Answer {
  readonly predictions: readonly {
    readonly kind: string;
    readonly at: string;
    readonly earliest?: string;
    readonly latest?: string;
    readonly resource: { readonly name: string };
  }[];
  readonly looked: Readonly<Record<string, number>>;
  readonly left: number;
  readonly next?: string;
}

const ask = async (input: Readonly<Record<string, unknown>> = {}): Promise<Answer> =>
  past.ask('predict', { at: '0s', ...input });
const named = ({ predictions }: Answer): readonly string[] =>
  predictions.map(({ kind, resource: { name } }) => `${kind} ${name}`);

test('PD20 what will run out is told, the soonest first, with intervals and with what was measured', async () => {
  const answer = await ask();
  assert.deepEqual(named(answer), ['quota quota', 'volume data']);
  for (const { earliest = '', at: when, latest = '' } of answer.predictions)
    assert.ok(earliest <= when && when <= latest);
  assert.deepEqual([answer.looked['quota'], answer.looked['volume'], answer.looked['certificate']], [1, 1, 0]);
  assert.deepEqual(named(await ask({ kinds: ['volume'] })), ['volume data']);
  assert.deepEqual(named(await ask({ namespaces: ['shop'] })), ['quota quota']);
  assert.deepEqual(named(await ask({ resource: 'PersistentVolumeClaim/office/data' })), ['volume data']);
  assert.deepEqual(named(await ask({ at: at(240) })), []);
  const page = await ask({ limit: 1 });
  assert.deepEqual([named(page), page.left], [['quota quota'], 1]);
  assert.deepEqual(named(await ask({ limit: 1, cursor: page.next })), ['volume data']);
});
