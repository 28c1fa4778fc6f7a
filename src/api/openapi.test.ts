import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEstate } from '../../test/support/api-estate.ts';
import { silentLogger } from '../lib/logger.ts';
import { operations } from '../operations/index.ts';
import { openApiDocument } from './openapi.ts';
import { defaultApiLimits } from './options.ts';
import { routeShape } from './rest.ts';
import { routes } from './server.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

const document = JSON.parse(JSON.stringify(openApiDocument(operations, '1.2.3', true))) as {
  [key: string]: JsonObject;
};
const methods = Object.entries(document['paths'] ?? {}).flatMap(([path, item]) =>
  Object.entries(item as JsonObject).map(([method, operation]) => ({
    path,
    method,
    operation: operation as JsonObject,
  })),
);

function* walk(value: Json): Iterable<JsonObject> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value;
  for (const inner of Object.values(value)) yield* walk(inner);
}

function resolve(reference: string): Json | undefined {
  return reference
    .slice(2)
    .split('/')
    .reduce<Json | undefined>(
      (at, key) => (typeof at === 'object' && at !== null && !Array.isArray(at) ? at[key] : undefined),
      document,
    );
}

test('H14 every reference of the OpenAPI document leads somewhere, and none is left to local definitions', () => {
  let count = 0;
  for (const node of walk(document)) {
    if (typeof node['$ref'] !== 'string') continue;
    count++;
    assert.match(node['$ref'], /^#\/components\//);
    assert.ok(resolve(node['$ref']) !== undefined, node['$ref']);
  }
  assert.ok(count > 20);
  for (const node of walk(document)) assert.ok(!('$defs' in node) && !('x-separator' in node));
});

test('H15 every operation has an id of its own, a summary, examples of its inputs, an answer and a problem', () => {
  const ids = methods.map(({ operation }) => operation['operationId']);
  assert.equal(new Set(ids).size, ids.length);
  for (const { path, operation } of methods) {
    assert.match(String(operation['operationId']), /^[a-z][A-Za-z]*$/, path);
    assert.ok(operation['summary'], path);
    const responses = operation['responses'] as JsonObject;
    assert.ok('default' in responses && Object.keys(responses).length === 2, path);
  }
  for (const operation of operations) {
    const { path, method } = routeShape(operation);
    assert.match(
      JSON.stringify(document['paths']?.[`/api/v1${path}`]),
      method === 'POST' ? /"examples"/ : /\(<\/api\/v1\//,
      operation.name,
    );
  }
});

test('H40 what the form of an operation is filled with is one example, and optional inputs are left to the reader', () => {
  for (const { path, operation } of methods)
    for (const parameter of (operation['parameters'] ?? []) as JsonObject[]) {
      assert.ok(!('examples' in parameter), `${path} ${parameter['name']}`);
      assert.ok(parameter['required'] || !('example' in parameter), `${path} ${parameter['name']}`);
    }
});

test('H41 every operation stands in a group', () => {
  const groups = (document['tags'] as unknown as JsonObject[]).map(({ name }) => name);
  for (const { path, operation } of methods) {
    const [tag] = operation['tags'] as string[];
    assert.ok(tag !== undefined && groups.includes(tag), path);
  }
});

test('H16 path parameters are declared, required, and as many as the path has', () => {
  for (const { path, operation } of methods) {
    const declared = ((operation['parameters'] ?? []) as JsonObject[]).filter(
      (parameter) => parameter['in'] === 'path',
    );
    const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    assert.deepEqual(declared.map(({ name }) => name).sort(), wanted.sort(), path);
    for (const parameter of declared) assert.equal(parameter['required'], true);
  }
});

/** Pages for people, and resources named by a query parameter instead of the path. */
const undocumented = [
  'GET /',
  'GET /api/docs',
  'GET /api/docs/',
  'GET /api/docs/start.js',
  'GET /api/docs/swagger-ui-bundle.js',
  'GET /api/docs/swagger-ui.css',
  'GET /api/v1/causes',
  'GET /api/v1/neighbours',
  'GET /api/v1/objects',
  'GET /api/v1/timeline',
  'GET /favicon.ico',
];

test('H17 every route of the server is in the document, and the other way round', async () => {
  const { api } = await openEstate();
  await api.app.ready();
  const documented = methods.map(({ path, method }) => `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '{}')}`);
  const options = { host: '::1', port: 0, version: '1', log: silentLogger, now: () => 0 };
  const routed = routes(
    { ...options, context: assert.fail, dependencies: assert.fail },
    undefined,
    defaultApiLimits,
  ).map(({ method, url }) => `${method} ${url.replaceAll(/:\w+|\*/g, '{}')}`);
  const feed = ['GET /api/v1/feed', 'GET /api/v1/feed/ws'];
  assert.deepEqual([...routed, ...feed].sort(), [...documented, ...undocumented].sort());
  for (const { path, method } of methods) {
    const url = path.replaceAll(/\{(\w+)\}/g, 'x');
    const answer = await api.app.inject({
      method: method.toUpperCase() as 'GET',
      url: path.endsWith('/feed') ? `${url}?nonsense=1` : url,
    });
    assert.ok(
      answer.statusCode !== 405 && !answer.body.includes('nothing is offered at'),
      `${method} ${path}: ${answer.body}`,
    );
  }
  const served = await api.app.inject('/api/v1/openapi.json');
  assert.equal(served.json().openapi, '3.1.0');
  await api.close();
});

test('H18 a server without a token asks for none', () => {
  assert.ok('security' in document);
  assert.ok(!('security' in openApiDocument(operations, '1', false)));
});

test('H42 the documentation is found with a slash at its end as well, and has an icon', async () => {
  const { api } = await openEstate();
  const [plain, slashed, icon] = await Promise.all(
    ['/api/docs', '/api/docs/', '/favicon.ico'].map((url) => api.app.inject(url)),
  );
  assert.equal(plain?.statusCode, 200);
  assert.equal(slashed?.body, plain?.body);
  assert.match(String(icon?.headers['content-type']), /^image\//);
  await api.close();
});
