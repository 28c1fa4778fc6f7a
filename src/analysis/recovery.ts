/**
 * What only seems to be wrong with a pod: it is on its way, has come back, or another does its work. Restarts that are over, first failures of what has
 * just begun, and races as an estate comes up are no incidents.
 */
import { kindKey } from '../model/groups.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import { type Case, listAt, milliseconds, type Notice, text, treeAt } from './case.ts';
import { cluesIn } from './clues.ts';
import { type Container, conditionsIn, containersIn, lasted } from './containers.ts';
import type { Look } from './pods.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** What was replaced and fails again within that time goes on. */
const AGAIN_MS = 30 * MINUTE;

/** What a container needs has come, and it will be tried again within two minutes or so. */
export function isComing({ known, pod }: Look, message: string): boolean {
  const [, word, name] = /\b(secret|configmap) "(?:[^"/]+\/)?([^"]+)" not found/i.exec(message) ?? [];
  if (word === undefined || name === undefined) return false;
  const came = known.named(pod, '', word.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap', name);
  const created = milliseconds(known.object(came?.id ?? '')?.metadata.creationTimestamp);
  return created > 0 && known.now - created < 2 * MINUTE;
}

/** A workload that has only just been made, and has not yet found what it calls: it is not known yet whether that comes. */
export function isBeginning({ known, pod }: Look, { restarts, last, terminated }: Container): boolean {
  const whole = known.whole(pod);
  const created = milliseconds(known.object(whole.id)?.metadata.creationTimestamp);
  if (restarts > 2 || created === 0 || known.now - created > MINUTE) return false;
  const said = [(terminated ?? last)?.message ?? '', ...known.told(pod.id).map(({ occurrence }) => occurrence.message)];
  const clues = said.flatMap((message) => (message ? cluesIn(message) : []));
  return clues.length > 0 && clues.every(({ type }) => type === 'connection' || type === 'lookup');
}

/** Whether a container that runs, and has failed before, is in a loop: it has not yet run for longer than it used to. */
export function goesOn({ known, created, spec }: Look, container: Container, ofIt: readonly Notice[]): boolean {
  const { restarts, last, startedAt = 0, ready, name } = container;
  if (last === undefined || restarts === 0) return false;
  const ran = lasted(last);
  const runs = known.now - startedAt;
  const hasProbe = [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')].some(
    (one) => one['name'] === name && treeAt(one, 'readinessProbe') !== undefined,
  );
  if (ready && runs > (hasProbe ? ran + 10 * SECOND : 2 * ran + 30 * SECOND)) return false;
  if (runs > 6 * HOUR) return false;
  const isNews = ({ last: at }: Notice): boolean => at >= last.at - 6 * MINUTE;
  const told = ofIt.filter(({ reason }) => reason === 'BackOff' || reason === 'Killing').filter(isNews);
  if (told.some(({ count }) => count >= 3)) return true;
  // No Event tells: they come at such a rate that another one is due.
  const every = (known.now - created) / restarts;
  const isSteady = every < 3 * ran + 6 * MINUTE;
  return restarts >= 3 && isSteady && (ran < AGAIN_MS || last.reason === 'OOMKilled');
}

/** Whether a pod that failed for good has been replaced, and its replacement is well. */
export function isReplaced(look: Look, since: number): boolean {
  const { known, pod } = look;
  const owner = known.owner(pod);
  if (owner === undefined || owner.kind === 'Node') return false;
  const siblings = known.pods(owner).filter(({ id }) => id !== pod.id);
  if (kindKey(owner) === 'batch/Job') return jobWentOn(known, owner, siblings, pod, since);
  return isWell(known, known.whole(pod)) && !failsAgain(look, siblings, since);
}

/** A Job is complete, or another try has succeeded, or goes on for longer than this one did. */
function jobWentOn(known: Case, job: Resource, siblings: readonly Resource[], pod: Resource, since: number): boolean {
  const status = treeAt(known.object(job.id), 'status');
  const conditions = conditionsIn(status).filter((one) => one.status === 'True');
  if (conditions.some(({ type }) => type === 'Complete' || type === 'SuccessCriteriaMet')) return true;
  if (conditions.some(({ type }) => type === 'Failed' || type === 'FailureTarget')) return false;
  const index = pod.labels['batch.kubernetes.io/job-completion-index'];
  const created = milliseconds(known.object(pod.id)?.metadata.creationTimestamp);
  return siblings.some((sibling) => {
    if (sibling.labels['batch.kubernetes.io/job-completion-index'] !== index) return false;
    const other = known.object(sibling.id);
    const phase = treeAt(other, 'status')?.['phase'];
    const begun = milliseconds(other?.metadata.creationTimestamp);
    if (begun < created || (phase !== 'Succeeded' && phase !== 'Running')) return false;
    return phase === 'Succeeded' || known.now - begun > 1.5 * (since - created) + 10 * SECOND;
  });
}

/** One after the other failed the same way: a replacement will, too. */
function failsAgain({ known, pod, status, created }: Look, siblings: readonly Resource[], since: number): boolean {
  if (known.now - since > AGAIN_MS) return false;
  return siblings.some(({ id }) => {
    const other = known.object(id);
    const state = treeAt(other, 'status');
    if (state?.['phase'] !== 'Failed' || text(state['reason']) !== text(status['reason'])) return false;
    const begun = milliseconds(other?.metadata.creationTimestamp);
    const ended = Math.max(...conditionsIn(state).map(({ at }) => at), begun);
    const isAfter = (a: number, b: number): boolean => a >= b - 5 * SECOND && a - b < AGAIN_MS;
    return pod.id !== id && (isAfter(created, ended) || isAfter(begun, since));
  });
}

/** Whether a workload has as many ready pods as it should have. */
export function isWell(known: Case, whole: Resource): boolean {
  const object = known.object(whole.id);
  const status = treeAt(object, 'status');
  const desired = Number(treeAt(object, 'spec')?.['replicas'] ?? status?.['desiredNumberScheduled'] ?? 1);
  return Number(status?.['readyReplicas'] ?? status?.['numberReady'] ?? 0) >= desired;
}

/** How long a container may take to be ready: as its probes say, or as long as it takes elsewhere. */
export function startsWithin(look: Look, slow: Container | undefined, probe: Notice | undefined): number {
  const spec = [...listAt(look.spec, 'containers'), ...listAt(look.spec, 'initContainers')].find(
    ({ name }) => name === slow?.name,
  );
  const readiness = treeAt(spec, 'readinessProbe');
  const startup = treeAt(spec, 'startupProbe');
  const ready = conditionsIn(look.status).find(({ type }) => type === 'Ready');
  if (ready?.reason === 'ReadinessGatesNotReady') return 5 * MINUTE;
  const isPlain = probe !== undefined && probe.count >= 3 && !/refused|EOF|reset by peer/i.test(probe.message);
  const delay = Number(readiness?.['initialDelaySeconds'] ?? 0) * SECOND;
  const startupMs =
    startup && slow?.started === false
      ? (Number(startup['initialDelaySeconds'] ?? 0) +
          Number(startup['periodSeconds'] ?? 10) * (Number(startup['failureThreshold'] ?? 3) + 1)) *
        SECOND
      : 0;
  return Math.max((isPlain ? MINUTE / 2 : MINUTE) + delay, startupMs, 1.5 * elsewhere(look));
}

const taken = new WeakMap<Case, Map<ResourceId, number>>();

/** The longest that a pod of the workload that is ready took. */
function elsewhere({ known, pod }: Look): number {
  const whole = known.whole(pod);
  const byWhole = taken.get(known) ?? new Map<ResourceId, number>();
  taken.set(known, byWhole);
  const longest = byWhole.get(whole.id) ?? Math.max(0, ...known.pods(whole).map((one) => tookOf(known, one)));
  byWhole.set(whole.id, longest);
  return Math.min(longest, 10 * MINUTE);
}

/** How long a pod took from its start until it was ready; 0 of one that is not. */
export function tookOf(known: Case, pod: Resource): number {
  const status = treeAt(known.object(pod.id), 'status');
  const ready = conditionsIn(status).find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True') return 0;
  const started = Math.max(...containersIn(status, undefined).map(({ startedAt = 0 }) => startedAt), 0);
  return started > 0 ? Math.max(0, ready.at - started) : 0;
}
