/** Every operation over one small shop, by the table: inputs are checked, answers have the shape they promise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import { type Extras, smallGraph } from '../../test/support/small-graph.ts';
import type { Dangling } from '../model/edge.ts';
import { Problem } from '../model/problem.ts';
import { clusterTopology } from './cluster-topology.ts';
import { count } from './count.ts';
import { exportGraph } from './export-graph.ts';
import { findDangling } from './find-dangling.ts';
import { findImpact } from './find-impact.ts';
import { findNeighbours } from './find-neighbours.ts';
import { findPaths } from './find-paths.ts';
import { findResources } from './find-resources.ts';
import { findTrouble } from './find-trouble.ts';
import { findWhatIf } from './find-what-if.ts';
import { getResource } from './get-resource.ts';
import { operations } from './index.ts';
import { listClusters } from './list-clusters.ts';
import { listKinds } from './list-kinds.ts';
import { listRelations } from './list-relations.ts';
import { type Context, JsonText, type Operation, perform } from './operation.ts';
import { resourceTopology } from './resource-topology.ts';
import { runQuery } from './run-query.ts';
import { inputFromStrings } from './shared/from-strings.ts';
import { graphDocument } from './shared/graph-document.ts';
import { topology } from './topology.ts';

const at = '2026-01-01T00:00:00Z';

const sentences = [
  'Pod/shop/web-1 IN_NAMESPACE Namespace/shop',
  'Pod/shop/web-1 RUNS_ON Node/n1',
  'Pod/shop/web-2 RUNS_ON Node/n1',
  'Pod/shop/web-1 MOUNTS ConfigMap/shop/settings',
  'Pod/shop/web-1 CLAIMS PersistentVolumeClaim/shop/data',
  'Pod/shop/web-1 USES_IMAGE Image/nginx:1',
  'Pod/shop/web-1 READS_SECRET Secret/shop/db',
  'ReplicaSet/shop/web OWNS Pod/shop/web-1',
  'ReplicaSet/shop/web OWNS Pod/shop/web-2',
  'Deployment/shop/web OWNS ReplicaSet/shop/web',
  'Service/shop/web SELECTS Pod/shop/web-1',
  'Service/shop/web SELECTS Pod/shop/web-2',
  'Ingress/shop/web ROUTES_TO Service/shop/web',
  'Event/shop/e1 ABOUT Pod/shop/web-1',
  'RoleBinding/shop/rb GRANTS_TO ServiceAccount/shop/web',
];

const lost: Dangling = {
  type: 'MOUNTS',
  from: 'Pod/shop/web-2',
  target: { group: '', kind: 'Secret', namespace: 'shop', name: 'gone' },
  detail: {
    rule: 'r',
    field: 'spec.volumes[0].secret.secretName',
    class: 'exact',
    confidence: 1,
    reason: 'missing',
    optional: false,
  },
};

const extras: Extras = {
  at,
  dangling: [lost],
  coverage: [
    { cluster: 'c', group: '', kind: 'Pod', namespace: '', coverage: 'ready', since: at },
    {
      cluster: 'c',
      group: '',
      kind: 'Secret',
      namespace: '',
      coverage: 'forbidden',
      since: at,
      message: 'secrets is forbidden',
    },
    { cluster: 'c', group: 'apps', kind: 'Deployment', namespace: '', coverage: 'loading', since: at },
  ],
  resources: {
    'Pod/shop/web-1': {
      labels: { app: 'web', tier: 'front' },
      summary: { ready: '1/1', status: 'Running', restarts: 3 },
      createdAt: at,
    },
    'Pod/shop/web-2': { labels: { app: 'web' }, health: { status: 'critical', reason: 'CreateContainerConfigError' } },
    'Deployment/shop/web': { summary: { ready: '1/2', available: 1 } },
    'Pod/other/api': { labels: { app: 'api' } },
  },
};

const kinds = [
  {
    group: '',
    kind: 'Pod',
    plural: 'pods',
    namespaced: true,
    shortNames: ['po'],
    relations: [{ edge: 'RUNS_ON', path: 'spec.nodeName', to: 'Node', confidence: 'exact' }],
  },
  { group: '', kind: 'Service', plural: 'services', namespaced: true },
  { group: '', kind: 'Node', plural: 'nodes', namespaced: false },
  { group: 'apps', kind: 'Deployment', plural: 'deployments', namespaced: true },
];

const context: Context = { view: smallGraph(sentences, extras), epoch: 'e1', kinds, clusters: ['c', 'd'] };

/** The answer, checked against the shape that the operation promises. */
async function ask<I extends z.ZodObject, O extends z.ZodType>(
  operation: Operation<I, O>,
  input: object = {},
  where: Context = context,
): Promise<z.output<O>> {
  const answer = await perform(operation, where, input);
  const text = answer instanceof JsonText ? [...answer.pieces].join('') : JSON.stringify(answer);
  const value: unknown = JSON.parse(text);
  const checked = operation.output.safeParse(value);
  assert.ok(checked.success, `${operation.name}: ${JSON.stringify(checked.error?.issues)}`);
  assert.deepEqual(checked.data, value, `${operation.name}: everything in the answer is in its schema`);
  return checked.data;
}

