import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sizeOf, sizeText } from './size.ts';

test('R10 objects, Events and what is only named are counted apart, everywhere the same', () => {
  const object = { group: '', kind: 'Pod', pseudo: false };
  const size = sizeOf([object, object, { ...object, kind: 'Event' }, { ...object, kind: 'Image', pseudo: true }]);
  assert.deepEqual(size, { resources: 2, events: 1, named: 1 });
  assert.equal(sizeText(size), '2 resources, 1 Event, 1 named thing (images, hosts, actors)');
  assert.equal(sizeText(sizeOf([object])), '1 resource');
});
