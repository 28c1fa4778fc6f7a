import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { Problem } from '../model/problem.ts';
import { environmentName, load, printable } from './config.ts';

function faults(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof Problem && error.code === 'invalid-config');
    return error.details;
  }
  assert.fail('expected invalid-config');
}

test('C1 environment wins over the file, options win over both', () => {
  const file = `${mkdtempSync(`${tmpdir()}/kg-`)}/c.yaml`;
  writeFileSync(file, 'server: {port: 1111, host: 127.0.0.2}\nkubernetes: {contexts: [a]}\n');
  const config = load({
    file,
    environment: { KG_SERVER_PORT: '2222', KG_KUBERNETES_EXCLUDE: 'secrets, events' },
    overrides: { 'server.host': '::1' },
  });
  assert.equal(config.server.port, 2222);
  assert.equal(config.server.host, '::1');
  assert.deepEqual(config.kubernetes.contexts, ['a']);
  assert.deepEqual(config.kubernetes.exclude, ['secrets', 'events']);
  assert.equal(config.graph.windowMax, 50_000);
});

test('C2 every fault is listed at once, with the nearest known name', () => {
  const file = `${mkdtempSync(`${tmpdir()}/kg-`)}/c.yaml`;
  writeFileSync(file, 'server: {prot: 1}\nservr: {}\n');
  const details = faults(() => load({ file, environment: { KG_SERVER_PORT: 'x', KG_GRAPH_WINDOWMAX: '1' } }));
  assert.equal(details.length, 4);
  assert.ok(details.some((text) => text.includes('KG_GRAPH_WINDOW_MAX')));
  assert.ok(details.some((text) => text.includes('did you mean server.port')));
  assert.ok(details.some((text) => text.includes('did you mean server?')));
});

test('C3 secrets print as ***', () => {
  const config = load({ environment: { KG_SERVER_TOKEN: 'a-very-secret-token' } });
  assert.ok(!JSON.stringify(printable(config)).includes('secret'));
  assert.equal(config.server.token, 'a-very-secret-token');
});

test('C7 the address of a history is a file or PostgreSQL, and prints without its password', () => {
  const at = (url: string): Record<string, string> => ({ KG_HISTORY_URL: url });
  const config = load({ environment: at('postgres://kg:hunter2@db:5432/kg?schema=a') });
  assert.equal(printable(config)['history']?.['url'], 'postgres://kg:***@db:5432/kg?schema=a');
  assert.equal(config.history.url, 'postgres://kg:hunter2@db:5432/kg?schema=a');
  for (const url of ['postgresql://db/kg', '/var/lib/history.db', 'history.db'])
    assert.equal(printable(load({ environment: at(url) }))['history']?.['url'], url);
  const [fault = '', ...more] = faults(() => load({ environment: at('mysql://kg:hunter2@db/kg') }));
  assert.match(fault, /history\.url: must be a file, or like postgres:/);
  assert.ok(!fault.includes('hunter2') && more.length === 0, fault);
});

test('C4 a file that was named must exist; variables of older systems are aliases', () => {
  assert.equal(faults(() => load({ file: '/nowhere/c.yaml', environment: {} })).length, 1);
  assert.equal(load({ environment: { KUBILITICS_PORT: '819' } }).server.port, 819);
  assert.equal(environmentName('graph.feedEntriesMax'), 'KG_GRAPH_FEED_ENTRIES_MAX');
});

test('C5 a section or setting with nothing behind its colon means the defaults', () => {
  const file = `${mkdtempSync(`${tmpdir()}/kg-`)}/c.yaml`;
  writeFileSync(file, 'server:\ngraph:\n  windowMax:\n  feedEntriesMax: 7\n');
  const config = load({ file, environment: {} });
  assert.equal(config.server.port, 8080);
  assert.deepEqual([config.graph.windowMax, config.graph.feedEntriesMax], [50_000, 7]);
});

test('C6 what Kubernetes sets for Services called kg or kg-server is ignored with a note, and what is set by hand counts', () => {
  const links = (service: string): Record<string, string> => ({
    [`${service}_SERVICE_HOST`]: '10.0.0.1',
    [`${service}_SERVICE_PORT`]: '80',
    [`${service}_SERVICE_PORT_HTTP`]: '80',
    [`${service}_PORT`]: 'tcp://10.0.0.1:80',
    [`${service}_PORT_80_TCP`]: 'tcp://10.0.0.1:80',
    [`${service}_PORT_80_TCP_PROTO`]: 'tcp',
    [`${service}_PORT_80_TCP_PORT`]: '80',
    [`${service}_PORT_80_TCP_ADDR`]: '10.0.0.1',
  });
  const notes: string[] = [];
  const environment = { ...links('KG'), ...links('KG_SERVER'), ...links('KUBILITICS'), ...links('KUBE_KG') };
  const config = load({ environment, note: (text) => notes.push(text) });
  assert.equal(config.server.port, 8080);
  assert.match(notes.join(), /KG_PORT/);
  assert.equal(load({ environment: { ...environment, KG_SERVER_PORT: '9000' } }).server.port, 9000);
  assert.equal(faults(() => load({ environment: { ...links('KG'), KG_SERVICE_HOTS: 'x', KG_PROT: '1' } })).length, 2);
  assert.equal(faults(() => load({ environment: { KG_SERVICE_HOST: '10.0.0.1' } })).length, 1, 'no Service sets it');
});