async function refusal(operation: Operation, input: object, where: Context = context): Promise<Problem> {
  try {
    await ask(operation, input, where);
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    return error;
  }
  assert.fail('expected a problem');
}

const names = (items: { kind: string; namespace: string; name: string }[]): string[] =>
  items.map(({ kind, namespace, name }) => [kind, namespace, name].filter((part) => part).join('/'));

test('O1 every operation has a name of its own, examples that it accepts, and a route', () => {
  assert.equal(new Set(operations.map(({ name }) => name)).size, operations.length);
  assert.equal(new Set(operations.map(({ route }) => route)).size, operations.length);
  for (const { name, route, input, examples } of operations) {
    assert.match(name, /^[a-z]+(-[a-z]+)*$/);
    assert.ok(examples.length > 0, name);
    const texts = Object.fromEntries(Object.keys(input.shape).map((key) => [key, 'a,b']));
    for (const value of Object.values(inputFromStrings({ input }, texts)))
      if (Array.isArray(value)) assert.deepEqual(value, ['a', 'b'], `${name}: every list takes commas`);
    for (const example of examples) assert.ok(input.safeParse(example.input).success, `${name}: ${example.title}`);
    for (const [, parameter = ''] of route.matchAll(/\{(\w+)(?:\.\.\.)?\}/g))
      assert.ok(parameter in input.shape, `${name}: ${parameter}`);
  }
});

test('O2 every fault of an input is told at once, unknown parameters with the nearest known one', async () => {
  const problem = await refusal(findResources, { limt: 3, limit: 0, health: ['bad'] });
  assert.equal(problem.code, 'invalid-input');
  assert.equal(problem.details.length, 3);
  assert.match(problem.details[0] ?? '', /did you mean limit\?/);
});

test('O3 resources: every filter, and both together', async () => {
  assert.deepEqual(names((await ask(findResources, { kinds: ['pods'] })).items), [
    'Pod/other/api',
    'Pod/shop/web-1',
    'Pod/shop/web-2',
  ]);
  assert.deepEqual(
    names((await ask(findResources, { kinds: ['po'], namespaces: ['shop'], health: ['critical'] })).items),
    ['Pod/shop/web-2'],
  );
  assert.deepEqual(names((await ask(findResources, { labels: 'app=web,!tier' })).items), ['Pod/shop/web-2']);
  assert.deepEqual(names((await ask(findResources, { text: 'CONFIGERROR' })).items), ['Pod/shop/web-2']);
  assert.deepEqual(names((await ask(findResources, { names: ['n1'] })).items), ['Node/n1']);
  assert.equal((await ask(findResources, { clusters: ['d'] })).total, 0);
});

test('O4 Events and pseudo resources are listed when asked for by kind', async () => {
  const all = names((await ask(findResources)).items);
  assert.ok(!all.some((name) => name.startsWith('Event') || name.startsWith('Image')));
  assert.deepEqual(names((await ask(findResources, { kinds: ['Event', 'Image'] })).items), [
    'Event/shop/e1',
    'Image/nginx:1',
  ]);
});

test('O5 pages follow one another without loss or repetition, in a stable order', async () => {
  const whole = names((await ask(findResources)).items);
  const pieces: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask(findResources, { limit: 3, ...(cursor !== undefined && { cursor }) });
    assert.equal(page.total, whole.length);
    pieces.push(...names(page.items));
    cursor = page.next;
  } while (cursor !== undefined);
  assert.deepEqual(pieces, whole);
  assert.deepEqual(whole, whole.toSorted());
  assert.match((await refusal(findResources, { cursor: 'x' })).message, /cursor/);
});

