/**
 * Makes `fieldsV1` compact in the bytes of a JSON document, before it is parsed. In what an API server sends, every third byte is one of
 * these trees of empty objects; compacting here costs less than parsing them does, so that a page is read faster than by parsing it as it is.
 *
 * Invariant: parsing the result gives what `compactManagedFields` makes of the parsed original. Whatever is not written exactly as API
 * servers write it is left as it is, for that function to do.
 */

/** Searched from its rarest letter on; a search for the quote that comes first stops at every other word. */
const HEAD = Buffer.from('"fields');
const MARK = Buffer.from('V1":{');

const QUOTE = 0x22;
const COMMA = 0x2c;
const DOT = 0x2e;
const COLON = 0x3a;
const EQUALS = 0x3d;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const BRACKET_END = 0x5d;
const F = 0x66;
const K = 0x6b;
const V = 0x76;
const BRACE = 0x7b;
const BRACE_END = 0x7d;

/** Where the line of one tree is put together; longer ones are left as they are. */
const line = Buffer.alloc(1 << 16);
/** Where the functions below stand: the next byte to read, and how much of `line` is written. */
const at = { read: 0, written: 0 };

/** Compacts every `fieldsV1` between `start` and `end`, in place; returns the new end, never beyond the old one. */
export function compactFieldsInPlace(bytes: Buffer, start: number, end: number): number {
  let copied = start;
  let write = start;
  let mark = bytes.indexOf(MARK, start);
  while (mark >= 0 && mark < end) {
    const open = mark + MARK.length - 1;
    if (!isFieldsV1(bytes, mark, copied)) {
      mark = bytes.indexOf(MARK, open);
      continue;
    }
    if (write !== copied) bytes.copyWithin(write, copied, open);
    write += open - copied;
    copied = open;
    if (readTree(bytes, open, end)) {
      line.copy(bytes, write, 0, at.written);
      write += at.written;
      copied = at.read;
    }
    mark = bytes.indexOf(MARK, copied);
  }
  if (write !== copied) bytes.copyWithin(write, copied, end);
  return write + end - copied;
}

function isFieldsV1(bytes: Buffer, mark: number, start: number): boolean {
  const begin = mark - HEAD.length;
  return begin >= start && bytes.compare(HEAD, 0, HEAD.length, begin, mark) === 0;
}

/** Reads `{…}` from `open` into `line`, as a JSON string. False when it is not a tree of empty objects as API servers write it. */
function readTree(bytes: Buffer, open: number, end: number): boolean {
  at.read = open + 1;
  at.written = 0;
  line[at.written++] = QUOTE;
  const limit = Math.min(end, open + line.length);
  for (let depth = 1; depth > 0; ) {
    if (!readElement(bytes, limit)) return false;
    if (bytes[at.read] !== COLON || bytes[at.read + 1] !== BRACE) return false;
    at.read += 2;
    if (bytes[at.read] !== BRACE_END) {
      line[at.written++] = BRACE;
      depth++;
      continue;
    }
    at.read++;
    while (depth > 0 && bytes[at.read] === BRACE_END) {
      at.read++;
      if (--depth > 0) line[at.written++] = BRACE_END;
    }
    if (depth === 0) break;
    if (bytes[at.read++] !== COMMA) return false;
    line[at.written++] = COMMA;
  }
  line[at.written++] = QUOTE;
  return at.read <= end;
}

/** Reads one key with its quotes. */
function readElement(bytes: Buffer, limit: number): boolean {
  if (bytes[at.read] !== QUOTE) return false;
  const type = bytes[at.read + 1];
  if (type === DOT && bytes[at.read + 2] === QUOTE) {
    line[at.written++] = DOT;
    at.read += 3;
    return true;
  }
  if (bytes[at.read + 2] !== COLON) return false;
  at.read += 3;
  if (type === F) return readName(bytes, limit);
  if (type === K) return readKeys(bytes, limit);
  return type === V && readValue(bytes, limit);
}

function readName(bytes: Buffer, limit: number): boolean {
  let { read, written } = at;
  for (let byte = bytes[read]; byte !== QUOTE; byte = bytes[++read]) {
    if (byte === undefined || read >= limit) return false;
    if (isSpecial(byte)) return false;
    line[written++] = byte;
  }
  at.read = read + 1;
  at.written = written;
  return true;
}

function isSpecial(byte: number): boolean {
  return (
    byte === COMMA ||
    byte === BACKSLASH ||
    byte === BRACE ||
    byte === BRACE_END ||
    byte === BRACKET ||
    byte === BRACKET_END
  );
}

/** `{\"name\":\"web\"}` becomes `[name:web]`. */
function readKeys(bytes: Buffer, limit: number): boolean {
  if (bytes[at.read] !== BRACE) return false;
  let read = at.read + 1;
  let { written } = at;
  line[written++] = BRACKET;
  for (let byte = bytes[read]; byte !== QUOTE; byte = bytes[++read]) {
    if (byte === undefined || read >= limit) return false;
    if (byte === BACKSLASH) {
      if (bytes[++read] !== QUOTE) return false;
    } else if (byte === BRACE_END) {
      if (bytes[read + 1] !== QUOTE) return false;
    } else if (byte === BRACE || byte === BRACKET || byte === BRACKET_END) return false;
    else line[written++] = byte;
  }
  line[written++] = BRACKET_END;
  at.read = read + 1;
  at.written = written;
  return true;
}

/** The value of an entry of a set stays as it is: it is escaped for being inside a JSON string already. */
function readValue(bytes: Buffer, limit: number): boolean {
  let { read, written } = at;
  line[written++] = EQUALS;
  for (let byte = bytes[read]; byte !== QUOTE; byte = bytes[++read]) {
    if (byte === undefined || read >= limit) return false;
    line[written++] = byte;
    if (byte === BACKSLASH) line[written++] = bytes[++read] ?? 0;
  }
  at.read = read + 1;
  at.written = written;
  return true;
}
