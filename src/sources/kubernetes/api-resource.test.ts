import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ApiResource, kindFilter, onceEach, pathOf } from './api-resource.ts';

const resource = (group: string, kind: string, plural = `${kind.toLowerCase()}s`): ApiResource => ({
  group,
  version: 'v1',
  kind,
  plural,
  namespaced: true,
});
const pod = resource('', 'Pod');
const deployment = resource('apps', 'Deployment');
const widget = resource('shop.example.com', 'Widget');

test('U1 kinds are named by kind, plural, group/Kind or plural.group, with * and in any case', () => {
  const named = (pattern: string): string[] =>
    [pod, deployment, widget].filter(kindFilter([pattern], [])).map(({ kind }) => kind);
  for (const pattern of ['pods', 'Pod', 'core/Pod', '/Pod', 'pods.core', 'POD'])
    assert.deepEqual(named(pattern), ['Pod'], pattern);
  for (const pattern of ['apps/Deployment', 'deployments.apps', 'apps/*', '*.apps', 'deploy*']) {
    assert.deepEqual(named(pattern), ['Deployment'], pattern);
  }
  assert.deepEqual(named('*.example.com'), ['Widget']);
  assert.deepEqual(named('*'), ['Pod', 'Deployment', 'Widget']);
  assert.deepEqual(named('p.d'), [], 'a dot is a dot');
  assert.ok(
    kindFilter(['PO'], [])({ group: '', kind: 'Pod', plural: 'pods', shortNames: ['po'] }),
    'a short name, as discovery tells it',
  );
});

test('U2 what is excluded is out, whatever is included; an empty list includes all', () => {
  const wanted = kindFilter([], ['apps/*']);
  assert.deepEqual([pod, deployment, widget].map(wanted), [true, false, true]);
  assert.deepEqual([pod, deployment].map(kindFilter(['pods', 'deployments'], ['pods'])), [false, true]);
});

test('U3 objects that are served under two names are read by one', () => {
  const event = resource('', 'Event');
  const other = resource('events.k8s.io', 'Event');
  assert.deepEqual(onceEach([event, other, pod]), [event, pod]);
  assert.deepEqual(onceEach([other, pod]), [other, pod], 'where it is the only name, it is the one');
  const endpoints = resource('', 'Endpoints');
  const slices = resource('discovery.k8s.io', 'EndpointSlice');
  assert.deepEqual(onceEach([endpoints, slices]), [endpoints, slices]);
});

test('paths of collections, with odd namespaces encoded', () => {
  assert.equal(pathOf(pod), '/api/v1/pods');
  assert.equal(pathOf(deployment, 'shop'), '/apis/apps/v1/namespaces/shop/deployments');
  assert.equal(pathOf(pod, 'a/../b?'), '/api/v1/namespaces/a%2F..%2Fb%3F/pods');
});
