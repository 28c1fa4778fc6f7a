import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KindRef } from '../kind.ts';
import { clusterScoped, namespaced } from '../refs.ts';
import { governed } from './kyverno-match.ts';

const lookup = (group: string | undefined, kind: string): KindRef =>
  kind === 'Namespace' ? clusterScoped('', kind) : namespaced(group ?? (kind === 'Deployment' ? 'apps' : ''), kind);

/** `Kind labels @ namespaces`, a line for each target. */
function say(rule: unknown, own = ''): string[] | undefined {
  const found = governed(rule, own, lookup);
  return found?.outcomes
    .map(({ target }) => {
      if (target.by !== 'labels') return 'not by labels';
      const { group, kind, selector, namespaces } = target;
      const text = (list: typeof selector) =>
        list.map(({ key, operator, values }) => `${key.split('/').at(-1)} ${operator} ${values.join('|')}`).join(' & ');
      const where =
        namespaces.type === 'labels'
          ? text(namespaces.selector)
          : namespaces.type === 'names'
            ? namespaces.names.join('|')
            : '*';
      return `${group}/${kind} [${text(selector)}] @ ${where}`;
    })
    .concat(found.approximate ? ['approximately'] : []);
}

const pods = { resources: { kinds: ['Pod'] } };

test('K63 kinds are read with group and version or without; subresources and patterns of kinds match no object', () => {
  const kinds = ['Pod', 'v1/Secret', 'apps/v1/Deployment', '*/ConfigMap', 'Pod/exec', '*', 'Deploy*'];
  assert.deepEqual(say({ match: { any: [{ resources: { kinds } }] } }), [
    '/Pod [] @ *',
    '/Secret [] @ *',
    'apps/Deployment [] @ *',
    '/ConfigMap [] @ *',
  ]);
});

test('K63 any are alternatives, all come together, and a namespaced policy stays at home', () => {
  const gold = { resources: { kinds: ['Pod'], namespaceSelector: { matchLabels: { tier: 'gold' } } } };
  const web = { resources: { selector: { matchLabels: { app: 'web-*' } } } };
  assert.deepEqual(say({ match: { any: [pods, gold] } }), ['/Pod [] @ *', '/Pod [] @ tier In gold']);
  assert.deepEqual(say({ match: { all: [gold, web] } }), ['/Pod [app Like web-*] @ tier In gold']);
  assert.deepEqual(say({ match: pods }, 'shop'), ['/Pod [] @ shop']);
});

test('K63 an exception of one condition is taken off exactly; any other makes the rule approximate', () => {
  const except = (resources: unknown): string[] | undefined =>
    say({ match: { any: [pods] }, exclude: { any: [{ resources }] } });
  assert.deepEqual(except({ namespaces: ['kube-*'] }), ['/Pod [] @ metadata.name NotLike kube-*']);
  assert.deepEqual(except({ selector: { matchLabels: { app: 'x' } } }), ['/Pod [app NotIn x] @ *']);
  assert.deepEqual(except({ kinds: ['Secret'], namespaces: ['a'] }), ['/Pod [] @ *']);
  assert.deepEqual(except({ kinds: ['Pod'] }), []);
  assert.deepEqual(except({ namespaces: ['a'], selector: { matchLabels: { app: 'x' } } }), [
    '/Pod [] @ *',
    'approximately',
  ]);
  assert.deepEqual(except({ names: ['x'] }), ['/Pod [] @ *', 'approximately']);
  assert.deepEqual(say({ match: { resources: { kinds: ['Pod'], names: ['x'] } } }), ['/Pod [] @ *', 'approximately']);
});

test('K63 what no selector can say is left out rather than guessed', () => {
  assert.equal(say({ match: { resources: { kinds: ['Pod'], namespaces: ['team-?'] } } }), undefined);
  assert.equal(say({ match: { resources: { kinds: ['Pod'], selector: { matchLabels: { 'a*': 'b' } } } } }), undefined);
  assert.equal(say({}), undefined);
  assert.deepEqual(say({ match: { any: [{ resources: { names: ['x'] } }] } }), ['approximately']);
});
