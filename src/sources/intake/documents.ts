/**
 * A body → the JSON documents in it: one, a list, or one a line, whatever its media type says, for `curl -d` says that everything is a form. Lazy: a
 * document is parsed when it is asked for. What is no JSON is a fault with the text of the line, and the others are read all the same.
 */

export type Document = { readonly value: unknown } | { readonly fault: string; readonly text: string };

const LINES = /(?:ndjson|jsonl|jsonlines|json-lines|json-seq)/;

export function* documentsIn(body: Uint8Array, mediaType: string): Iterable<Document> {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  if (LINES.test(mediaType) || isManyLines(text)) return yield* linesIn(text);
  const whole = parsed(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  if ('fault' in whole || !Array.isArray(whole.value)) return yield whole;
  for (const value of whole.value as readonly unknown[]) yield { value };
}

/** The first line is a document of its own, and another follows. */
function isManyLines(text: string): boolean {
  const end = text.indexOf('\n');
  if (end < 0 || text.slice(end).trim() === '') return false;
  const first = parsed(text.slice(0, end));
  return 'value' in first;
}

function* linesIn(text: string): Iterable<Document> {
  for (let start = 0; start < text.length; ) {
    const next = text.indexOf('\n', start);
    const end = next < 0 ? text.length : next;
    const line = text.slice(start, end);
    start = end + 1;
    if (line.trim() !== '') yield parsed(line.charCodeAt(0) === 0x1e ? line.slice(1) : line);
  }
}

function parsed(text: string): Document {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    if (text.trim() === '') return { fault: 'the body is empty', text };
    return { fault: `not JSON: ${error instanceof Error ? reasonOf(error.message) : String(error)}`, text };
  }
}

/** Without the text that the parser quotes, of which each is another reason. */
function reasonOf(message: string): string {
  return message.replace(/,? ?\.{0,3}"[\s\S]*$/, '').replace(/ in JSON at position \d+.*$/s, '');
}
