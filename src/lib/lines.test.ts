import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf } from './lines.ts';

async function read(chunks: readonly string[], bytesMax: number, kept?: 'beginning'): Promise<readonly string[]> {
  const texts: string[] = [];
  const bytes = async function* (): AsyncIterable<Uint8Array> {
    for (const chunk of chunks) yield Buffer.from(chunk);
  };
  for await (const lines of linesOf(bytes(), bytesMax, kept))
    for (const { text, tooLong } of lines) texts.push(tooLong ? `${text}|` : text);
  return texts;
}

test('LG11 of lines that are too long nothing is kept, or their beginning, however they come', async () => {
  const whole = 'ab\nabcdefghij\ncd\n';
  for (const size of [1, 2, 3, 5, 7, 100]) {
    const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
      whole.slice(index * size, (index + 1) * size),
    );
    assert.deepEqual(await read(chunks, 4), ['ab', '|', 'cd'], `chunks of ${size}`);
    assert.deepEqual(await read(chunks, 4, 'beginning'), ['ab', 'abcd|', 'cd'], `chunks of ${size}`);
  }
  assert.deepEqual(await read(['abcdefghij'], 4, 'beginning'), ['abcd|']);
});
