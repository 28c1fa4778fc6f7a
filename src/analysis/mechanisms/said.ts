/** What programs said before and while something was not well: logs that were told, messages of containers that ended, probes. */
import type { Case } from '../case.ts';
import { milliseconds } from '../case.ts';
import { type Clue, cluesIn } from '../clues.ts';
import type { Evidence } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';

/** A clue and where it stands. */
export interface Said {
  readonly clue: Clue;
  /** Without its weight. */
  readonly evidence: Omit<Evidence, 'weight'>;
}

const LINES_MAX = 200;
const TEXT_MAX = 300;
const BEFORE_MS = 15 * 60_000;

/** Clues in what was said about a symptom's resource and its siblings; the same clue counts once. */
export function saidAbout(known: Case, { resource, whole, alike, message, since, reason }: Symptom): readonly Said[] {
  const found = new Map<string, Said>();
  const add = (text: string, evidence: Omit<Evidence, 'weight'>): void => {
    for (const clue of cluesIn(text)) {
      const { text: _, ...what } = clue;
      const key = JSON.stringify(what);
      if (!found.has(key)) found.set(key, { clue, evidence });
    }
  };
  add(message, { kind: 'state', at: since, text: shortened(`${reason}: ${message}`), resource });
  for (const notice of known.notices(resource))
    if (notice.isWarning && notice.last >= since - BEFORE_MS)
      add(notice.message, { kind: 'event', at: notice.last, text: shortened(notice.message), resource });
  const members = new Set([resource, ...alike, whole]);
  for (const member of members) {
    for (const { at, occurrence } of known.told(member.id).slice(-LINES_MAX)) {
      const ms = milliseconds(at);
      if (ms < since - BEFORE_MS) continue;
      const { source, message: said = '', reason: why = '' } = occurrence;
      const text = said === '' ? why : said;
      add(text, { kind: source === 'alert' ? 'alert' : 'log', at: ms, text: shortened(text), resource: member });
    }
  }
  return [...found.values()];
}

export function shortened(text: string): string {
  const line = text.trim();
  return line.length > TEXT_MAX ? `${line.slice(0, TEXT_MAX - 1)}…` : line;
}
