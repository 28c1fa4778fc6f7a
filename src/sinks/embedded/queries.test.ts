/** Queries as other Kubernetes graphs document them, run unchanged. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { viewFromArrays } from '../../../test/support/view-from-arrays.ts';
import type { Edge } from '../../model/edge.ts';
import type { Resource, Scalar } from '../../model/resource.ts';
import { openEmbedded } from './embedded.ts';

const MINUTE = 60_000;
const ago = (minutes: number): string => new Date(Date.now() - minutes * MINUTE).toISOString();

const resource = (kind: string, name: string, summary: Record<string, Scalar> = {}): Resource => ({
  id: `c/${kind}/${name}`,
  cluster: 'c',
  group: '',
  kind,
  namespace: 'shop',
  name,
  uid: `uid-${name}`,
  pseudo: false,
  labels: {},
  createdAt: ago(300),
  summary,
  health: { status: 'healthy' },
});
const edge = (from: Resource, type: string, to: Resource): Edge => ({
  type,
  from: from.id,
  to: to.id,
  detail: { rule: 'r', field: 'f', class: 'exact', confidence: 1 },
});

const [deployment, replicaSet] = [resource('Deployment', 'web'), resource('ReplicaSet', 'web-1')];
const pod = resource('Pod', 'web-1-a', { phase: 'Running' });
const [service, node] = [resource('Service', 'web'), resource('Node', 'n1')];
const [settings, database, key] = [
  resource('ConfigMap', 'settings'),
  resource('Secret', 'db'),
  resource('Secret', 'tls'),
];
const claim = resource('PersistentVolumeClaim', 'data');
const events = [1, 2, 3, 4, 90].map((minutes) =>
  resource('Event', `e${minutes}`, {
    lastSeen: ago(minutes),
    type: minutes < 90 ? 'pod_restart' : 'Warning',
    reason: 'BackOff',
  }),
);

const view = viewFromArrays({
  resources: [deployment, replicaSet, pod, service, node, settings, database, key, claim, ...events],
  edges: [
    edge(deployment, 'OWNS', replicaSet),
    edge(replicaSet, 'OWNS', pod),
    edge(service, 'SELECTS', pod),
    edge(pod, 'MOUNTS', settings),
    edge(pod, 'MOUNTS', database),
    edge(pod, 'READS_SECRET', key),
    edge(pod, 'CLAIMS', claim),
    edge(pod, 'RUNS_ON', node),
    ...events.map((event) => edge(event, 'ABOUT', pod)),
  ],
});
/** The view never changes. */
const embedded = openEmbedded({
  view,
  follow: async (sink, stop, reached) => {
    await sink.replace(view, 1);
    reached(view.revision);
    if (!stop.aborted) await once(stop, 'abort');
  },
});
after(() => embedded.close());

async function rows(text: string, params = {}): Promise<unknown[][]> {
  return (await embedded.query(text, params)).rows as unknown[][];
}

test('Y6 why did this pod fail: events of the last hour, newest first, with what triggered them', async () => {
  const found = (await rows(
    `// Why did this pod fail?
MATCH (p:Pod {name: $podName})<-[:AFFECTS]-(e:Event)
WHERE e.timestamp > datetime() - duration({hours: 1})
OPTIONAL MATCH (e)<-[:TRIGGERED*]-(root:Event)
RETURN e, root
ORDER BY e.timestamp DESC`,
    { podName: 'web-1-a' },
  )) as [{ properties: { name: string } }, null][];
  assert.deepEqual(
    found.map(([event, root]) => [event.properties.name, root]),
    [
      ['e1', null],
      ['e2', null],
      ['e3', null],
      ['e4', null],
    ],
  );
});

test('Y6 what a configuration change affects', async () => {
  const found = (await rows(
    `// What will this config change affect?
MATCH (cm:ConfigMap {name: $configName})<-[:MOUNTS]-(p:Pod)
MATCH (p)<-[:SELECTS]-(s:Service)
RETURN cm, p, s`,
    { configName: 'settings' },
  )) as { properties: { name: string } }[][];
  assert.deepEqual(
    found.map((row) => row.map(({ properties }) => properties.name)),
    [['settings', 'web-1-a', 'web']],
  );
});

test('Y6 pods that restarted more than three times in five minutes', async () => {
  const found = await rows(`// Find death spirals
MATCH (p:Pod)<-[:AFFECTS]-(e:Event {type: 'pod_restart'})
WHERE e.timestamp > datetime() - duration({minutes: 5})
WITH p, COUNT(e) as restart_count
WHERE restart_count > 3
RETURN p.name, restart_count`);
  assert.deepEqual(found, [['web-1-a', 4]]);
});

