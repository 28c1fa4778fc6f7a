/** Everything that was said about who suffers, line by line: what containers said at their end, Events, logs. */
import { type Case, milliseconds } from '../case.ts';
import type { Evidence } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { shortened } from './said.ts';

/** A text and where it stands. */
export interface Line {
  readonly text: string;
  /** Without its weight. */
  readonly evidence: Omit<Evidence, 'weight'>;
}

const LINES_MAX = 200;
const BEFORE_MS = 15 * 60_000;

const gathered = new WeakMap<Symptom, readonly Line[]>();

/** The lines about a symptom, the symptom's own message first. */
export function linesAbout(known: Case, symptom: Symptom): readonly Line[] {
  let lines = gathered.get(symptom);
  if (lines === undefined) {
    lines = [...gather(known, symptom)];
    gathered.set(symptom, lines);
  }
  return lines;
}

function* gather(known: Case, { resource, whole, alike, message, since, reason }: Symptom): Iterable<Line> {
  if (message !== '')
    yield { text: message, evidence: { kind: 'state', at: since, text: shortened(`${reason}: ${message}`), resource } };
  for (const notice of known.notices(resource))
    if (notice.isWarning && notice.last >= since - BEFORE_MS)
      yield lineOf(notice.message, 'event', notice.last, resource);
  for (const member of new Set([resource, ...alike, whole]))
    for (const { at, occurrence } of known.told(member.id).slice(-LINES_MAX)) {
      const { source, message: said = '', reason: why = '' } = occurrence;
      if (milliseconds(at) >= since - BEFORE_MS)
        yield lineOf(said || why, source === 'alert' ? 'alert' : 'log', milliseconds(at), member);
    }
}

function lineOf(said: string, kind: Evidence['kind'], at: number, resource: Symptom['resource']): Line {
  return { text: said, evidence: { kind, at, text: shortened(said), resource } };
}

/** The first line that a pattern finds, and what it found. */
export function saying(
  known: Case,
  symptom: Symptom,
  pattern: RegExp,
): (Line & { readonly found: RegExpExecArray }) | undefined {
  for (const line of linesAbout(known, symptom)) {
    const found = pattern.exec(line.text);
    if (found) return { ...line, found };
  }
  return undefined;
}
