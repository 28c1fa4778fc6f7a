/**
 * Questions in Cypher that every store must answer with the same rows about the same estate (the recorded incident of the demo, with a few
 * Events of now). Those of other Kubernetes graphs stand as they are documented there. A query that ends in ORDER BY is answered in that order.
 */

export interface CypherQuery {
  readonly title: string;
  readonly query: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Finds nothing here, in any store. */
  readonly empty?: true;
}

/** As the documents of the systems that this program replaces have them. */
const ofOtherGraphs: readonly CypherQuery[] = [
  {
    title: 'why did this pod fail',
    query: `// Why did this pod fail?
MATCH (p:Pod {name: $podName})<-[:AFFECTS]-(e:Event)
WHERE e.timestamp > datetime() - duration({hours: 1})
OPTIONAL MATCH (e)<-[:TRIGGERED*]-(root:Event)
RETURN e, root
ORDER BY e.timestamp DESC`,
    parameters: { podName: 'restarts-a-lot' },
  },
  {
    title: 'what will this configuration change affect',
    query: `// What will this config change affect?
MATCH (cm:ConfigMap {name: $configName})<-[:MOUNTS]-(p:Pod)
MATCH (p)<-[:SELECTS]-(s:Service)
RETURN cm, p, s`,
    parameters: { configName: 'storefront-theme' },
  },
  {
    title: 'death spirals',
    query: `// Find death spirals
MATCH (p:Pod)<-[:AFFECTS]-(e:Event {type: 'pod_restart'})
WHERE e.timestamp > datetime() - duration({minutes: 5})
WITH p, COUNT(e) as restart_count
WHERE restart_count > 3
RETURN p.name, restart_count`,
  },
  { title: 'a node by uid', query: 'MATCH (n {uid: $uid}) RETURN n', parameters: { uid: 'uid-restarts-a-lot' } },
  { title: 'services select pods', query: 'MATCH (s:Service)-[:SELECTS]->(p:Pod) RETURN s.name, p.name' },
  {
    title: 'owners of owners',
    query: 'MATCH (d:Deployment)-[:OWNS]->(:ReplicaSet)-[:OWNS]->(p:Pod) RETURN d.name, p.name',
  },
  { title: 'secrets that pods use, however', query: 'MATCH (p:Pod)-[:USES_SECRET]->(s:Secret) RETURN p.name, s.name' },
  {
    title: 'claims, by their short name',
    query: 'MATCH (p:Pod)-[:CLAIMS]->(c:PVC)-[:BOUND_TO]->(v:PV) RETURN p.name, c.name, v.name',
  },
  { title: 'where pods run', query: 'MATCH (p:Pod)-[:RUNS_ON]->(n:Node) RETURN n.name, count(p)' },
  {
    title: 'what happened together',
    query: 'MATCH (e:Event)-[c:CORRELATED_WITH]->(f:Event) RETURN e.type, f.type, c.confidence',
  },
  {
    title: 'what triggered what',
    query:
      "MATCH (root:Event {type: 'config_changed'})-[t:TRIGGERED]->(e:Event)-[:AFFECTS]->(p:Pod) RETURN root.object, e.type, p.name, t.confidence, t.lag, t.evidence",
  },
  {
    title: 'what happened before',
    query: 'MATCH (e:Event)-[b:PRECEDED_BY]->(f:Event) RETURN e.type, f.type, b.lag',
  },
  {
    title: 'incidents with who suffers, why, and what belongs to them',
    query:
      'MATCH (i:Incident)-[:AFFECTS]->(p:Pod), (i)-[c:CAUSED_BY]->(m:ConfigMap), (e:Event)-[:PART_OF]->(i) RETURN i.name, i.state, p.name, m.name, c.probability, e.name',
  },
  {
    title: 'changes of configuration',
    query: 'MATCH (e:Occurrence)-[:CHANGED]->(c:ConfigMap) RETURN e.type, c.name',
  },
];

