/** What was done, by whom, and what it can break, asked of stories. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deployment, event, object, podStatus } from '../../test/support/estate.ts';
import { type Recorded, recorded } from '../../test/support/recorded.ts';
import type { Story } from '../../test/support/told.ts';
import type { KubeObject } from '../model/change.ts';

const DAY = 86_400;

const keyed = (name: string, key: string): object => ({
  name,
  valueFrom: { configMapKeyRef: { name: 'settings', key } },
});
const web = deployment('shop/web', {
  created: -DAY,
  container: { env: [keyed('HOST', 'host')] },
  podStatus: podStatus.running(-DAY),
});
const cart = deployment('shop/cart', {
  created: -DAY,
  container: { env: [keyed('COLOUR', 'colour')] },
  podStatus: podStatus.running(-DAY),
});
const settings = (data: object): KubeObject => object('v1', 'ConfigMap', 'shop/settings', { data }, { created: -DAY });
const login = (password: string): KubeObject =>
  object('v1', 'Secret', 'shop/login', { type: 'Opaque', data: { password } }, { created: -DAY });

/** The object as somebody left it, who owns the fields named. */
function by(manager: string, fields: object, changed: object, time: string): object {
  const { metadata, ...rest } = changed as KubeObject;
  const managedFields = [
    { manager, operation: 'Update', apiVersion: 'v1', time, fieldsType: 'FieldsV1', fieldsV1: fields },
  ];
  return { ...rest, metadata: { ...metadata, managedFields } };
}

const scaled = (replicas: number): object => ({
  ...web.workload,
  spec: { ...(web.workload['spec'] as object), replicas },
});

const story: Story = {
  0: [...web.all, ...cart.all, { apply: settings({ host: 'a', colour: 'red' }) }, { apply: login('YWJj') }],
  10: [
    {
      apply: by(
        'kubectl-edit',
        { 'f:data': { 'f:host': {} } },
        settings({ host: 'b', colour: 'red' }),
        '2026-11-21T10:00:10Z',
      ),
    },
  ],
  20: [{ apply: login('eHl6') }],
  30: [{ apply: { ...web.pod, status: { ...podStatus.running(-DAY), hostIP: '10.0.0.1' } } }],
  31: [{ apply: event(web.pod, 'Pulled', 'pulled', { first: 31, type: 'Normal' }) }],
  40: [{ apply: scaled(2) }],
  50: [{ apply: scaled(3) }],
  60: [{ apply: scaled(4) }],
  70: [{ gone: settings({}) }],
  80: [{ apply: object('v1', 'ConfigMap', 'shop/new', { data: { a: 'b' } }, { created: 80 }) }],
};

interface Answer {
  readonly items: readonly {
    readonly at: string;
    readonly verb: string;
    readonly times?: number;
    readonly classes: readonly string[];
    readonly by?: { readonly manager: string };
    readonly resource: { readonly kind: string; readonly name: string };
    readonly fields: readonly {
      readonly path: string;
      readonly before?: unknown;
      readonly after?: unknown;
      readonly class: string;
    }[];
    readonly breaks: readonly { readonly class: string }[];
    readonly affects: {
      readonly count: number;
      readonly resources: readonly { readonly kind: string; readonly name: string; readonly via: string }[];
    };
  }[];
  readonly read: { readonly versions: number; readonly left: number };
  readonly next?: string;
}

let past: Recorded;
before(async () => {
  past = await recorded(story);
});
after(() => past.close());

const ask = async (input: Readonly<Record<string, unknown>> = {}): Promise<Answer> => past.ask('changes', input);
const inShort = ({ items }: Answer): readonly string[] =>
  items.map(({ verb, resource: { kind, name }, classes, times }) =>
    [kind, name, verb, ...classes, times].filter(Boolean).join(' '),
  );

test('CC10 deeds are told newest first, each with its class; what only follows, and what was there before, is left out', async () => {
  const answer = await ask();
  assert.deepEqual(inShort(answer), [
    'ConfigMap new created config-key',
    'ConfigMap settings deleted config-key',
    'Deployment web changed replicas 3',
    'Secret login changed secret',
    'ConfigMap settings changed config-key',
  ]);
  assert.ok(answer.read.left > 0);
});