test('O6 every answer about the graph says its revision, time and what is not fully observed', async () => {
  const answer = await ask(findResources);
  assert.equal(answer.revision, 'e1:1');
  assert.equal(answer.at, at);
  assert.deepEqual(
    answer.incomplete.map((scope) => `${scope.kind} ${scope.coverage}`),
    ['Secret forbidden', 'Deployment loading'],
  );
  assert.deepEqual((await ask(findResources, { kinds: ['Pod'] })).incomplete, [], 'what does not matter is left out');
});

test('O7 one resource shows its relations both ways with evidence, and what it lacks', async () => {
  const pod = await ask(getResource, { resource: 'Pod/shop/web-1' });
  assert.equal(pod.resource.summary['restarts'], 3);
  assert.deepEqual(pod.out.total, {
    IN_NAMESPACE: 1,
    RUNS_ON: 1,
    MOUNTS: 1,
    CLAIMS: 1,
    USES_IMAGE: 1,
    READS_SECRET: 1,
  });
  assert.deepEqual(pod.in.total, { OWNS: 1, SELECTS: 1, ABOUT: 1 });
  const mounts = pod.out.items.find((relation) => relation.type === 'MOUNTS');
  assert.equal(mounts?.sentence, 'mounts');
  assert.equal(mounts?.other.name, 'settings');
  assert.equal(mounts?.evidence.confidence, 1);
  assert.equal((await ask(getResource, { resource: 'Pod/shop/web-2' })).dangling[0]?.target.name, 'gone');
  const cut = await ask(getResource, { resource: 'Pod/shop/web-1', limit: 2 });
  assert.equal(cut.out.items.length, 2);
  assert.equal(cut.left, 5);
  assert.equal(cut.out.total['MOUNTS'], 1, 'what is not shown is counted');
});

test('O8 topology: by namespace with what it points to outside, by kind, around a resource', async () => {
  const shop = await ask(topology, { namespaces: ['shop'] });
  assert.ok(names(shop.nodes).includes('Node/n1'));
  assert.deepEqual(shop.leaves, [
    { id: 'Namespace/shop', edges: 1 },
    { id: 'Node/n1', edges: 2 },
  ]);
  assert.ok(!names((await ask(topology, { namespaces: ['shop'], outside: false })).nodes).includes('Node/n1'));
  const owners = await ask(topology, { kinds: ['Deployment', 'ReplicaSet', 'Pod'], types: ['OWNS'] });
  assert.deepEqual(
    owners.edges.map((edge) => edge.type),
    ['OWNS', 'OWNS', 'OWNS'],
  );
  const around = await ask(topology, { around: 'Service/shop/web', depth: 1 });
  assert.deepEqual(names(around.nodes), ['Ingress/shop/web', 'Pod/shop/web-1', 'Pod/shop/web-2', 'Service/shop/web']);
  assert.equal(around.edges.length, 3);
});

test('O9 a picture with more nodes than fit keeps the unhealthy and warns; its edges join its nodes', async () => {
  const cut = await ask(topology, { namespaces: ['shop'], limit: 2 });
  assert.equal(cut.nodes.length, 2);
  assert.ok(names(cut.nodes).includes('Pod/shop/web-2'));
  assert.equal(cut.truncated, true);
  assert.equal(cut.warnings[0]?.code, 'TOPOLOGY_TRUNCATED');
  const ids = new Set(cut.nodes.map(({ id }) => id));
  for (const { from, to } of cut.edges) assert.ok(ids.has(from) && ids.has(to));
});

test('O10 neighbours and paths, in words too', async () => {
  const near = await ask(findNeighbours, { resource: 'Pod/shop/web-1', families: ['configuration'] });
  assert.deepEqual(names(near.neighbours), ['ConfigMap/shop/settings', 'Secret/shop/db']);
  const direct = await ask(findPaths, { from: 'Ingress/shop/web', to: 'Secret/shop/db' });
  assert.deepEqual(direct.paths[0]?.sentences, [
    'Ingress/shop/web routes to Service/shop/web',
    'Service/shop/web selects Pod/shop/web-1',
    'Pod/shop/web-1 reads its environment from Secret/shop/db',
  ]);
  const all = await ask(findPaths, { from: 'Ingress/shop/web', to: 'Secret/shop/db', all: true });
  assert.equal(all.paths.length, 2);
  assert.deepEqual((await ask(findPaths, { from: 'Pod/other/api', to: 'Secret/shop/db' })).paths, []);
});