const matching: readonly CypherQuery[] = [
  {
    title: 'all of a kind',
    query: "MATCH (p:Pod {namespace: 'shop'}) RETURN p.name, p.status, p.restarts ORDER BY p.name",
  },
  {
    title: 'counts by kind',
    query: 'MATCH (n:Resource) RETURN n.kind AS kind, count(*) AS number ORDER BY number DESC, kind',
  },
  { title: 'counts by type', query: 'MATCH (:Resource)-[r]->(:Resource) RETURN type(r), count(*)' },
  { title: 'whole nodes', query: "MATCH (d:Deployment {namespace: 'shop'}) RETURN d" },
  { title: 'whole relationships', query: "MATCH (:Pod {namespace: 'shop'})-[r:MOUNTS]->(:ConfigMap) RETURN r" },
  { title: 'whole paths', query: "MATCH path = (:Deployment {name: 'cart'})-[:OWNS*2]->(:Pod) RETURN path" },
  { title: 'labels of every node', query: 'MATCH (n) RETURN n.id, size(labels(n)), n.kind IN labels(n)' },
  { title: 'what is only named', query: 'MATCH (n:Pseudo) RETURN n.kind, n.name' },
  {
    title: 'what is no Kubernetes object, and what is',
    query: 'MATCH (n:Resource) WHERE NOT n:Pseudo RETURN count(n)',
  },
  { title: 'two labels', query: 'MATCH (n) WHERE n:PersistentVolume OR n:StorageClass RETURN n.kind, n.name' },
  {
    title: 'keys of a node',
    query:
      "MATCH (n:Service {name: 'cart', namespace: 'shop'}) UNWIND keys(n) AS key WITH key WHERE NOT key STARTS WITH '_' RETURN key ORDER BY key",
  },
  { title: 'a property that is not there', query: "MATCH (n:Node) RETURN n.nothing, n['name'], n.nothing IS NULL" },
  {
    title: 'labels of Kubernetes',
    query: "MATCH (p:Pod) WHERE p.`label.app` = 'cart' RETURN p.name, p.`label.topology.kubernetes.io/zone`",
  },
  {
    title: 'either of two types',
    query: "MATCH (p:Pod {namespace: 'shop'})-[r:READS|READS_SECRET]->(x) RETURN p.name, type(r), x.name",
  },
  {
    title: 'against the direction',
    query: "MATCH (n:Namespace {name: 'shop'})<-[:IN_NAMESPACE]-(x) RETURN x.kind, count(*)",
  },
  {
    title: 'in either direction',
    query: "MATCH (s:Service {name: 'checkout'})-[r]-(x) WHERE x.kind <> 'Event' RETURN type(r), x.kind, x.name",
  },
  {
    title: 'one to three hops',
    query: "MATCH (d:Deployment {name: 'checkout'})-[:OWNS|MOUNTS|READS*1..3]->(x) RETURN DISTINCT x.kind, x.name",
  },
  {
    title: 'a shortest path',
    query:
      "MATCH p = shortestPath((i:Ingress {name: 'shop'})-[:ROUTES_TO|SELECTS|RUNS_ON*]->(n:Node)) RETURN length(p)",
  },
  {
    title: 'two patterns',
    query: 'MATCH (i:Ingress)-[:ROUTES_TO]->(s:Service), (s)-[:SELECTS]->(p:Pod) RETURN i.name, s.name, p.name',
  },
  { title: 'nothing found', query: "MATCH (n:Pod {name: 'never'}) RETURN n", empty: true },
  {
    title: 'what may be there',
    query: "MATCH (d:Deployment {namespace: 'shop'}) OPTIONAL MATCH (h:HPA)-[:SCALES]->(d) RETURN d.name, h.name",
  },
  {
    title: 'what must not be there',
    query: 'MATCH (c:ConfigMap) WHERE NOT (c)<-[:MOUNTS|READS]-() RETURN c.namespace, c.name',
  },
  {
    title: 'what must be there',
    query: 'MATCH (s:Service) WHERE EXISTS { (s)-[:SELECTS]->(:Pod) } RETURN s.namespace, s.name',
  },
  {
    title: 'how often it is there',
    query:
      "MATCH (s:Service {namespace: 'shop'}) RETURN s.name, COUNT { (s)-[:SELECTS]->(:Pod) } AS pods ORDER BY pods DESC, s.name",
  },
  {
    title: 'what is broken',
    query: 'MATCH (r:Resource)-[l:LACKS]->(m:Missing) RETURN r.kind, r.name, l.edge, l.reason, l.field, m.kind, m.name',
  },
  {
    title: 'evidence',
    query:
      "MATCH (:Pod {namespace: 'shop'})-[r]->(:ConfigMap) RETURN type(r), r.rule, r.field, r.class, r.confidence, r.optional",
  },
];

