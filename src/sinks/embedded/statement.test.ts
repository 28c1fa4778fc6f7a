import assert from 'node:assert/strict';
import { test } from 'node:test';
import grafeo from '@grafeo-db/js';
import { type Random, seededRandom } from '../../../test/support/random.ts';
import { Problem } from '../../model/problem.ts';
import { type StatementOptions, statementFrom } from './statement.ts';

const options: StatementOptions = { params: {}, limitRows: 10, readOnly: true };
const sent = (source: string, params = {}): string => statementFrom(source, { ...options, params }).text;
const codeOf = (source: string, readOnly = true): string => {
  try {
    statementFrom(source, { ...options, readOnly });
    return 'taken';
  } catch (error) {
    assert.ok(error instanceof Problem);
    return error.code;
  }
};

const writing = [
  'CREATE (n:Pod)',
  'create (n:Pod) RETURN n',
  'CREATE p = (a)-[:X]->(b) RETURN p',
  'MERGE (n:Pod {name: "x"}) ON CREATE SET n.a = 1',
  'MATCH (n) SET n.x = 1',
  'MATCH (n) SET n:Label',
  'MATCH (n) REMOVE n.x',
  'MATCH (n) DELETE n',
  'MATCH (n) DETACH DELETE n',
  'MATCH (n)\n\tdElEtE\n n',
  'MATCH (n) /* harmless */ SET n.x = 1',
  'MATCH (n)/**/SET/**/n.x = 1',
  'MATCH (n) // comment\nSET n.x = 1',
  'FOREACH (x IN [1] | CREATE (:X))',
  'UNWIND [1] AS x CREATE (:X)',
  'CALL { CREATE (n) RETURN n } RETURN n',
  'MATCH (n) CALL (n) { SET n.x = 1 } RETURN n',
  'EXPLAIN CREATE (n)',
  'PROFILE CREATE (n)',
  "RETURN 'closed' CREATE (n)",
  "RETURN 'it\\'s' CREATE (n)",
  'RETURN "\\\\" CREATE (n)',
  'MATCH (`n`) SET `n`.x = 1',
  'MATCH (`n //`) SET `n //`.x = 1',
  'RETURN 1CREATE (n)',
  'WITH 1 AS a MERGE (n)',
  'RETURN 1 UNION CREATE (n) RETURN n',
];

test('Y1 a query that would write is refused before it runs, whatever stands around the keyword', () => {
  for (const source of writing) assert.equal(codeOf(source), 'read-only', source);
});

const reading = [
  'MATCH (n) RETURN n.set, n.delete, n.create',
  'MATCH (n:Set) RETURN n',
  'MATCH (n {set: 1, merge: "x"}) RETURN n',
  'MATCH ()-[r:CREATE|MERGE|:SET]->() RETURN r',
  'RETURN {set: 1, `delete`: 2} AS remove',
  'RETURN $set AS detach',
  'MATCH (`set`) RETURN `set`',
  'RETURN \'CREATE (n)\' AS text, "SET" AS other',
  'RETURN 1 // SET n.x = 1',
  'RETURN 1 /* DELETE\nn */ AS x',
  'MATCH (n) WHERE n:Set RETURN n {.set, .name}',
  'MATCH (n) WHERE EXISTS { MATCH (n)-->(m:Merge) WHERE m:Set } RETURN n.id',
  'MATCH (load) RETURN load.id AS csv',
  'MATCH (n) RETURN n.foreach, n.insert',
];

test('Y1 names, strings, parameters and comments that look like a write are none', () => {
  for (const source of reading) assert.equal(codeOf(source), 'taken', source);
});

test('Y1 a refusal says which word, where, and how to use it as a name', () => {
  assert.throws(
    () => statementFrom('MATCH (set:Pod)\nRETURN set', options),
    (error) => error instanceof Problem && error.message.includes('`set`') && error.details[0] === 'line 1, column 8',
  );
});

