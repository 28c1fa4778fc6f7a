/** No space is left on a volume or disk, writing fails for it, and pods end. */
import type { Resource } from '../../model/resource.ts';
import { type Case, text, treeAt } from '../case.ts';
import { CLUES_MAX, type Clue, type Detector, MINUTE } from './detection.ts';
import { restartsByWhole } from './restarts.ts';
import { complaintClue, complaintsByApp, endedClue, faultOf, firstLine, stillComes } from './signals.ts';

const FULL =
  /no space left on device|ENOSPC|disk (?:is )?full|disk quota exceeded|volume (?:is )?full|out of (?:disk )?space|could not extend file|usage (?:of [^\n]{1,60} )?exceeds the total limit|filesystem is full/i;
const READ_ONLY = /read-only file system|EROFS|input\/output error|\bEIO\b|failed to write|write error|cannot write/i;

export const storageStarvation: Detector = function* (known, { storageMinutes }) {
  for (const { whole, clues } of fullIn(known)) {
    const sorted = clues.sort((a, b) => a.at - b.at);
    const [first] = sorted;
    if (first === undefined) continue;
    const isNear = ({ at }: { readonly at: number }): boolean => Math.abs(at - first.at) <= storageMinutes * MINUTE;
    const ends = (restartsByWhole(known).get(whole.id) ?? []).filter(isNear);
    const failed = known.pods(whole).filter((pod) => faultOf(known, pod) !== undefined);
    const isStarved = ends.length > 0 || failed.length > 0;
    const last = sorted.at(-1) ?? first;
    const claims = known.pods(whole).flatMap(({ id }) => known.targets(id, 'CLAIMS'));
    yield {
      pattern: 'storage_starvation',
      severity: isStarved ? 'critical' : 'warning',
      confidence: isStarved ? 0.92 : 0.8,
      active: failed.length > 0 || stillComes(sorted, known.now, storageMinutes * MINUTE),
      since: first.at,
      until: Math.max(last.at, ...ends.map(({ at }) => at)),
      subject: claims[0] && new Set(claims.map(({ id }) => id)).size === 1 ? claims[0] : whole,
      resources: [whole, ...failed],
      summary: `${whole.kind} ${whole.name} has no space left${isStarved ? ', and its pods end' : ''}.`,
      evidence: [...sorted, ...ends.map(endedClue)].slice(0, CLUES_MAX),
    };
  }
};

interface Full {
  readonly whole: Resource;
  readonly clues: (Clue & { readonly at: number })[];
}

/** Who says that no space is left: in its log, in its last words, or the kubelet that evicts it. */
function fullIn(known: Case): Iterable<Full> {
  const found = new Map<string, Full>();
  const note = (whole: Resource, clue: Clue & { readonly at: number }): void => {
    const full = found.get(whole.id);
    if (full) full.clues.push(clue);
    else found.set(whole.id, { whole, clues: [clue] });
  };
  for (const list of complaintsByApp(known).values())
    for (const one of list)
      if (FULL.test(one.told.occurrence.message ?? '')) note(one.app, { ...complaintClue(one), at: one.at });
  for (const list of restartsByWhole(known).values())
    for (const one of list) if (FULL.test(one.message)) note(known.whole(one.pod), { ...endedClue(one), at: one.at });
  for (const pod of known.view.resources({ group: '', kind: 'Pod' })) {
    if (pod.health.status === 'healthy') continue;
    const status = treeAt(known.object(pod.id), 'status');
    const message = text(status?.['message']);
    const notice = known.notices(pod).find(({ reason }) => reason === 'Evicted');
    if (status?.['reason'] === 'Evicted' && notice && (FULL.test(message) || /ephemeral-storage|inodes/.test(message)))
      note(known.whole(pod), { kind: 'event', at: notice.first, text: firstLine(message), resource: pod });
  }
  // Failing writes say something only beside that.
  for (const list of complaintsByApp(known).values())
    for (const one of list)
      if (found.has(one.app.id) && READ_ONLY.test(one.told.occurrence.message ?? ''))
        note(one.app, { ...complaintClue(one), at: one.at });
  return found.values();
}