test('O11 impact tells who suffers, how and by which way', async () => {
  const answer = await ask(findImpact, { resource: 'Secret/shop/db' });
  assert.deepEqual(
    answer.impacted.map(({ resource, effect }) => `${resource.kind}/${resource.name} ${effect}`),
    ['Pod/web-1 breaks', 'ReplicaSet/web breaks', 'Service/web breaks', 'Deployment/web breaks', 'Ingress/web breaks'],
  );
  assert.equal(answer.impacted[4]?.path.length, 3);
  assert.ok(
    answer.impacted.every(({ when }) => when === 'next-start'),
    'what runs goes on without its Secret',
  );
  assert.match(answer.impacted[0]?.because ?? '', /needed to start$/);
  assert.deepEqual(answer.total, {
    breaks: 0,
    degrades: 0,
    nextStart: 5,
    kinds: { Pod: 1, ReplicaSet: 1, Service: 1, Deployment: 1, Ingress: 1 },
  });
  const node = await ask(findImpact, { resource: 'Node/n1', maxDistance: 1 });
  assert.deepEqual(
    node.impacted.map(({ resource, effect, when }) => `${resource.name} ${effect} ${when}`),
    ['web-1 breaks now', 'web-2 breaks now'],
  );
});

test('O28 what cannot tell how it stands is shown as those tell who know, alike in every answer', async () => {
  const critical = { health: { status: 'critical', reason: 'NoReadyEndpoints' } } as const;
  const unknown = { health: { status: 'unknown' } } as const;
  const view = smallGraph(
    [
      'EndpointSlice/s/a-1 BACKS Service/s/a',
      'EndpointSlice/s/b-1 BACKS Service/s/b',
      'Ingress/s/i ROUTES_TO Service/s/a',
    ],
    {
      resources: {
        'Service/s/a': unknown,
        'Service/s/b': unknown,
        'Service/s/c': unknown,
        'EndpointSlice/s/a-1': { ...critical, group: 'discovery.k8s.io' },
      },
    },
  );
  const { items } = await ask(findResources, { kinds: ['Service'] }, { view });
  assert.deepEqual(
    items.map(({ name, health }) => [name, health.status, health.reason]),
    [
      ['a', 'critical', 'NoReadyEndpoints'],
      ['b', 'healthy', undefined],
      ['c', 'unknown', undefined],
    ],
  );
  const chosen = await ask(findResources, { kinds: ['Service'], health: ['critical'] }, { view });
  assert.deepEqual(names([...chosen.items]), ['Service/s/a']);
  assert.deepEqual((await ask(getResource, { resource: 'Service/s/a' }, { view })).resource.health, critical.health);
  assert.equal((await ask(findImpact, { resource: 'Service/s/a' }, { view })).resource.health, 'critical');
  assert.equal((await ask(count, { kinds: ['Service'] }, { view })).health.critical, 1);
});

test('O27 what is missing and referred to is found: who refers to it, by which field, and what its absence does', async () => {
  const shown = await ask(getResource, { resource: 'secrets/shop/gone' });
  assert.equal(shown.missing, true);
  assert.deepEqual(shown.resource.health.reason, 'Missing');
  assert.deepEqual(
    shown.in.items.map(({ type, other, evidence }) => `${other.name} ${type} ${evidence.field}`),
    ['web-2 MOUNTS spec.volumes[0].secret.secretName'],
  );
  const { impacted, missing } = await ask(findImpact, { resource: shown.resource.id });
  assert.equal(missing, true);
  assert.deepEqual(
    impacted.slice(0, 2).map(({ resource, when }) => `${resource.name} ${when}`),
    ['web-2 next-start', 'web next-start'],
  );
  assert.deepEqual(names((await ask(findNeighbours, { resource: 'Secret/shop/gone' })).neighbours), ['Pod/shop/web-2']);
  assert.equal((await ask(getResource, { resource: 'Pod/shop/web-1' })).missing, undefined);
  assert.equal((await refusal(getResource, { resource: 'Secret/shop/never' })).code, 'not-found');
});

