/** Every scenario file, and the proof that every relation of the kinds table stands in one. `UPDATE=1` rewrites the expectations. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { ruleFor } from '../../src/kinds/compiled-kinds.ts';
import { customRelations } from '../../src/kinds/custom.ts';
import { genericRelations } from '../../src/kinds/generic.ts';
import { kinds } from '../../src/kinds/index.ts';
import { freezing } from '../../src/model/freeze.ts';
import { kindTitle } from '../../src/model/groups.ts';
import { complete, ORDERS, rewrite, run, scenarioDocuments, scenarioFrom, variantsOf } from './scenario.ts';

freezing.enabled = true;

const folder = import.meta.dirname;
const proven = new Set<string>();
const prove = (rule: string): void => {
  proven.add(rule);
};
const only = process.env['SCENARIO'];

for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml') && (!only || name.includes(only)))) {
  const path = `${folder}/${file}`;
  const documents = scenarioDocuments(path);
  if (process.env['UPDATE'] === '1') rewrite(path, documents);
  for (const scenario of documents.map(scenarioFrom).flatMap(variantsOf)) {
    test(`${scenario.rule ?? 'K1'} ${file}: ${scenario.title}`, () => {
      for (let order = 0; order < ORDERS; order++) {
        const outcome = run(scenario, order, prove);
        for (const [index, actual] of outcome.steps.entries()) {
          const { edges, dangling } = scenario.steps[index]?.expect ?? {};
          const where = `step ${index + 1}, order of arrival ${order}`;
          if (edges) assert.deepEqual(actual.edges, [...edges].sort(), where);
          if (dangling) assert.deepEqual(actual.dangling, [...dangling].sort(), where);
        }
        if (order === 0) assert.deepEqual(complete(outcome, prove), [], 'what is missing is linked when it comes');
      }
    });
  }
}

/** Every rule of the table with its id; a kind's own first, then what its template shares with others. */
function* rules(): Iterable<{ readonly id: string; readonly owner: string; readonly template: boolean }> {
  const rows = [
    ['*', genericRelations],
    ['custom', customRelations],
    ...kinds.map((kind) => [kindTitle(kind), kind.relations ?? []] as const),
  ] as const;
  for (const [owner, relations] of rows) {
    for (const relation of relations)
      yield { id: ruleFor(owner, relation).id, owner, template: relation.via !== undefined };
  }
}

test('K2 every relation of the table makes an edge in a scenario', {
  skip: only !== undefined && 'one scenario only',
}, () => {
  const all = [...rules()];
  const unproven = all.filter(({ id, template }) => !template && !proven.has(id)).map(({ id }) => id);
  // Templates share their relations with Pod, which proves each; here it is enough that the template is found.
  const templates = Map.groupBy(
    all.filter(({ template }) => template),
    ({ owner }) => owner,
  );
  for (const [owner, shared] of templates)
    if (!shared.some(({ id }) => proven.has(id))) unproven.push(`${owner}: no relation of its template`);
  assert.deepEqual(unproven, []);
});

test('K9 every rule has an id of its own, `owner/path#EDGE[:variant]`', () => {
  const ids = [...rules()].map(({ id }) => id);
  assert.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
  assert.deepEqual(
    ids.filter((id) => !/^(?:\*|custom|[A-Z*][A-Za-z0-9]*(?:\.[a-z0-9.-]+)?)\/[^#]+#[A-Z_]+(?::[A-Za-z]+)?$/.test(id)),
    [],
  );
});