test('Y3 nothing changes the schema or reads a file, also where writing is allowed', () => {
  for (const source of [
    'CREATE INDEX i FOR (n:Pod) ON (n.x)',
    'CREATE CONSTRAINT FOR (n:Pod) REQUIRE n.id IS UNIQUE',
    'DROP INDEX i',
    'ALTER CURRENT GRAPH TYPE SET {}',
    "LOAD CSV FROM 'file:///etc/hostname' AS line RETURN line",
    'MATCH (n) LOAD CSV WITH HEADERS FROM $x AS line RETURN line',
    "LOAD/* */CSV FROM 'x' AS line RETURN line",
    "UNWIND [1] AS load csv FROM 'x' AS line RETURN line",
  ]) {
    assert.equal(codeOf(source), 'unsupported', source);
    assert.equal(codeOf(source, false), 'unsupported', source);
  }
  for (const source of writing) assert.equal(codeOf(source, false), 'taken', source);
});

test('Y4 no more rows are asked for than wanted and one, without changing what the query means', () => {
  for (const [source, expected] of [
    ['MATCH (n) RETURN n', 'MATCH (n) RETURN n LIMIT 11'],
    ['MATCH (n) RETURN n ; // all', 'MATCH (n) RETURN n LIMIT 11 ;       '],
    ['MATCH (n) RETURN n ORDER BY n.name SKIP 5', 'MATCH (n) RETURN n ORDER BY n.name SKIP 5 LIMIT 11'],
    ['MATCH (n) RETURN n LIMIT 3', 'MATCH (n) RETURN n LIMIT 3'],
    ['MATCH (n) RETURN n LIMIT 5000', 'MATCH (n) RETURN n LIMIT 11'],
    ['MATCH (n) RETURN n LIMIT $few', 'MATCH (n) RETURN n LIMIT $few'],
    ['MATCH (n) RETURN n LIMIT $many', 'MATCH (n) RETURN n LIMIT 11'],
    ['MATCH (n) WITH n LIMIT 2 RETURN n', 'MATCH (n) WITH n LIMIT 2 RETURN n LIMIT 11'],
    [
      'RETURN 1 AS a LIMIT 1 UNION RETURN 2 AS a',
      'CALL { RETURN 1 AS a LIMIT 1 UNION RETURN 2 AS a } RETURN * LIMIT 11',
    ],
    [
      'CALL { RETURN 1 AS a UNION RETURN 2 AS a } RETURN a',
      'CALL { RETURN 1 AS a UNION RETURN 2 AS a } RETURN a LIMIT 11',
    ],
    ['CALL db.labels()', 'CALL db.labels()'],
    ['EXPLAIN MATCH (n) RETURN n', 'EXPLAIN MATCH (n) RETURN n'],
    ["RETURN 'LIMIT 3' AS limit", "RETURN 'LIMIT 3' AS limit LIMIT 11"],
    ['RETURN $limit', 'RETURN $limit LIMIT 11'],
  ] as const) {
    assert.equal(sent(source, { few: 2, many: 5000 }), expected);
  }
});

test('Y6 names of other graphs mean ours where they are labels and types, and nowhere else', () => {
  for (const [source, expected] of [
    ['MATCH (c:PVC) RETURN c.PVC', 'MATCH (c:PersistentVolumeClaim) RETURN c.PVC LIMIT 11'],
    ['MATCH (c) WHERE c:PVC RETURN "PVC"', 'MATCH (c) WHERE c:PersistentVolumeClaim RETURN "PVC" LIMIT 11'],
    [
      'MATCH ()<-[e:AFFECTS|TRIGGERED*1..3]-() RETURN {a: AFFECTS}',
      'MATCH ()<-[e:ABOUT|AFFECTS|TRIGGERED*1..3]-() RETURN {a: AFFECTS} LIMIT 11',
    ],
    [
      'MATCH (:Pod)-[:USES_SECRET]->(s:Secret) RETURN s',
      'MATCH (:Pod)-[:USES_SECRET|READS_SECRET|MOUNTS|PULLS_WITH]->(s:Secret) RETURN s LIMIT 11',
    ],
    [
      'MATCH (s:Secret {name: "x"})<-[:USES_SECRET]-(p:Pod) RETURN p',
      'MATCH (s:Secret {name: "x"})<-[:USES_SECRET|READS_SECRET|MOUNTS|PULLS_WITH]-(p:Pod) RETURN p LIMIT 11',
    ],
    [
      'MATCH (:Ingress)-[:USES_SECRET]->(s:Secret) RETURN s',
      'MATCH (:Ingress)-[:USES_SECRET]->(s:Secret) RETURN s LIMIT 11',
    ],
    ['MATCH (p:Pod)-[:USES_SECRET]->(s) RETURN s', 'MATCH (p:Pod)-[:USES_SECRET]->(s) RETURN s LIMIT 11'],
  ] as const) {
    assert.equal(sent(source), expected);
  }
});