test('O12 what-if: a drain by the name of the node, a deletion, notes; nothing asked is an error', async () => {
  const drain = await ask(findWhatIf, { drain: ['n1'] });
  assert.equal(drain.total.gone, 2);
  assert.deepEqual(
    drain.notes.map(({ code }) => code),
    ['RECREATED'],
  );
  const deletion = await ask(findWhatIf, { delete: ['Deployment/shop/web'] });
  assert.deepEqual(
    deletion.gone.map(({ reason }) => reason),
    ['deleted', 'owner', 'owner', 'owner'],
  );
  assert.equal((await refusal(findWhatIf, {})).code, 'invalid-input');
  assert.match((await refusal(findWhatIf, { drain: ['Pod/shop/web-1'] })).message, /only nodes/);
});

test('O13 dangling references, filtered by who refers and why', async () => {
  const answer = await ask(findDangling, { namespaces: ['shop'], reasons: ['missing'] });
  assert.equal(answer.total, 1);
  assert.equal(
    answer.items[0]?.sentence,
    'mounts Secret/shop/gone, which does not exist (spec.volumes[0].secret.secretName)',
  );
  assert.equal((await ask(findDangling, { reasons: ['stale'] })).total, 0);
  assert.equal((await ask(findDangling, { namespaces: ['other'] })).total, 0);
});

test('O14 kinds, relations, counts and clusters', async () => {
  const pod = (await ask(listKinds)).items.find((kind) => kind.kind === 'Pod');
  assert.deepEqual(pod, {
    group: '',
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    described: true,
    count: 3,
    pseudo: false,
    coverage: { c: 'ready' },
  });
  const runsOn = (await ask(listRelations, { types: ['RUNS_ON'] })).items[0];
  assert.equal(runsOn?.against, 'breaks');
  assert.equal(runsOn?.rules[0]?.field, 'spec.nodeName');
  const counts = await ask(count, { namespaces: ['shop'] });
  assert.equal(counts.kinds['Pod'], 2);
  assert.equal(counts.health.critical, 1);
  const { items } = await ask(listClusters);
  assert.deepEqual(
    items.map(({ name, state }) => `${name} ${state}`),
    ['c loading', 'd waiting'],
  );
});

test('O15 a query goes to the Cypher store with its limits, or is refused where there is none', async () => {
  const calls: unknown[] = [];
  const cypher: Context['cypher'] = async (...call) => {
    calls.push(call);
    return { columns: ['n'], rows: [[1]], truncated: false, elapsedMs: 2 };
  };
  const answer = await ask(runQuery, { query: 'RETURN $n', parameters: { n: 1 } }, { ...context, cypher });
  assert.deepEqual(answer.rows, [[1]]);
  assert.deepEqual(calls, [['RETURN $n', { n: 1 }, { limit: 1_000, timeoutMs: 30_000 }]]);
  assert.equal((await refusal(runQuery, { query: 'RETURN 1' })).code, 'unsupported');
});

test('O16 the export holds every resource, edge and dangling reference, and the same graph gives the same bytes', async () => {
  const whole = await ask(exportGraph);
  assert.equal(whole.resources.length, context.view.resourceCount);
  assert.equal(whole.edges.length, sentences.length);
  assert.equal(whole.dangling.length, 1);
  const turned = { ...context, view: smallGraph(sentences.toReversed(), extras) };
  assert.deepEqual(await ask(exportGraph, {}, turned), whole);
  const part = await ask(exportGraph, { kinds: ['Pod', 'Node'] });
  assert.deepEqual(
    part.edges.map(({ type }) => type),
    ['RUNS_ON', 'RUNS_ON'],
  );
});

test('O17 the canonical topology has unique nodes, no loose edge, and a layout seed that depends on the picture alone', async () => {
  const whole = await ask(clusterTopology, { cluster: 'c' });
  const ids = new Set(whole.nodes.map(({ id }) => id));
  assert.equal(ids.size, whole.nodes.length);
  for (const { source, target } of whole.edges) assert.ok(ids.has(source) && ids.has(target));
  assert.ok(!ids.has('Image/nginx:1') && !ids.has('Event/shop/e1'));
  const turned = { ...context, view: smallGraph(sentences.toReversed(), extras) };
  assert.equal((await ask(clusterTopology, { cluster: 'c' }, turned)).metadata.layoutSeed, whole.metadata.layoutSeed);
  const part = await ask(clusterTopology, { cluster: 'c', namespace: 'shop' });
  assert.notEqual(part.metadata.layoutSeed, whole.metadata.layoutSeed);
  assert.match(whole.metadata.layoutSeed, /^[0-9a-f]{64}$/);
});