const expressions: readonly CypherQuery[] = [
  {
    title: 'comparison of numbers',
    query: 'MATCH (p:Pod) WHERE p.restarts >= 0 RETURN p.name, p.restarts + 1, p.restarts * 2 > 3',
  },
  { title: 'whole division', query: 'RETURN 7 / 2, 7 % 2, 7.0 / 2, -7 / 2' },
  {
    title: 'beginnings, ends and middles',
    query:
      "MATCH (n:Resource) WHERE n.name STARTS WITH 'cart' AND NOT n.name ENDS WITH '0' AND n.name CONTAINS '-' RETURN n.kind, n.name",
  },
  { title: 'a regular expression', query: "MATCH (p:Pod) WHERE p.name =~ 'check.*-[a-z0-9]{5}' RETURN p.name" },
  {
    title: 'in a list',
    query: 'MATCH (n:Resource) WHERE n.kind IN $kinds RETURN n.kind, n.name',
    parameters: { kinds: ['StatefulSet', 'CronJob'] },
  },
  {
    title: 'null is neither equal nor not',
    query: 'MATCH (n:Resource) WHERE n.healthReason <> "x" RETURN count(n), count(n.healthReason)',
  },
  {
    title: 'health',
    query:
      "MATCH (n:Resource) WHERE n.health IN ['critical', 'warning'] AND n.kind <> 'Event' RETURN n.kind, n.name, n.health, n.healthReason",
  },
  {
    title: 'functions of text',
    query:
      "MATCH (d:Deployment {namespace: 'shop'}) RETURN toUpper(d.name), size(d.name), substring(d.name, 0, 2), split(d.ready, '/'), replace(d.name, 'c', 'k'), left(d.name, 3), reverse(d.name), trim(' x ')",
  },
  {
    title: 'conversions',
    query: "RETURN toInteger('42'), toFloat('1.5'), toString(7), toBoolean('true'), toInteger('x')",
  },
  { title: 'functions of numbers', query: 'RETURN abs(-3), round(2.4), ceil(2.1), floor(2.9), sign(-2), sqrt(16)' },
  { title: 'first that is', query: 'MATCH (n:Node) RETURN coalesce(n.nothing, n.name)' },
  {
    title: 'cases',
    query:
      "MATCH (p:Pod {namespace: 'shop'}) RETURN p.name, CASE p.health WHEN 'healthy' THEN 1 ELSE 0 END, CASE WHEN p.restarts > 0 THEN 'again' ELSE 'once' END",
  },
  {
    title: 'lists',
    query:
      'UNWIND [3, 1, 2] AS x WITH x ORDER BY x RETURN collect(x), head(collect(x)), last(collect(x)), size(collect(x))',
  },
  {
    title: 'comprehensions',
    query: 'RETURN [x IN range(1, 5) WHERE x % 2 = 1 | x * x] AS odd, reduce(s = 0, x IN [1, 2, 3] | s + x) AS sum',
  },
  {
    title: 'predicates of lists',
    query:
      'RETURN all(x IN [1, 2] WHERE x > 0), any(x IN [1, 2] WHERE x > 1), none(x IN [1] WHERE x > 1), single(x IN [1, 2] WHERE x = 2)',
  },
  { title: 'slices', query: 'WITH [1, 2, 3, 4] AS list RETURN list[0], list[-1], list[1..3], list[..2]' },
  {
    title: 'maps',
    query: "MATCH (p:Pod {name: 'cart-store-0'}) RETURN p {.name, .namespace, ready: p.ready}, {a: 1, b: [true, null]}",
  },
];