test('Y5 a place in what the store was given is found in what was written', () => {
  const source = 'MATCH (c:PVC) // é\nWHERE c.set = = 1 RETURN c UNION RETURN 1 AS c';
  const { text, sourceOffset } = statementFrom(source, options);
  const places = [...text.matchAll(/WHERE|= 1|UNION|MATCH/g)].map(({ 0: word, index }) => {
    const before = text.slice(0, index).split('\n');
    return [
      word,
      source
        .slice(sourceOffset({ line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }))
        .slice(0, word.length),
    ];
  });
  assert.equal(places.length, 4);
  for (const [word, found] of places) assert.equal(found, word);
});

const fragments = (
  'MATCH|RETURN|WITH|WHERE|CREATE|MERGE|SET|DELETE|DETACH|REMOVE|FOREACH|UNWIND|CALL|UNION|AS|IN|EXISTS|LIMIT|' +
  '(n)|(n:Pod)|(:X)|n|n.x|n.set|.set|:Set|x|1|1.|.5|1e3|[|]|{|}|(|)|->|-|<-|[:A|[r:SET]|\\||,|:|;|=|*|+|..|$set|$|' +
  "'|''|\\'|\\\\|'a'|'it\\'s'|\"|\"b\"|\"\\\\\"|`|``|`a`|`a\\`|\\u0027|//|/*|*/|/**/|\n|\r|\t| | |é|ÀSET|SETé|ｓｅｔ|K|\u200b|\ufeff|\u2028"
).split(/(?<!\\)\|/);

function soup(random: Random): string {
  const start = random.pick(['', 'MATCH (n) ', 'RETURN ', "RETURN '", 'MATCH (n) RETURN n ', 'UNWIND [1] AS x ']);
  const end = random.pick(['', ' CREATE (:X)', ' SET n.x = 2', ' DETACH DELETE n', "' CREATE (:X) //", ' RETURN 1']);
  return (
    start + Array.from({ length: random.int(8) }, () => random.pick(fragments) + random.pick(['', ' '])).join('') + end
  );
}

test('Y2 no text that is taken as reading changes the store, however it is put together', async () => {
  const db = grafeo.GrafeoDB.create();
  const [a, b] = await db.batchCreateNodesWithProps(['Pod'], [{ x: 1 }, { x: 2 }]);
  await db.batchCreateEdges([{ src: a!, dst: b!, type: 'A' }]);
  const state = async (): Promise<string> =>
    JSON.stringify([(await db.executeCypher('MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN n, r')).rows(), db.schema()]);
  const before = await state();
  const random = seededRandom('soup');
  let taken = 0;
  let ran = 0;
  for (let round = 0; round < 20_000; round++) {
    const source = round < writing.length + reading.length ? [...writing, ...reading][round]! : soup(random);
    let text: string;
    try {
      text = sent(source, { set: 1 });
    } catch {
      continue;
    }
    taken++;
    const done = await db.executeCypher(text, { set: 1 }).catch(() => undefined);
    if (done === undefined) continue;
    ran++;
    const { counters } = done;
    assert.deepEqual(Object.values(counters).filter(Boolean), [], JSON.stringify(source));
  }
  assert.equal(await state(), before);
  assert.ok(taken > 2000 && ran > 200, `${taken} taken, ${ran} ran: too few to mean anything`);
  db.close();
});

test('Y6 a relationship of many types is read in time, whatever its length', () => {
  const began = performance.now();
  const types = Array(20_000).fill('USES_SECRET').join('|');
  const ones = Array(20_000).fill('1').join(', ');
  sent(`MATCH (a:Pod {x: [${ones}]})-[:${types}]->(b:Secret) RETURN a`);
  assert.ok(performance.now() - began < 1_500);
});