test('CC11 a field is told with its old and new value, who wrote it, and what it can break', async () => {
  const { items } = await ask({ classes: ['config-key'], from: '2026-11-21T10:00:05Z', to: '2026-11-21T10:00:15Z' });
  const [edit] = items;
  assert.equal(items.length, 1);
  assert.deepEqual(
    edit?.fields.map(({ path, before: was, after: is, class: name }) => [path, was, is, name]),
    [['data.host', 'a', 'b', 'config-key']],
  );
  assert.equal(edit?.by?.manager, 'kubectl-edit');
  assert.deepEqual(
    edit?.breaks.map((one) => one.class),
    ['config-key'],
  );
});

test('CC12 the same done again and again is told once, from the first value to the last', async () => {
  const { items } = await ask({ classes: ['replicas'] });
  assert.deepEqual(
    items.map(({ times, fields: [field] }) => [times, field?.before, field?.after]),
    [[3, 1, 4]],
  );
});

test('CC13 of a key of a ConfigMap, those depend on it who read that key; of a deleted one, who still refers to it', async () => {
  const at = '2026-11-21T10:00:15Z';
  const [edit] = (await ask({ at, classes: ['config-key'] })).items;
  assert.deepEqual(
    edit?.affects.resources.map(({ kind, name, via }) => [kind, name, via]),
    [['Deployment', 'web', 'READS']],
  );
  const deleted = (await ask()).items.find(({ verb }) => verb === 'deleted');
  assert.deepEqual(
    deleted?.affects.resources.map(({ name }) => name),
    ['cart', 'web'],
  );
});

test('CC14 of Secrets only fingerprints are told', async () => {
  const [rotation] = (await ask({ classes: ['secret'] })).items;
  const [field] = rotation?.fields ?? [];
  assert.match(String(field?.before), /^redacted:/);
  assert.match(String(field?.after), /^redacted:/);
  assert.notEqual(field?.before, field?.after);
});

test('CC15 changes are chosen by resource, kind, class, actor and interval', async () => {
  assert.deepEqual(inShort(await ask({ resource: 'ConfigMap/shop/settings' })), [
    'ConfigMap settings deleted config-key',
    'ConfigMap settings changed config-key',
  ]);
  assert.deepEqual(inShort(await ask({ kinds: ['secrets'] })), ['Secret login changed secret']);
  assert.deepEqual(inShort(await ask({ actors: ['KUBECTL'] })), ['ConfigMap settings changed config-key']);
  assert.deepEqual(inShort(await ask({ to: '2026-11-21T10:00:12Z' })), ['ConfigMap settings changed config-key']);
  assert.deepEqual(inShort(await ask({ namespaces: ['elsewhere'] })), []);
  await assert.rejects(ask({ classes: ['colour'] }), { code: 'invalid-input' });
});

test('CC16 pages neither repeat nor skip', async () => {
  const pages: string[] = [];
  let cursor: string | undefined;
  do {
    const answer = await ask({ limit: 1, kinds: ['ConfigMap', 'Secret'], ...(cursor && { cursor }) });
    pages.push(...inShort(answer));
    cursor = answer.next;
  } while (cursor);
  assert.deepEqual(pages, inShort(await ask({ kinds: ['ConfigMap', 'Secret'] })));
  await assert.rejects(ask({ cursor: 'nonsense' }), { code: 'invalid-input' });
});

test('CC17 what controllers write into what they made is nobody’s deed, and what a person writes into it is one', async () => {
  const labelled = { ...cart.pod, metadata: { ...cart.pod.metadata, labels: { app: 'cart', role: 'spare' } } };
  const field = { 'f:metadata': { 'f:labels': { 'f:role': {} } } };
  const fewer = { ...web.set, spec: { ...(web.set['spec'] as object), replicas: 0 } };
  const other = await recorded({
    0: [...web.all, ...cart.all],
    10: [{ apply: by('kube-controller-manager', { 'f:spec': { 'f:replicas': {} } }, fewer, '2026-11-21T10:00:10Z') }],
    20: [{ apply: by('kubectl-label', field, labelled, '2026-11-21T10:00:20Z') }],
  });
  const answer: Answer = await other.ask('changes');
  await other.close();
  assert.deepEqual(inShort(answer), ['Pod cart-rs1-x changed label']);
});
