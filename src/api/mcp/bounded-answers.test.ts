/** That every answer is bounded, whatever it is about, and that pages make up the whole. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { observed } from '../../../test/support/observed.ts';
import { type Operation, operation } from '../../operations/operation.ts';
import { operationTool } from './operation-tools.ts';
import { readResource } from './resources.ts';
import { tools } from './server.ts';
import { ANSWER_MAX, resultOf, type Tool, type ToolResult } from './tool.ts';

const T = (second: number): string => new Date(Date.UTC(2026, 0, 1, 10, 0, second)).toISOString();

const configMap = (name: string, data: object, second: number, labels: object = {}): object => ({
  type: 'apply',
  at: T(second),
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop', uid: name, labels }, data },
});

function bounded({ content, structuredContent }: ToolResult, name: string): string {
  const text = content.map((part) => part.text).join('\n');
  assert.ok(text.length <= ANSWER_MAX + 500, `${name} has ${text.length} characters of text`);
  assert.ok(JSON.stringify(structuredContent).length <= ANSWER_MAX, name);
  return text;
}

test('MCP26 an answer of one long text is bounded, shows its beginning and says how much there is', async () => {
  const long = 'lorem ipsum dolor '.repeat(60_000);
  await using past = await observed([configMap('small', { a: 'b' }, 0), configMap('big', { 'app.txt': long }, 1)]);
  const ask = async (name: string, input: object): Promise<string> =>
    bounded(await resultOf(tools.get(name) as Tool, () => past.context, { ...input }), name);
  const object = await ask('kubekg_object', { resource: 'ConfigMap/shop/big' });
  assert.match(object, /lorem ipsum dolor lorem/);
  assert.match(object, /Cut: \d+ of 1080000 characters of object\.data\.app\.txt are shown/);
  const query = 'RETURN reduce(s = "", x IN range(1, 20000) | s + "abcdefgh") AS t';
  assert.match(await ask('kubekg_query', { query }), /Cut: \d+ of 160000 characters of rows\.0\.0/);
  for (const uri of ['audit://events/shop', 'audit://changes/1h']) {
    const { text } = await readResource(past.context, uri);
    assert.ok(text.length <= ANSWER_MAX, `${uri} has ${text.length} characters`);
    const { events, eventCount, note } = JSON.parse(text);
    assert.deepEqual([events.at(-1).resourceName ?? events.at(-1).name, eventCount], ['big', 2]);
    assert.match(note, /the latest 1 of 2; .*long values are cut/);
  }
});

test('MCP27 pages make up the whole, whatever else is long in them', async () => {
  const scopes = Array.from({ length: 400 }, (_, index) => ({
    type: 'observe',
    at: T(1),
    scope: { group: '', kind: 'ConfigMap', namespace: `namespace-${index}` },
    coverage: 'forbidden',
    message: `you may not list it in this namespace ${'for reasons '.repeat(20)}`,
  }));
  const labels = Object.fromEntries(Array.from({ length: 20 }, (_, key) => [`label-${key}`, 'x'.repeat(40)]));
  const many = Array.from({ length: 100 }, (_, index) =>
    configMap(`c${String(index).padStart(3, '0')}`, {}, 2, labels),
  );
  await using past = await observed([...scopes, ...many]);
  const seen: string[] = [];
  for (let [cursor, pages] = [undefined as string | undefined, 0]; ; pages++) {
    const input = { kinds: ['ConfigMap'], limit: 20, ...(cursor !== undefined && { cursor }) };
    const result = await resultOf(tools.get('kubekg_resources') as Tool, () => past.context, input);
    bounded(result, 'kubekg_resources');
    const { items, next } = result.structuredContent as { items: { name: string }[]; next?: string };
    assert.ok(items.length > 0 && items.length <= 20, `a page of ${items.length}`);
    seen.push(...items.map(({ name }) => name));
    cursor = next;
    if (next === undefined || pages > 100) break;
  }
  assert.deepEqual(
    seen,
    many.map((_, index) => `c${String(index).padStart(3, '0')}`),
  );
});

test('MCP27 a page that lost items has no cursor, which would lead past them', async () => {
  const asked: number[] = [];
  const stubborn = operation({
    name: 'stubborn',
    title: 'Stubborn',
    description: 'Gives the same whatever the limit',
    route: 'GET /stubborn',
    about: 'present',
    input: z.strictObject({ limit: z.int().default(1_000), cursor: z.string().optional() }),
    output: z.object({ items: z.array(z.string()), left: z.int(), next: z.string() }),
    examples: [],
    run: (_, { limit }) => {
      asked.push(limit);
      return { items: Array.from({ length: 1_000 }, () => 'x'.repeat(100)), left: 5, next: 'a-cursor' };
    },
  });
  await using past = await observed([configMap('small', {}, 0)]);
  const result = await resultOf(operationTool(stubborn as unknown as Operation), () => past.context, {});
  const text = bounded(result, 'stubborn');
  assert.equal(result.structuredContent?.['next'], undefined);
  assert.doesNotMatch(text, /a-cursor/);
  assert.match(text, /Cut: \d+ of 1000 items are shown/);
  assert.ok(
    asked.every((limit, index) => index === 0 || limit < 1_000),
    String(asked),
  );
});
