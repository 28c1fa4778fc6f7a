/** Bytes → lines, with a limit on the length of one, so that a file without newlines cannot fill the memory. */

export interface Line {
  /** 1-based. */
  readonly number: number;
  readonly text: string;
  /** The line was longer than the limit; `text` is empty, or its beginning where that is wanted. */
  readonly tooLong: boolean;
  /** The input ended without a newline after this line. */
  readonly unfinished: boolean;
}

const NEWLINE = 0x0a;

/** Yields the lines of each chunk together. `bytesMax` bounds one line; of longer ones nothing is kept, or the beginning. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number,
  tooLongKept: 'nothing' | 'beginning' = 'nothing',
): AsyncIterable<readonly Line[]> {
  let rest: Uint8Array[] = [];
  let restBytes = 0;
  let number = 0;
  const take = (last: Uint8Array, unfinished: boolean): Line => {
    number++;
    const tooLong = restBytes + last.length > bytesMax;
    const isEmpty = tooLong && tooLongKept === 'nothing';
    const text = isEmpty
      ? ''
      : Buffer.concat([...rest, last]).toString('utf8', 0, Math.min(restBytes + last.length, bytesMax));
    rest = [];
    restBytes = 0;
    return { number, text, tooLong, unfinished };
  };
  for await (const chunk of chunks) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(take(chunk.subarray(start, end), false));
      start = end + 1;
    }
    const tail = chunk.subarray(start);
    restBytes += tail.length;
    if (restBytes <= bytesMax || (tooLongKept === 'beginning' && restBytes - tail.length < bytesMax)) rest.push(tail);
    else if (tooLongKept === 'nothing') rest = [];
    if (lines.length > 0) yield lines;
  }
  if (restBytes > 0) yield [take(new Uint8Array(0), true)];
}
