import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Labels, matches } from '../../model/selector.ts';
import { describer } from '../index.ts';
import { alternativesOf, both } from './calico-expression.ts';

const chooses = (expression: string, labels: Labels): boolean =>
  alternativesOf(expression).some((selector) => matches(selector, labels));

const web: Labels = { app: 'web', tier: 'front', 'app.kubernetes.io/name': 'shop-web-eu' };

const cases: readonly (readonly [expression: string, expected: boolean])[] = [
  ['', true],
  ['all()', true],
  ['!all()', false],
  ['app == "web"', true],
  ["app == 'web'", true],
  ['app=="db"', false],
  ['app != "db"', true],
  ['missing != "db"', true],
  ['app in {"web", "db"}', true],
  ['app in {}', false],
  ['app not in {"web"}', false],
  ['missing not in {"web"}', true],
  ['app not in {}', true],
  ['has(app)', true],
  ['has( app )', true],
  ['!has(app)', false],
  ['!has(missing)', true],
  ['!!has(app)', true],
  ['app.kubernetes.io/name contains "web"', true],
  ['app.kubernetes.io/name starts with "shop-"', true],
  ['app.kubernetes.io/name ends with "-us"', false],
  ['!(app.kubernetes.io/name ends with "-us")', true],
  ['!missing starts with "x"', true],
  ['missing contains ""', false],
  ['app contains "*"', false],
  ['app == "web" && tier == "front"', true],
  ['app == "db" && tier == "front"', false],
  ['app == "db" || tier == "front"', true],
  // && binds stronger than ||.
  ['app == "web" || app == "db" && tier == "back"', true],
  ['(app == "web" || app == "db") && tier == "back"', false],
  ['!(app == "web" && tier == "back")', true],
  ['!(app == "web" || tier == "back")', false],
  ['!(app == "db" || !has(tier))', true],
  ['! ( ! (app == "web") )', true],
];

for (const [expression, expected] of cases) {
  test(`K90 \`${expression}\` ${expected ? 'chooses' : 'does not choose'} the endpoint`, () => {
    assert.equal(chooses(expression, web), expected);
  });
}

test('K90 negation of any expression chooses exactly the others', () => {
  const endpoints: readonly Labels[] = [web, {}, { app: 'db' }, { tier: 'front' }, { app: 'web' }];
  for (const [expression] of cases.filter(([text]) => text !== '')) {
    for (const labels of endpoints) {
      assert.notEqual(chooses(expression, labels), chooses(`!(${expression})`, labels), expression);
    }
  }
});

test('K91 a malformed expression is refused with the column of the fault', () => {
  const faults: readonly (readonly [string, number])[] = [
    ['app = "web"', 5],
    ['app == web', 8],
    ['app in "web"', 8],
    ['(app == "web"', 14],
    ['app == "web" tier', 14],
    ['&& has(app)', 1],
    ['has(app', 8],
    ['app == "web', 8],
  ];
  for (const [expression, column] of faults) {
    assert.throws(() => alternativesOf(expression), { name: 'SyntaxError', message: new RegExp(`column ${column} `) });
  }
});

test('K91 an expression of too many alternatives is refused rather than multiplied out', () => {
  const term = (key: string): string => `(${['a', 'b', 'c', 'd', 'e'].map((v) => `${key} == "${v}"`).join(' || ')})`;
  assert.throws(() => alternativesOf([term('x'), term('y'), term('z')].join(' && ')), RangeError);
  assert.throws(() => both(alternativesOf(term('x')), Array(20).fill([])), RangeError);
});

test('K91 a policy with a malformed expression chooses nobody, and says why', () => {
  const description = describer.object('c', {
    apiVersion: 'projectcalico.org/v3',
    kind: 'NetworkPolicy',
    metadata: { namespace: 'shop', name: 'x' },
    spec: { selector: 'app = "web"', ingress: [{ action: 'Allow', source: { nets: ['10.0.0.0/8'] } }] },
  });
  assert.ok('resource' in description);
  assert.match(description.faults?.join() ?? '', /expected an operator at column 5/);
  const edges = description.references.map(({ rule }) => rule.edge);
  assert.deepEqual(
    edges.filter((edge) => edge !== 'IN_NAMESPACE' && edge !== 'INSTANCE_OF'),
    ['ALLOWS_FROM'],
  );
});