test('O18 the canonical topology words nodes and edges as its contract does', async () => {
  const { nodes, edges, metadata } = await ask(clusterTopology, { cluster: 'c', namespace: 'shop' });
  assert.deepEqual(
    nodes.find(({ id }) => id === 'Pod/shop/web-1'),
    {
      id: 'Pod/shop/web-1',
      kind: 'Pod',
      namespace: 'shop',
      name: 'web-1',
      apiVersion: 'v1',
      status: 'Running',
      metadata: { labels: { app: 'web', tier: 'front' }, annotations: {}, createdAt: at, uid: 'uid-web-1' },
      computed: { health: 'healthy', restartCount: 3 },
    },
  );
  assert.deepEqual(nodes.find(({ id }) => id === 'Deployment/shop/web')?.computed.replicas, {
    desired: 2,
    ready: 1,
    available: 1,
  });
  const words = edges.map(({ id, relationshipType, label }) => `${id} ${relationshipType} ${label}`);
  for (const expected of [
    'ReplicaSet/shop/web-Pod/shop/web-1-owner owns owns',
    'Service/shop/web-Pod/shop/web-1-selector selects selects',
    'Pod/shop/web-1-ConfigMap/shop/settings-vol-cm configures mounts (vol)',
    'Pod/shop/web-1-PersistentVolumeClaim/shop/data-vol-pvc mounts claims (vol)',
    'Pod/shop/web-1-Secret/shop/db-env-secret configures reads env from',
    'Pod/shop/web-1-Node/n1-node schedules runs on',
    'Ingress/shop/web-Service/shop/web-ingress routes routes to',
    'RoleBinding/shop/rb-ServiceAccount/shop/web-subject permits binds to',
    'Namespace/shop-Pod/shop/web-1-in-namespace contains contains',
  ])
    assert.ok(words.includes(expected), `${expected}\n${words.join('\n')}`);
  assert.equal(metadata.isComplete, false, 'kinds are loading or forbidden');
});

test('O19 the canonical topology around a resource, by plural, hubs as leaves, 404 for what is not there', async () => {
  const around = await ask(resourceTopology, { cluster: 'c', kind: 'pods', namespace: 'shop', name: 'web-1' });
  assert.ok(around.edges.some(({ id }) => id === 'Pod/shop/web-1->Node/n1:runs on'));
  assert.equal(around.edges[0]?.metadata.derivation, 'resourceTopology');
  const node = await ask(resourceTopology, { cluster: 'c', kind: 'Node', namespace: '-', name: 'n1', depth: 1 });
  assert.equal(node.nodes.length, 3);
  assert.equal(
    (await refusal(resourceTopology, { cluster: 'c', kind: 'pods', namespace: 'shop', name: 'x' })).code,
    'not-found',
  );
  assert.match((await refusal(clusterTopology, { cluster: 'cc' })).message, /did you mean c\b/);
});

test('O20 a cluster with more nodes than the limit is cut, and says so', async () => {
  const { nodes, metadata } = await ask(clusterTopology, { cluster: 'c', limit: 3 });
  assert.equal(nodes.length, 3);
  assert.equal(metadata.isComplete, false);
  assert.ok(metadata.warnings.some(({ code }) => code === 'TOPOLOGY_TRUNCATED'));
});

interface Answer {
  readonly next?: string;
  readonly left: number;
}

const letter = (id: string) => ({ id, format: 'occurrences', at, times: 1, reason: 'not a JSON object', payload: id });
const many: Context = {
  ...context,
  deadLetters: {
    list: () => ['a', 'b', 'c'].map(letter),
    counts: { byReason: new Map(), dropped: 0 },
    replay: () => Promise.reject(new Error('not asked here')),
    discard: () => 0,
  },
  view: smallGraph(
    [
      ...sentences,
      'Occurrence/shop/one ABOUT Pod/shop/web-1',
      'Occurrence/shop/two ABOUT Pod/shop/web-2',
      'Occurrence/shop/remediation:a ABOUT Pod/shop/web-1',
      'Occurrence/shop/remediation:b ABOUT Pod/shop/web-2',
    ],
    {
      ...extras,
      dangling: [0, 1, 2].map((index) => ({ ...lost, target: { ...lost.target, name: `gone-${index}` } })),
      resources: {
        ...extras.resources,
        'Occurrence/shop/one': { summary: { source: 'log', severity: 'error', object: 'Pod/web-1', message: 'lost' } },
        'Occurrence/shop/two': { summary: { source: 'log', severity: 'error', object: 'Pod/web-2', message: 'lost' } },
        'Occurrence/shop/remediation:a': { summary: { source: 'remediation', severity: 'info', object: 'Pod/web-1' } },
        'Occurrence/shop/remediation:b': { summary: { source: 'remediation', severity: 'info', object: 'Pod/web-2' } },
        'Pod/other/api': { health: { status: 'critical', reason: 'Error' } },
        'Pod/other/db': { health: { status: 'warning', reason: 'NotReady' } },
        'Incident/one': {
          summary: { state: 'open', severity: 'critical', title: 'one', startedAt: '2026-01-01T00:00:00Z' },
        },
        'Incident/two': {
          summary: { state: 'open', severity: 'warning', title: 'two', startedAt: '2026-01-01T00:00:00Z' },
        },
      },
    },
  ),
};

