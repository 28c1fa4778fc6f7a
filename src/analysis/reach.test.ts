import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estateOf, object } from '../../test/support/estate.ts';
import { cart, running, shop, web } from '../../test/support/shop.ts';
import { policy, together } from '../../test/support/told.ts';
import type { KubeObject } from '../model/change.ts';
import { Case } from './case.ts';
import { cutBetween, type Port } from './reach.ts';

const TCP = (port: number | string): Port => ({ port, protocol: 'TCP' });

/** Where web is cut from cart: the direction, and the policies. */
function cut(policies: readonly KubeObject[], port: Port | undefined = TCP(8080), to = cart.pod): string | undefined {
  const known = new Case(estateOf(together(shop, { 1: policies.map((apply) => ({ apply })) })));
  const [from, end] = [web.pod, to].map(({ metadata }) => known.view.get(`test/${metadata.uid}`));
  assert.ok(from && end);
  const found = cutBetween(known, from, end, port);
  return found && `${found.direction} ${found.policies.map(({ name }) => name).join(',')}`;
}

const toCart = { podSelector: { matchLabels: { app: 'cart' } } };
const fromWeb = { from: [{ podSelector: { matchLabels: { app: 'web' } } }] };

test('CA144 without a policy that chooses it a pod is open; with one, closed in that direction alone', () => {
  assert.equal(cut([]), undefined);
  assert.equal(cut([policy('shop/deny', { podSelector: {} })]), 'Ingress deny');
  assert.equal(cut([policy('shop/deny', { podSelector: {}, policyTypes: ['Egress'] })]), 'Egress deny');
  assert.equal(cut([policy('shop/of-others', { podSelector: { matchLabels: { app: 'mysql' } } })]), undefined);
  assert.equal(cut([policy('shop/empty-type', { ...toCart, policyTypes: ['Egress'], egress: [] })]), undefined);
});

test('CA144 what any policy allows is allowed: by labels, namespaces, ports and addresses', () => {
  const deny = policy('shop/deny', { podSelector: {} });
  const allow = (rule: object): string | undefined => cut([deny, policy('shop/allow', { ...toCart, ingress: [rule] })]);
  assert.equal(allow({}), undefined);
  assert.equal(allow(fromWeb), undefined);
  assert.equal(allow({ from: [{ podSelector: { matchLabels: { app: 'other' } } }] }), 'Ingress deny,allow');
  assert.equal(allow({ ...fromWeb, ports: [{ port: 8080 }] }), undefined);
  assert.equal(allow({ ...fromWeb, ports: [{ port: 8000, endPort: 9000, protocol: 'TCP' }] }), undefined);
  assert.equal(allow({ ...fromWeb, ports: [{ port: 9090 }] }), 'Ingress deny,allow');
  assert.equal(allow({ ...fromWeb, ports: [{ port: 8080, protocol: 'UDP' }] }), 'Ingress deny,allow');
  const named = { 'kubernetes.io/metadata.name': 'shop' };
  assert.equal(allow({ from: [{ namespaceSelector: { matchLabels: named } }] }), undefined);
  assert.equal(
    allow({ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'elsewhere' } } }] }),
    'Ingress deny,allow',
  );
});

test('CA144 named ports are those of the pod that is called, and what cannot be judged is allowed', () => {
  const named = running('shop/cart', { container: { ports: [{ containerPort: 8080, name: 'http' }] } });
  const only = policy('shop/only', { ...toCart, ingress: [{ ...fromWeb, ports: [{ port: 8080 }] }] });
  const known = new Case(estateOf(together(shop, { 1: [...named.all, { apply: only }] })));
  const [from, to] = [web.pod, named.pod].map(({ metadata }) => known.view.get(`test/${metadata.uid}`));
  assert.ok(from && to);
  assert.equal(cutBetween(known, from, to, TCP('http')), undefined);
  const labelled = { namespaceSelector: { matchLabels: { team: 'a' } } };
  assert.equal(cut([policy('shop/who', { ...toCart, ingress: [{ from: [labelled] }] })]), undefined);
  const place = object('v1', 'Namespace', 'shop', {}, { labels: { team: 'b' } });
  assert.equal(cut([place, policy('shop/who', { ...toCart, ingress: [{ from: [labelled] }] })]), 'Ingress who');
});
