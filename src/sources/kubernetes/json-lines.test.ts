import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { type JsonLines, jsonLines, type Read } from './json-lines.ts';

const never = new AbortController().signal;

function over(chunks: readonly (string | Buffer)[], lineBytesMax = 1_000): JsonLines {
  return jsonLines(
    Readable.from(
      chunks.map((chunk) => Buffer.from(chunk)),
      { objectMode: false },
    ),
    { lineBytesMax, stop: never },
  );
}

/** All values, and how it ended. */
async function drain(lines: JsonLines): Promise<{ values: unknown[]; end: Read }> {
  const values: unknown[] = [];
  for (;;) {
    const read = await lines.read();
    if (read.type !== 'lines') return { values, end: read };
    values.push(...read.lines);
  }
}

test('U5 lines may be cut anywhere, also inside a character', async () => {
  const text = Buffer.from('{"a":"ü€😀"}\n{"b":2}\n\n{"c":3}\r\n');
  for (let size = 1; size < text.length; size++) {
    const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
      text.subarray(index * size, (index + 1) * size),
    );
    const { values, end } = await drain(over(chunks));
    assert.deepEqual(values, [{ a: 'ü€😀' }, { b: 2 }, { c: 3 }], `chunks of ${size}`);
    assert.equal(end.type, 'closed');
  }
});

test('U6 a last line without a newline is not used', async () => {
  const { values, end } = await drain(over(['{"a":1}\n{"b":2}']));
  assert.deepEqual([values, end.type], [[{ a: 1 }], 'closed']);
});

test('U7 a line beyond the limit, and one that is not JSON, end the stream after what came before', async () => {
  const long = await drain(over(['{"a":1}\n', `"${'x'.repeat(600)}`, 'x'.repeat(600)], 1_000));
  assert.deepEqual([long.values, long.end.type], [[{ a: 1 }], 'too-large']);
  const bad = await drain(over(['{"a":1}\n{oops}\n{"b":2}\n']));
  assert.deepEqual([bad.values, bad.end.type], [[{ a: 1 }], 'malformed']);
});

test('U8 silence beyond the limit ends the stream, but only while somebody waits', async () => {
  const stream = new PassThrough();
  const lines = jsonLines(stream, { lineBytesMax: 100, stop: never });
  lines.silenceLimit(20);
  await new Promise((resolve) => setTimeout(resolve, 60));
  stream.write('{"a":1}\n');
  assert.deepEqual(await lines.read(), { type: 'lines', lines: [{ a: 1 }] });
  const end = await lines.read();
  assert.deepEqual(end, { type: 'unreachable', message: 'nothing came for 0.02 s' });
});

test('a connection that breaks, and one that is given up, are told apart from an end', async () => {
  const broken = new PassThrough();
  const lines = jsonLines(broken, { lineBytesMax: 100, stop: never });
  broken.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
  assert.deepEqual(await lines.read(), { type: 'unreachable', message: 'read ECONNRESET' });
  const stopped = new AbortController();
  const closing = jsonLines(new PassThrough(), { lineBytesMax: 100, stop: stopped.signal });
  const reading = closing.read();
  stopped.abort();
  closing.close();
  await assert.rejects(reading, { name: 'AbortError' });
});
