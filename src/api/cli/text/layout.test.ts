import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fields, type Page, painter, paragraph, shownColumns, table, tree } from './layout.ts';

const page = (width: number, colour = false): Page => ({ paint: painter(colour), width });
const text = (lines: Iterable<string>): string => [...lines].join('');

test('CL24 a column that says nothing is left out, and the last columns of a table give way first', () => {
  const rows = [
    ['shop', '', 'Deployment/shop/checkout', 'spec.template.spec.containers[0]'],
    ['x', '', 'Service/shop/a', 'spec.selector'],
  ];
  assert.equal(
    text(table(['NAMESPACE', 'CLUSTER', 'NAME', 'FIELD'], rows, page(60))),
    'NAMESPACE  NAME                      FIELD\n' +
      'shop       Deployment/shop/checkout  spec.template.spec.con…\n' +
      'x          Service/shop/a            spec.selector\n',
  );
  const narrow = text(table([], rows, page(34))).split('\n');
  for (const line of narrow) assert.ok(line.length <= 34, line);
  assert.match(text(table([], rows, page(Number.POSITIVE_INFINITY))), /containers\[0\]$/m);
});

test('CL25 paint takes no room: a painted table has the columns of a plain one', () => {
  const rows = [
    [{ text: 'critical', style: 'red' as const }, 'a'],
    ['ok', 'b'],
  ];
  const painted = text(table(['HEALTH', 'NAME'], rows, page(40, true)));
  assert.ok(painted.includes('\u001b[31mcritical\u001b[0m'));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what paints
  assert.equal(painted.replaceAll(/\u001b\[\d+m/g, ''), text(table(['HEALTH', 'NAME'], rows, page(40))));
});

test('CL26 columns beyond the terminal are left out whole, but never those that name a resource', () => {
  const rows = [['shop', 'web-1', 'x'.repeat(20), 'y'.repeat(20)]];
  assert.equal(shownColumns(['NS', 'NAME', 'A', 'B'], rows, 80, 2), 4);
  assert.equal(shownColumns(['NS', 'NAME', 'A', 'B'], rows, 40, 2), 3);
  assert.equal(shownColumns(['NS', 'NAME', 'A', 'B'], rows, 4, 2), 2);
});

test('CL27 trees, fields and paragraphs stay within the page', () => {
  const leaf = { head: ['routes to', 'Service/shop/checkout'], children: [] };
  const lines = text(
    tree([{ head: ['Ingress/shop/shop'], notes: ['a note of its own'], children: [leaf, leaf] }], page(22)),
  );
  assert.equal(lines, 'Ingress/shop/shop\n│ a note of its own\n├─ routes to Service/…\n└─ routes to Service/…\n');
  assert.equal(
    text(
      fields(
        [
          ['Name', 'web'],
          ['Labels', ['a=b', 'c=d']],
          ['Nothing', ''],
        ],
        page(40),
      ),
    ),
    'Name:    web\nLabels:  a=b\n         c=d\n',
  );
  assert.equal(text(paragraph('one two three four', page(12), '  ')), '  one two\n    three\n    four\n');
});
