/**
 * Whether something can be why another is not well, judged by what the sufferer says of itself. Only pods, and what makes them, say enough: how
 * far they came, and what was in the way. Invariant: rather no cause than one that the sufferer's own words speak against.
 */
import { type EdgeType, edgeInfo } from '../../model/edges.ts';
import { kindKey } from '../../model/groups.ts';
import type { HealthStatus, Resource } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';

/** How sure: 2 the sufferer names it, 1 nothing speaks against it, 0 it is not the cause. */
export type Certainty = 0 | 1 | 2;

/** What may be the cause: something missing, or not well. */
export interface Suspect {
  readonly kind: string;
  readonly name: string;
  /** How bad it is with it and its parts; absent for what is missing. */
  readonly status?: HealthStatus;
}

export interface Sufferer {
  readonly whole: Resource;
  /** It and its parts, as far as they are not well. */
  readonly members: readonly Resource[];
}

/** Whether the sufferer is not well for want of the suspect, to which it is joined by an edge of the type. */
export function explains(view: View, type: EdgeType, suspect: Suspect, { whole, members }: Sufferer): Certainty {
  if (!runsPods(whole) && !members.some(isPod))
    return members.some(({ health }) => mentions(health.message ?? '', suspect)) ? 2 : 1;
  if (isWeaker(type, suspect, members)) return 0;
  const pods = members.filter(isPod);
  let best: Certainty = pods.length === 0 && !members.some(namesCause) && !edgeInfo(type).toStart ? 1 : 0;
  for (const witness of pods.length > 0 ? pods : members) {
    const certainty = witnessed(view, type, suspect, witness);
    if (certainty > best) best = certainty;
    if (best === 2) break;
  }
  return best;
}

const podMakers: ReadonlySet<string> = new Set([
  'apps/Deployment',
  'apps/ReplicaSet',
  'apps/StatefulSet',
  'apps/DaemonSet',
  'batch/Job',
  'batch/CronJob',
  '/ReplicationController',
]);

/** Whether it makes pods: what it says of itself is about them. */
export function runsPods(resource: Resource): boolean {
  return podMakers.has(kindKey(resource));
}

function isPod(resource: Resource): boolean {
  return kindKey(resource) === '/Pod';
}

/** What works with less than it should stops nobody; a node holds its pods up only when it is down. */
function isWeaker(type: EdgeType, { status = 'critical' }: Suspect, members: readonly Resource[]): boolean {
  if (status === 'critical') return false;
  return type === 'RUNS_ON' || members.some(({ health }) => health.status === 'critical');
}

/** States of a pod that has not begun to run and waits for what it needs; what else is in the way has a reason of its own. */
const waiting = /^(?:ContainerCreating|PodInitializing|(?:Init:)?CreateContainerConfigError|Init:0\/\d+)$/;
/** Reasons why pods are not made, placed or fetched: the message says what is in the way. */
const stopped =
  /^(?:FailedCreate|Unschedulable|SchedulingGated|(?:Init:)?(?:CreateContainerError|RunContainerError|ErrImage\w+|Image\w+|InvalidImageName|RegistryUnavailable))$/;

function namesCause({ health: { reason = '' } }: Resource): boolean {
  return stopped.test(reason);
}

function witnessed(view: View, type: EdgeType, suspect: Suspect, witness: Resource): Certainty {
  const { reason = '', message = '' } = witness.health;
  if (type === 'RUNS_ON') return isPod(witness) ? 2 : 0;
  const waits = isPod(witness) && waiting.test(reason);
  if (mentions(message, suspect) || ((waits || !isPod(witness)) && isWarnedOf(view, witness, suspect))) return 2;
  if (waits) return message === '' && isAwaited(type, reason) && !isOnDeadNode(view, witness) ? 1 : 0;
  return !isPod(witness) || namesCause(witness) || edgeInfo(type).toStart ? 0 : 1;
}

/** What the API server or a container's configuration needs: a pod that is made and whose volumes are awaited does not wait for it. */
const beside: ReadonlySet<EdgeType> = new Set(['READS', 'READS_SECRET', 'RUNS_AS']);

function isAwaited(type: EdgeType, reason: string): boolean {
  if (beside.has(type)) return reason.endsWith('ConfigError') && type !== 'RUNS_AS';
  return edgeInfo(type).toStart === true || edgeInfo(type).against === 'breaks';
}

function isOnDeadNode(view: View, { id }: Resource): boolean {
  for (const { to } of view.out(id, 'RUNS_ON')) if (view.get(to)?.health.status === 'critical') return true;
  return false;
}

/** Whether a warning about the witness names the suspect. */
function isWarnedOf(view: View, { id }: Resource, suspect: Suspect): boolean {
  for (const { from } of view.in(id, 'ABOUT')) {
    const event = view.get(from);
    if (event?.summary['level'] === 'Warning' && mentions(String(event.summary['message'] ?? ''), suspect)) return true;
  }
  return false;
}

/**
 * Whether a message speaks of the suspect: `secret "db" not found`, `error looking up service account shop/web`, and by the kind alone where it
 * names none of that kind (`pod has unbound immediate PersistentVolumeClaims`).
 */
export function mentions(message: string, { kind, name }: Suspect): boolean {
  const word = literal(kind).replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ?');
  const spoken = new RegExp(`\\b${word}s?\\b`, 'i');
  if (!spoken.test(message)) return false;
  if (new RegExp(`(?<![a-z0-9.-])${literal(name)}(?![a-z0-9-]|\\.[a-z0-9])`, 'i').test(message)) return true;
  return !new RegExp(`\\b${word}s?(?: with name| named)?:? (?:["'\`]|[a-z0-9.-]+/[a-z0-9])`, 'i').test(message);
}

/** The text as a pattern of itself: kinds and names are whatever somebody wrote. */
function literal(text: string): string {
  return text.replaceAll(/[^\w-]/g, '\\$&');
}
