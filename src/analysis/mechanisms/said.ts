/** What programs said before and while something was not well: logs that were told, messages of containers that ended, probes. */

import type { Resource } from '../../model/resource.ts';
import type { Case } from '../case.ts';
import { milliseconds } from '../case.ts';
import { type Clue, cluesIn, howOf } from '../clues.ts';
import { isComplaint, peerOf } from '../complaints.ts';
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
/** So many lines that differ in times and ids alone are read. */
const ALIKE_MAX = 3;
/** Times, ids and counts; addresses and ports are no such thing. */
const PASSING = /\d{4}[-/]\d\d[-/]\d\d[T ][\d:.,]+|[0-9a-f]{12,}|(?<![\w.:-])\d+(?:\.\d+)?(?:[mµn]?s)?(?![\w.:])/gi;
const BEFORE_MS = 15 * 60_000;

const heard = new WeakMap<Symptom, readonly Said[]>();

/** Clues in what was said about a symptom's resource and its siblings; the same clue counts once. */
export function saidAbout(known: Case, symptom: Symptom): readonly Said[] {
  let said = heard.get(symptom);
  if (said === undefined) {
    said = listenTo(known, symptom);
    heard.set(symptom, said);
  }
  return said;
}

function listenTo(known: Case, symptom: Symptom): readonly Said[] {
  const { resource, whole, alike, message, since, reason } = symptom;
  const found = new Map<string, Said>();
  const add = (clue: Clue, evidence: Omit<Evidence, 'weight'>): void => {
    const { text: _, ...what } = clue;
    const key = JSON.stringify(what);
    if (!found.has(key)) found.set(key, { clue, evidence });
  };
  const read = (text: string, evidence: Omit<Evidence, 'weight'>): void => {
    for (const clue of cluesIn(text)) add(clue, evidence);
  };
  // What was told of a call is read with whom it was made to.
  const isOfCall = known
    .told(resource.id)
    .some((one) => one.occurrence.message === message && peerOf(one) !== undefined);
  if (!isOfCall) read(message, { kind: 'state', at: since, text: shortened(`${reason}: ${message}`), resource });
  for (const notice of known.notices(resource))
    if (notice.isWarning && notice.last >= since - BEFORE_MS)
      read(notice.message, { kind: 'event', at: notice.last, text: shortened(notice.message), resource });
  const alikes = new Map<string, number>();
  for (const member of membersOf(known, [resource, ...alike], whole)) {
    const told = known.told(member.id).filter(({ at }) => milliseconds(at) >= since - BEFORE_MS);
    const complaints = told.filter(isComplaint);
    for (const one of (complaints.length > 0 ? complaints : told).slice(-LINES_MAX)) {
      const { source, message: line = '', reason: why = '' } = one.occurrence;
      const text = line === '' ? why : line;
      const template = `${peerOf(one) ?? ''} ${text.replaceAll(PASSING, '#')}`;
      const times = alikes.get(template) ?? 0;
      alikes.set(template, times + 1);
      if (times >= ALIKE_MAX) continue;
      const peer = complaints.length > 0 ? peerOf(one) : undefined;
      const evidence: Omit<Evidence, 'weight'> = {
        kind: source === 'alert' ? 'alert' : 'log',
        at: milliseconds(one.at),
        text: shortened(peer === undefined ? text : `${text} (calling ${peer})`),
        resource: member,
      };
      if (peer === undefined) read(text, evidence);
      else
        for (const clue of [callTo(peer, text), ...cluesIn(text)]) if (clue.type !== 'exception') add(clue, evidence);
    }
  }
  return [...found.values()];
}

/** Who suffers, and of the rest of the workload those who said something. */
function membersOf(known: Case, sufferers: readonly Resource[], whole: Resource): ReadonlySet<Resource> {
  return new Set([...sufferers, whole, ...known.pods(whole).filter(({ id }) => known.told(id).length > 0)]);
}

/** A call that failed, of which a trace or a test tells whom it was made to. */
function callTo(peer: string, text: string): Clue {
  const [, host = peer, port] = /^(.+):(\d+)$/.exec(peer) ?? [];
  return {
    type: 'connection',
    host: host.toLowerCase(),
    port: port === undefined ? undefined : Number(port),
    how: howOf(text) ?? 'error',
    text,
  };
}

export function shortened(text: string): string {
  const line = text.trim();
  return line.length > TEXT_MAX ? `${line.slice(0, TEXT_MAX - 1)}…` : line;
}