/** Every operation that lists: a question with several answers, and the lists of the answer. */
const lists: Readonly<Record<string, readonly [input: object, (answer: never) => readonly (readonly unknown[])[]]>> = {
  resources: [{}, ({ items }: { items: [] }) => [items]],
  resource: [
    { resource: 'Pod/shop/web-1' },
    ({ out, in: reaching }: { out: { items: [] }; in: { items: [] } }) => [out.items, reaching.items],
  ],
  neighbours: [{ resource: 'Pod/shop/web-1', depth: 2 }, ({ neighbours }: { neighbours: [] }) => [neighbours]],
  paths: [{ from: 'Ingress/shop/web', to: 'Secret/shop/db', all: true }, ({ paths }: { paths: [] }) => [paths]],
  impact: [{ resource: 'Secret/shop/db' }, ({ impacted }: { impacted: [] }) => [impacted]],
  'what-if': [
    { delete: ['Deployment/shop/web', 'Secret/shop/db'] },
    ({ gone, impacted }: { gone: []; impacted: [] }) => [gone, impacted],
  ],
  dangling: [{}, ({ items }: { items: [] }) => [items]],
  findings: [{}, ({ items }: { items: [] }) => [items]],
  trouble: [{}, ({ items }: { items: [] }) => [items]],
  incidents: [{}, ({ items }: { items: [] }) => [items]],
  episodes: [{}, ({ items }: { items: [] }) => [items]],
  'dead-letters': [{}, ({ items }: { items: [] }) => [items]],
  remediations: [{}, ({ items }: { items: [] }) => [items]],
  kinds: [{}, ({ items }: { items: [] }) => [items]],
  relations: [{}, ({ items }: { items: [] }) => [items]],
};

/** The others, and why they need no pages. */
const unpaged: Readonly<Record<string, string>> = {
  topology: 'a picture is cut, with a warning',
  'cluster-topology': 'a picture is cut, with a warning',
  'resource-topology': 'a picture is cut, with a warning',
  query: 'SKIP and LIMIT',
  counts: 'numbers',
  clusters: 'as many as were configured',
  causes: 'the most probable; how many more there are is said',
  similar: 'the most alike; how many more there are is said',
  rejections: 'no more than a hundred are kept',
  incident: 'one',
  'incident-change': 'one',
  remediate: 'one',
  replay: 'the first hundred that are rejected again',
  discard: 'a number',
  export: 'one document in pieces',
};

test('O21 everything that can be long comes in pages: one after the other they give the whole', async () => {
  // Pages of the past: HI51, HI54; of what follows from whole objects: RW31.
  const ofGraph = operations.filter(({ about, reads }) => about !== 'past' && reads === undefined);
  assert.deepEqual(ofGraph.map(({ name }) => name).sort(), [...Object.keys(lists), ...Object.keys(unpaged)].sort());
  for (const operation of ofGraph) {
    const [input, listsOf] = lists[operation.name] ?? [];
    assert.equal('cursor' in operation.input.shape, input !== undefined, operation.name);
    if (!input || !listsOf) continue;
    const whole = (await ask(operation, input, many)) as Answer;
    const expected = listsOf(whole as never);
    assert.equal(whole.left, 0);
    assert.equal(whole.next, undefined);
    assert.ok(expected.flat().length > 1, `${operation.name} has several`);
    const found: unknown[][] = expected.map(() => []);
    for (let cursor: string | undefined, pages = 0; pages === 0 || cursor !== undefined; pages++) {
      assert.ok(pages <= 500, `${operation.name} ends`);
      const answer = await ask(operation, { ...input, limit: 1, ...(cursor !== undefined && { cursor }) }, many);
      for (const [index, items] of listsOf(answer as never).entries()) found[index]?.push(...items);
      const { next, left } = answer as Answer;
      assert.equal(left, expected.flat().length - found.flat().length, operation.name);
      cursor = next;
    }
    assert.deepEqual(found, expected, operation.name);
  }
});