const shaping: readonly CypherQuery[] = [
  {
    title: 'aggregates',
    query:
      'MATCH (p:Pod) RETURN p.namespace AS namespace, count(*), sum(p.restarts), max(p.restarts), min(p.name), avg(p.restarts) ORDER BY namespace',
  },
  { title: 'distinct aggregates', query: 'MATCH (p:Pod)-[:USES_IMAGE]->(i) RETURN count(i), count(DISTINCT i)' },
  {
    title: 'grouped lists',
    query:
      "MATCH (s:Service {namespace: 'shop'})-[:SELECTS]->(p:Pod) WITH s, p ORDER BY p.name RETURN s.name AS name, collect(p.name) ORDER BY name",
  },
  {
    title: 'filters on aggregates',
    query:
      'MATCH (n:Resource)<-[r:RUNS_AS]-() WITH n, count(r) AS users WHERE users > 1 RETURN n.namespace, n.name, users',
  },
  { title: 'pages', query: 'MATCH (p:Pod) RETURN p.name AS name ORDER BY name SKIP 3 LIMIT 5' },
  {
    title: 'unions',
    query:
      'MATCH (n:PV) RETURN n.kind AS kind, n.name AS name UNION MATCH (n:HPA) RETURN n.kind AS kind, n.name AS name',
  },
  { title: 'distinct rows', query: 'MATCH (p:Pod) RETURN DISTINCT p.status, p.health' },
  {
    title: 'subqueries',
    query:
      "MATCH (d:Deployment {namespace: 'shop'}) CALL { WITH d MATCH (d)-[:OWNS*2]->(p:Pod) RETURN count(p) AS pods } RETURN d.name, pods",
  },
  {
    title: 'parts of paths',
    query:
      'MATCH path = (:Ingress)-[:ROUTES_TO]->(:Service)-[:SELECTS]->(:Pod) RETURN [n IN nodes(path) | n.name], [r IN relationships(path) | type(r)], length(path)',
  },
  {
    title: 'ends of relationships',
    query: 'MATCH (:StatefulSet)-[r:OWNS]->(:Pod) RETURN startNode(r).name, endNode(r).name',
  },
];

const times: readonly CypherQuery[] = [
  {
    title: 'instants compare',
    query: 'MATCH (n:Pod) WHERE n.createdAt > datetime($from) AND n.createdAt <= datetime($to) RETURN n.name',
    parameters: { from: '2026-11-21T14:26:51Z', to: '2026-11-21T14:30:00Z' },
  },
  { title: 'parts of instants', query: 'MATCH (n:Node) RETURN n.createdAt.year, n.createdAt.month, n.createdAt.day' },
  {
    title: 'order of events',
    query:
      "MATCH (e:Event)-[:ABOUT]->(p:Pod {namespace: 'shop'}) WHERE e.timestamp < datetime() RETURN p.name, e.reason, e.name ORDER BY e.timestamp, e.name",
  },
  {
    title: 'since when',
    query: "MATCH (:Pod {namespace: 'shop'})-[r:RUNS_ON]->(:Node) WHERE r.since < datetime() RETURN r.since",
  },
  {
    title: 'long ago',
    query: "MATCH (n:Pod) WHERE n.createdAt < datetime() - duration('P3650D') RETURN n",
    empty: true,
  },
];

export const cypherQueries: readonly CypherQuery[] = [
  ...ofOtherGraphs,
  ...matching,
  ...expressions,
  ...shaping,
  ...times,
];
