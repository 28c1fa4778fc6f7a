/** Every scenario file, and the proof that every relation of the kinds table stands in one. `UPDATE=1` rewrites the expectations. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { ruleFor } from '../../src/kinds/describe.ts';
import { genericRelations } from '../../src/kinds/generic.ts';
import { kinds } from '../../src/kinds/index.ts';
import { freezing } from '../../src/model/freeze.ts';
import { ORDERS, rewrite, run, scenarioDocuments, scenarioFrom } from './scenario.ts';

freezing.enabled = true;

const folder = import.meta.dirname;
const proven = new Set<string>();
const only = process.env['SCENARIO'];

for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml') && (!only || name.includes(only)))) {
  const path = `${folder}/${file}`;
  const documents = scenarioDocuments(path);
  if (process.env['UPDATE'] === '1') rewrite(path, documents);
  for (const document of documents) {
    const scenario = scenarioFrom(document);
    test(`${scenario.rule ?? 'K1'} ${file}: ${scenario.title}`, () => {
      for (let order = 0; order < ORDERS; order++) {
        for (const [index, actual] of run(scenario, order, (rule) => proven.add(rule)).entries()) {
          const { edges, dangling } = scenario.steps[index]?.expect ?? {};
          const where = `step ${index + 1}, order of arrival ${order}`;
          if (edges) assert.deepEqual(actual.edges, [...edges].sort(), where);
          if (dangling) assert.deepEqual(actual.dangling, [...dangling].sort(), where);
        }
      }
    });
  }
}

test('K2 every relation of the table is proven by a scenario', {
  skip: only !== undefined && 'one scenario only',
}, () => {
  const unproven = genericRelations.map((relation) => ruleFor('*', relation).id).filter((id) => !proven.has(id));
  for (const { kind, relations = [] } of kinds) {
    const ids = (via: boolean) =>
      relations
        .filter((relation) => (relation.via !== undefined) === via)
        .map((relation) => ruleFor(kind, relation).id);
    unproven.push(...ids(false).filter((id) => !proven.has(id)));
    // Templates share their relations with Pod, which proves each; here it is enough that the template is found.
    if (ids(true).length > 0 && !ids(true).some((id) => proven.has(id)))
      unproven.push(`${kind}: no relation of its template`);
  }
  assert.deepEqual(unproven, []);
});
