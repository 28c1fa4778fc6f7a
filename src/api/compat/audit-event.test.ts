import assert from 'node:assert/strict';
import { test } from 'node:test';
import { object, openEstate } from '../../../test/support/api-estate.ts';
import { kinds } from '../../kinds/index.ts';
import type { ManagedFields } from '../../model/change.ts';
import type { Version } from '../../model/history.ts';
import { auditEventOf, kindsOfType, resourceTypes } from './audit-event.ts';

function versionOf(managedFields: readonly ManagedFields[], more: Partial<Version> = {}): Version {
  const what = object('Deployment', 'web', {}, { managedFields });
  const of = { cluster: 'c', group: 'apps', kind: 'Deployment', pseudo: false, namespace: 'shop', name: 'web' };
  const at = '2026-01-01T00:00:00.000001Z';
  return {
    position: { moment: 1, place: 2 },
    at,
    verb: 'update',
    of: { ...of, id: 'c/u', uid: 'u' },
    object: what,
    ...more,
  };
}

const types = (): string => 'deployments';
const wrote = (manager: string, time: string, subresource?: string): ManagedFields => ({
  manager,
  operation: 'Update',
  time,
  ...(subresource && { subresource }),
});

test('WE1 who wrote last is all who did within that second, and nobody where nothing tells', () => {
  const late = '2026-01-01T00:00:00Z';
  const entries = [wrote('old', '2025-01-01T00:00:00Z'), wrote('a', late), wrote('b', late, 'status'), { time: late }];
  assert.deepEqual(auditEventOf(versionOf(entries), types).changedBy, [
    { manager: 'a', operation: 'Update', time: late },
    { manager: 'b', operation: 'Update', subresource: 'status', time: late },
  ]);
  assert.ok(!('changedBy' in auditEventOf(versionOf([]), types)));
  assert.ok(!('changedBy' in auditEventOf(versionOf(entries, { verb: 'delete' }), types)), 'deletion leaves no trace');
});

test('WE1 the instant keeps its microseconds, and where nobody looked before it is said since when', () => {
  const { timestamp, notBefore } = auditEventOf(versionOf([], { notBefore: '2025-12-31T00:00:00Z' }), types);
  assert.deepEqual([timestamp, notBefore], ['2026-01-01T00:00:00.000001Z', '2025-12-31T00:00:00Z']);
});

test('WE7 the type of a kind is the plural of the table, of its definition, or of its name; and is understood again', async () => {
  const { graph, api, apply } = await openEstate();
  const names = { kind: 'Octopus', plural: 'octopodes' };
  apply({
    ...object('CustomResourceDefinition', 'octopodes.sea.example'),
    apiVersion: 'apiextensions.k8s.io/v1',
    spec: { group: 'sea.example', names, scope: 'Namespaced' },
  });
  await api.close();
  const context = { view: graph.view, kinds };
  const typeOf = resourceTypes(context);
  const cases = [
    [{ group: 'networking.k8s.io', kind: 'NetworkPolicy' }, 'networkpolicies'],
    [{ group: '', kind: 'Endpoints' }, 'endpoints'],
    [{ group: 'sea.example', kind: 'Octopus' }, 'octopodes'],
    [{ group: 'gone.example', kind: 'Puppy' }, 'puppies'],
  ] as const;
  for (const [kind, plural] of cases) {
    assert.equal(typeOf(kind), plural);
    const understood = kindsOfType(context, plural, [{ group: 'gone.example', kind: 'Puppy' }]);
    assert.deepEqual(
      understood.filter(({ group }) => group === kind.group).map((each) => each.kind),
      [kind.kind],
      plural,
    );
  }
  assert.equal(kindsOfType(context, 'puppies.gone.example', [{ group: 'gone.example', kind: 'Puppy' }]).length, 1);
  assert.equal(kindsOfType(context, 'puppies').length, 0);
});