test('Y6 the patterns of their schema find ours', async () => {
  for (const [pattern, count] of [
    ['(a:Service)-[:SELECTS]->(b:Pod)', 1],
    ['(a:Deployment)-[:OWNS]->(:ReplicaSet)-[:OWNS]->(b:Pod)', 1],
    ['(a:Pod)-[:MOUNTS]->(b:ConfigMap)', 1],
    ['(a:Pod)-[:USES_SECRET]->(b:Secret)', 2],
    ['(a:Pod)-[:CLAIMS]->(b:PVC)', 1],
    ['(a:Pod)-[:RUNS_ON]->(b:Node)', 1],
    ['(a:Event)-[:AFFECTS]->(b:Resource)', 5],
    ['(a:Event)-[:TRIGGERED]->(b:Event)', 0],
    ['(a:Event)-[:CORRELATED_WITH]->(b:Event)', 0],
  ] as const) {
    assert.deepEqual(await rows(`MATCH ${pattern} RETURN count(*)`), [[count]], pattern);
  }
  assert.deepEqual(await rows('MATCH (n {uid: $uid}) RETURN n.kind', { uid: 'uid-settings' }), [['ConfigMap']]);
});

test('the usual vocabulary works: paths, shortest paths, optional matches, lists, aggregation, subqueries, procedures', async () => {
  assert.deepEqual(
    await rows('MATCH p = shortestPath((a:Service)-[*]-(b:ConfigMap)) RETURN length(p), [n IN nodes(p) | n.kind]'),
    [[2, ['Service', 'Pod', 'ConfigMap']]],
  );
  assert.deepEqual(await rows('MATCH (d:Deployment)-[:OWNS*1..3]->(x) RETURN x.kind ORDER BY x.kind'), [
    ['Pod'],
    ['ReplicaSet'],
  ]);
  assert.deepEqual(
    await rows('MATCH (n:Pod)-[r]->(m) RETURN type(r) AS t, collect(m.kind) AS kinds ORDER BY t LIMIT 2'),
    [
      ['CLAIMS', ['PersistentVolumeClaim']],
      ['MOUNTS', ['ConfigMap', 'Secret']],
    ],
  );
  assert.deepEqual(await rows('MATCH (n:Node) OPTIONAL MATCH (n)-[:OWNS]->(x) RETURN n.name, x'), [['n1', null]]);
  assert.deepEqual(await rows('MATCH (n:Secret) WHERE NOT (n)<-[:MOUNTS]-() RETURN size(labels(n)), n.name'), [
    [2, 'tls'],
  ]);
  assert.deepEqual(
    await rows(
      'MATCH (n:Pod) WHERE n.createdAt < datetime() - duration("PT2H") RETURN keys(n)[0], n.createdAt.year > 2000',
    ),
    [['cluster', true]],
  );
  assert.deepEqual(await rows('CALL db.labels() YIELD label WHERE label STARTS WITH "Replica" RETURN label'), [
    ['ReplicaSet'],
  ]);
  assert.match(String((await rows('EXPLAIN MATCH (n:Pod {name: "x"}) RETURN n'))[0]?.[0]), /index: name/);
});

test('Y19 an empty answer comes with the names in its query that nothing bears, and the nearest that something does', async () => {
  const expected: Record<string, readonly string[] | undefined> = {
    'MATCH (n:Pods) RETURN n.name': ['no resource has the label "Pods"; did you mean Pod?'],
    'MATCH (d:deployment)-[:OWN]->() RETURN d': [
      'no resource has the label "deployment"; did you mean Deployment?',
      'no relationship has the type "OWN"; did you mean OWNS?',
    ],
    'MATCH (p:Pod) RETURN p.nmae': ['no resource or relationship has the property "nmae"; did you mean name?'],
    "MATCH (p:Pod {nmaespace: 'shop'}) RETURN count(p)": [
      'no resource or relationship has the property "nmaespace"; did you mean namespace?',
    ],
    "MATCH (p:Pod {name: 'another'})-[:CLAIMS]->(c:PVC) RETURN c.phase, {made: p.createdAt}": undefined,
    'MATCH (p:Pod) RETURN p.name, p.phase': undefined,
  };
  for (const [query, hints] of Object.entries(expected))
    assert.deepEqual((await embedded.query(query)).hints, hints, query);
});
