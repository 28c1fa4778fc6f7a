/** Pods of one Service that end one after the other once the first was killed for its memory: the load of who is gone falls on who is left. */
import type { Resource } from '../../model/resource.ts';
import type { Case } from '../case.ts';
import { CLUES_MAX, counted, type Detector } from './detection.ts';
import { type Restart, restartsByPod } from './restarts.ts';
import { distinct, endedClue, faultOf, isOutOfMemory } from './signals.ts';

/** So many siblings, or half of them, and it is no chance any more. */
const SURE = 2;

export const oomCascade: Detector = function* (known, { oomCascadeSeconds }) {
  const all = restartsByPod(known);
  const done = new Set<string>();
  const kills = [...all.values()].flatMap((restarts) => restarts.filter(isOutOfMemory)).sort((a, b) => a.at - b.at);
  for (const kill of kills) {
    const { subject, siblings } = siblingsOf(known, kill.pod);
    if (done.has(subject.id)) continue;
    const followed = siblings.flatMap(({ id }) => (all.get(id) ?? []).filter(follows(kill, oomCascadeSeconds * 1_000)));
    const pods = distinct(followed.map(({ pod }) => pod));
    if (pods.length === 0) continue;
    done.add(subject.id);
    const isSure = pods.length >= SURE || 2 * pods.length >= siblings.length;
    yield {
      pattern: 'oom_kill_cascade',
      severity: isSure ? 'critical' : 'warning',
      confidence: isSure ? 0.95 : 0.8,
      active: [kill.pod, ...pods].some((pod) => faultOf(known, pod) !== undefined),
      since: kill.at,
      until: Math.max(...followed.map(({ at }) => at)),
      subject,
      resources: [kill.pod, ...pods],
      summary: `After pod ${kill.pod.name} was killed for its memory, ${counted(pods.length, 'sibling')} of ${siblings.length} restarted within ${oomCascadeSeconds} s.`,
      evidence: [kill, ...followed.sort((a, b) => a.at - b.at)].slice(0, CLUES_MAX).map(endedClue),
    };
  }
};

function follows(kill: Restart, withinMs: number): (restart: Restart) => boolean {
  return ({ at }) => at > kill.at && at - kill.at <= withinMs;
}

/** Other pods of the Service, or of the workload where no Service chooses it. */
function siblingsOf(
  known: Case,
  pod: Resource,
): { readonly subject: Resource; readonly siblings: readonly Resource[] } {
  const service = known.sources(pod.id, 'SELECTS').find(({ kind }) => kind === 'Service');
  const subject = service ?? known.whole(pod);
  const pods = service ? known.targets(service.id, 'SELECTS') : known.pods(subject);
  return { subject, siblings: pods.filter(({ id, kind }) => id !== pod.id && kind === 'Pod') };
}
