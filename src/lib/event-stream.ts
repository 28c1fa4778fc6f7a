/**
 * Bytes → server-sent events (WHATWG HTML, "Interpreting an event stream"), with a limit on the length of a line.
 * Invariant: an event is given when the blank line after it has come; what was cut off in the middle is none.
 */
import { linesOf } from './lines.ts';

export interface ServerEvent {
  /** `message` where the stream names none. */
  readonly type: string;
  /** Lines of data joined by newlines; undefined when one was longer than the limit. */
  readonly data: string | undefined;
}

/** Yields the events of each chunk together; comments, `id` and `retry` are passed over. `bytesMax` bounds one line. */
export async function* serverEvents(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncIterable<readonly ServerEvent[]> {
  let type = '';
  let data: string[] = [];
  let isWhole = true;
  for await (const lines of linesOf(chunks, bytesMax)) {
    const events: ServerEvent[] = [];
    for (const { text, tooLong, unfinished } of lines) {
      if (tooLong) isWhole = false;
      else if (text === '' || text === '\r') {
        if (unfinished) break;
        if (data.length > 0 || !isWhole)
          events.push({ type: type || 'message', data: isWhole ? data.join('\n') : undefined });
        type = '';
        data = [];
        isWhole = true;
      } else {
        const [, field = '', value = ''] = /^([^:\r]*)(?:: ?(.*?))?\r?$/s.exec(text) ?? [];
        if (field === 'event') type = value;
        else if (field === 'data') data.push(value);
      }
    }
    if (events.length > 0) yield events;
  }
}