test('O22 a page goes on where it stopped, whatever has come and gone', async () => {
  const first = await ask(findResources, { kinds: ['Pod'], limit: 2 });
  const view = smallGraph([...sentences, 'Pod/aaa/new RUNS_ON Node/n1'], extras);
  const rest = await ask(findResources, { kinds: ['Pod'], limit: 9, cursor: first.next }, { ...context, view });
  assert.deepEqual(names([...first.items, ...rest.items]), ['Pod/other/api', 'Pod/shop/web-1', 'Pod/shop/web-2']);
  assert.match((await refusal(findResources, { cursor: 'W10' })).message, /cursor/);
  const { next: other } = await ask(listKinds, { limit: 1 });
  assert.match((await refusal(findResources, { cursor: other })).message, /cursor/);
});

test('O23 the export and the document of the graph are one: the same edges and broken references in the same order', async () => {
  const document = JSON.parse([...graphDocument(context.view, { computed: true })].join(''));
  const whole = await ask(exportGraph, { computed: true });
  assert.deepEqual(document.edges, whole.edges);
  assert.deepEqual(document.dangling, whole.dangling);
  assert.deepEqual(
    document.resources.map(({ id }: { id: string }) => id),
    whole.resources.map(({ id }) => id),
  );
  const turned = smallGraph(sentences.toReversed(), extras);
  assert.deepEqual([...graphDocument(turned)], [...graphDocument(context.view)]);
  assert.deepEqual(JSON.parse([...graphDocument(smallGraph([]))].join('')), { resources: [], edges: [], dangling: [] });
});

test('O24 a cluster or namespace that nobody knows is no error, and the nearest known one is named', async () => {
  const { items, hints } = await ask(findResources, { namespaces: ['shpo'], clusters: ['cluster'] });
  assert.deepEqual(items, []);
  assert.match(hints?.[0] ?? '', /cluster "cluster"; known are c, d/);
  assert.match(hints?.[1] ?? '', /namespace "shpo"; did you mean shop\?/);
  assert.equal((await ask(findDangling, { namespaces: ['shop'] })).hints, undefined);
  assert.equal((await ask(findDangling, { namespaces: ['nowhere-at-all'] })).hints?.length, 1);
});

test('O25 what is broken is shown from its causes, the worst first, with no more below each than asked for', async () => {
  const sick = { health: { status: 'critical', reason: 'Error' } } as const;
  const view = smallGraph(
    ['Service/s/a', 'Deployment/s/b CALLS Service/s/a', 'Deployment/s/c CALLS Service/s/a', 'Deployment/s/alone'],
    {
      resources: Object.fromEntries(
        ['Service/s/a', 'Deployment/s/b', 'Deployment/s/c', 'Deployment/s/alone'].map((id) => [id, sick]),
      ),
    },
  );
  const { items, total } = await ask(findTrouble, { breadth: 1 }, { view });
  assert.equal(total, 2);
  assert.deepEqual(names(items), ['Service/s/a', 'Deployment/s/alone']);
  assert.deepEqual([items[0]?.suffering.length, items[0]?.hidden, items[0]?.suffering[0]?.because], [1, 1, 'calls it']);
});

test('O26 names that mean something in JavaScript are counted like any other', async () => {
  const view = smallGraph([
    'Pod/constructor/web RUNS_ON Node/n1',
    'constructor/toString/a constructor Pod/constructor/web',
  ]);
  const { kinds: byKind, namespaces } = await ask(count, {}, { view });
  assert.deepEqual([byKind['constructor'], namespaces['constructor'], namespaces['toString']], [1, 1, 1]);
  const { in: reaching } = await ask(getResource, { resource: 'Pod/constructor/web' }, { view });
  assert.deepEqual({ ...reaching.total }, { constructor: 1 });
  const { total } = await ask(findImpact, { resource: 'Pod/constructor/web' }, { view });
  assert.equal(total.kinds['constructor'], 1);
});
