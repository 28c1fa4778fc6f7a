/**
 * Probes that fail although the program does what it should: they ask at a wrong place, in a wrong way, or give it too little time. A program that
 * itself says that it is not well is another matter. Sources: pkg/kubelet/prober, pkg/probe/{http,tcp,grpc,exec}.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, listAt, milliseconds, type Notice, text, treeAt } from '../case.ts';
import type { ObjectChange } from '../changes.ts';
import { containersIn } from '../containers.ts';
import { type Evidence, titleOf, weights } from '../hypothesis.ts';
import { tookOf } from '../recovery.ts';
import { portsOf } from '../services.ts';
import type { Symptom } from '../symptoms.ts';
import { state } from './fields.ts';
import type { Mechanism } from './mechanism.ts';
import { containerOf, type Tree } from './template.ts';
import { ownFault, templateChange, templateEvidence } from './workload.ts';

type Role = 'liveness' | 'readiness' | 'startup';

const FAILED = /^(Liveness|Readiness|Startup) probe (?:failed|errored|warning)/i;
const KILLED = /failed (liveness|startup) probe, will be restarted/i;

/** What a failed probe says of why, by the messages of the kubelet: of the probe itself, or of a program that does not answer. */
const WHYS: readonly (readonly [pattern: RegExp, reason: string, words: string, isOwn: boolean])[] = [
  [/statuscode: 404/i, 'WrongPath', 'asks for a path that is not there', true],
  [
    /statuscode: (?:301|302|307|308)|stopped after \d+ redirects/i,
    'WrongPath',
    'asks at a path that leads elsewhere',
    true,
  ],
  [/statuscode: (?:401|403)/i, 'Unauthorized', 'is not allowed to ask there', true],
  [/statuscode: (?:400|405|426)/i, 'WrongProtocol', 'asks in a way that is not understood', true],
  [
    /server gave HTTP response to HTTPS client|does not look like a TLS handshake|malformed HTTP (?:response|status)|wrong version number|HTTP\/1\.x transport connection broken|certificate/i,
    'WrongScheme',
    'asks over another protocol than is spoken there',
    true,
  ],
  [
    /Unimplemented|unknown service grpc\.health|this server does not implement/i,
    'WrongProtocol',
    'asks over gRPC for health that is not offered',
    true,
  ],
  [
    /executable file not found|no such file or directory|not found in \$PATH|permission denied|: not found$/im,
    'WrongCommand',
    'runs a command that is not there',
    true,
  ],
  [/no such host|lookup /i, 'WrongHost', 'asks a host that is not known', true],
  [/timed? ?out|deadline exceeded|Client\.Timeout/i, 'TooSlow', 'is not answered in time', false],
  [/connection refused|connect: /i, 'NotListening', 'finds nobody listening', false],
  [/statuscode: 5\d\d|NOT_SERVING/i, 'SaysUnwell', 'is told by the program that it is not well', false],
];

export const probes: Mechanism = function* (known, symptom) {
  const { resource, whole } = symptom;
  if (resource.kind !== 'Pod') return;
  const failing = failingProbe(known, symptom);
  if (failing === undefined) return;
  const { role, message } = failing;
  const spec = treeAt(containerOf(known, symptom), `${role}Probe`);
  const [, why = 'Failing', words = 'fails', isOwn = false] = WHYS.find(([pattern]) => pattern.test(message)) ?? [];
  const fault = [...mismatches(known, symptom, role, spec, why)];
  const change = templateChange(known, symptom, new RegExp(`${role}Probe|lifecycle|ports`));
  const isEager = role !== 'readiness' && why !== 'SaysUnwell' && !isOwn && isTooEager(known, symptom, spec);
  const evidence: Evidence[] = [
    {
      kind: 'event',
      at: failing.at,
      text: message,
      resource,
      weight: role !== 'readiness' ? weights.state : isOwn || fault.length > 0 ? weights.usual : weights.edge,
    },
    ...fault,
    ...(change ? [templateEvidence(change, symptom), ...ofVery(change, role, whole)] : []),
  ];
  if (isOwn) evidence.push(state(`the probe ${words}`, weights.state, whole));
  if (isEager) evidence.push(state(eagerText(symptom, spec), weights.usual, whole));
  if (why === 'TooSlow' && neighboursSlow(known, resource, whole) >= 2)
    evidence.push(state('probes of others on the same node time out as well', weights.othersWell, whole));
  if (others(known, symptom, role))
    evidence.push(state('other pods with the same probe pass it', weights.othersWell, whole));
  const isPort = fault.length > 0;
  const what = isPort ? 'WrongPort' : isEager ? 'TooAggressive' : isOwn ? why : change ? 'Wrong' : 'Failing';
  const says = isPort ? 'asks at a port where nobody listens' : isEager ? 'gives it too little time' : words;
  yield ownFault(symptom, {
    reason: `${role[0]?.toUpperCase()}${role.slice(1)}Probe${what}`,
    summary: `The ${role} probe of ${titleOf(whole)} ${says}.`,
    evidence,
    remedy: change
      ? 'Go back to the revision before, or mend the probe.'
      : 'Mend the probe: its port, its path, its times.',
  });
};

/** It is this very probe that was changed. */
function ofVery({ fields }: ObjectChange, role: Role, whole: Resource): readonly Evidence[] {
  const isIt = fields.some(({ path }) => path.includes(`${role}Probe`));
  return isIt ? [state(`its ${role} probe was changed`, weights.usual, whole)] : [];
}

interface Failing {
  readonly role: Role;
  readonly message: string;
  readonly at: number;
}

/** The probe that is why: the one that had it killed, else the one that keeps it from being ready. */
function failingProbe(known: Case, { resource, fault, since, message, reason }: Symptom): Failing | undefined {
  const notices = known
    .notices(resource)
    .filter((notice) => notice.last >= since - 15 * 60_000 && isOf(notice, fault?.container));
  const kill = notices.findLast(({ reason: why, message: said }) => why === 'Killing' && KILLED.test(said));
  const failed = notices.filter(({ message: said }) => FAILED.test(said));
  const roleIn = (said: string): Role => (FAILED.exec(said)?.[1] ?? 'liveness').toLowerCase() as Role;
  if (kill || failed.some(({ message: said, count }) => roleIn(said) !== 'readiness' && count >= 3)) {
    if (reason === 'OOMKilled' || fault?.ended === 'OOMKilled') return undefined;
    const killer = (KILLED.exec(kill?.message ?? '')?.[1] as Role | undefined) ?? undefined;
    const said = failed.findLast(({ message: one }) => (killer ? roleIn(one) === killer : roleIn(one) !== 'readiness'));
    if (killer || said)
      return {
        role: killer ?? roleIn(said?.message ?? ''),
        message: said?.message ?? kill?.message ?? '',
        at: (said ?? kill)?.last ?? since,
      };
  }
  if (reason !== 'Unready') return undefined;
  const said = failed.findLast(({ message: one }) => roleIn(one) !== 'liveness');
  if (said) return { role: roleIn(said.message), message: said.message, at: said.last };
  return FAILED.test(message) ? { role: roleIn(message), message, at: since } : undefined;
}

function isOf({ about: { fieldPath } }: Notice, container: string | undefined): boolean {
  return container === undefined || fieldPath === '' || fieldPath.includes(`{${container}}`);
}

/** The port that a probe asks at, as a number where it is known. */
function portOf(probe: Tree | undefined, container: Tree | undefined): number | string | undefined {
  const port = ['httpGet', 'tcpSocket', 'grpc']
    .map((how) => treeAt(probe, how)?.['port'])
    .find((one) => one !== undefined);
  if (typeof port !== 'string' || /^\d+$/.test(port)) return port === undefined ? undefined : Number(port);
  return (
    (listAt(container, 'ports').find(({ name }) => name === port)?.['containerPort'] as number | undefined) ?? port
  );
}

/** Ports that speak against the probe: nobody declares it, and others answer elsewhere. */
function* mismatches(
  known: Case,
  symptom: Symptom,
  role: Role,
  probe: Tree | undefined,
  why: string,
): Iterable<Evidence> {
  if (why !== 'NotListening' && why !== 'TooSlow' && why !== 'Failing' && why !== 'WrongScheme') return;
  const container = containerOf(known, symptom);
  const port = portOf(probe, container);
  if (port === undefined) return;
  const { whole, resource } = symptom;
  const declared = listAt(container, 'ports').map(({ containerPort }) => Number(containerPort));
  const called = declared.length > 0 ? [] : targetPortsOf(known, resource);
  const [listens, how] = declared.length > 0 ? [declared, 'declares'] : [called, 'is called at'];
  if (listens.length > 0 && !listens.includes(Number(port)))
    yield state(
      `the ${role} probe asks at port ${port}, and the container ${how} ${listens.join(', ')}`,
      declared.length > 0 ? weights.state : (weights.state + weights.usual) / 2,
      whole,
    );
  const other = role === 'readiness' ? 'livenessProbe' : 'readinessProbe';
  const otherPort = portOf(treeAt(container, other), container);
  if (otherPort !== undefined && otherPort !== port && passes(known, resource, container, other))
    yield {
      kind: 'state',
      text: `its ${other} asks at port ${otherPort}, and passes`,
      resource: whole,
      weight: weights.state,
    };
}

/** Ports at which Services call a pod. */
function targetPortsOf(known: Case, pod: Resource): readonly number[] {
  return known
    .sources(pod.id, 'SELECTS')
    .filter(({ kind }) => kind === 'Service')
    .flatMap((service) => portsOf(known, service).map(({ targetPort }) => targetPort))
    .filter((port) => typeof port === 'number');
}

/** Whether the other probe passes: what is ready, or what runs on and is not killed. */
function passes(known: Case, pod: Resource, container: Tree | undefined, probe: string): boolean {
  const status = containersIn(treeAt(known.object(pod.id), 'status'), undefined).find(
    ({ name }) => name === container?.['name'],
  );
  const role = probe.startsWith('readiness') ? /^Readiness probe/ : /^Liveness probe/;
  const isTold = known.notices(pod).some(({ message }) => role.test(message));
  if (probe === 'readinessProbe') return status?.ready === true || !isTold;
  return status?.restarts === 0 && !isTold;
}

/** Each time it was killed before the probe could have passed: it ran no longer than its failures take, and began slowly elsewhere. */
function isTooEager(known: Case, { fault, whole, resource }: Symptom, probe: Tree | undefined): boolean {
  if (probe === undefined) return false;
  const allowed = allowance(probe);
  const took = slowestStart(known, whole, resource);
  if (took > allowed) return true;
  const ran = (fault?.ran ?? 0) / 1_000;
  return ran > 0 && allowed <= 20 && ran <= allowed + 45;
}

/** Seconds from the start of a container until a probe has it killed. */
function allowance(probe: Tree): number {
  const number = (key: string, usual: number): number => Number(probe[key] ?? usual);
  return (
    number('initialDelaySeconds', 0) +
    number('periodSeconds', 10) * (number('failureThreshold', 3) - 1) +
    number('timeoutSeconds', 1)
  );
}

function eagerText({ fault }: Symptom, probe: Tree | undefined): string {
  const ran = fault?.ran === undefined ? '' : `; it ran for ${Math.round(fault.ran / 1_000)} s`;
  return `the probe has it killed ${probe ? allowance(probe) : '?'} s after its start${ran}`;
}

/** Seconds that pods of the workload took from their start until they were ready. */
function slowestStart(known: Case, whole: Resource, { id }: Resource): number {
  const others = known.pods(whole).filter((pod) => pod.id !== id);
  return Math.max(0, ...others.map((pod) => tookOf(known, pod))) / 1_000;
}

/** Other workloads of the same node whose probes are not answered in time either. */
function neighboursSlow(known: Case, pod: Resource, whole: Resource): number {
  const [node] = known.targets(pod.id, 'RUNS_ON');
  const slow = new Set<string>();
  for (const other of node ? known.sources(node.id, 'RUNS_ON') : []) {
    const owner = known.whole(other);
    const times = known.notices(other).filter(({ reason, message }) => reason === 'Unhealthy' && TIMEOUT.test(message));
    if (owner.id !== whole.id && times.some(({ last }) => known.now - last < 10 * 60_000)) slow.add(owner.id);
  }
  return slow.size;
}

const TIMEOUT = /timed? ?out|deadline exceeded|Client\.Timeout/i;

/** Whether other pods pass the very same probe. */
function others(known: Case, symptom: Symptom, role: Role): boolean {
  const container = containerOf(known, symptom);
  const own = JSON.stringify(container?.[`${role}Probe`] ?? null);
  return known.pods(symptom.whole).some((pod) => {
    if (pod.id === symptom.resource.id || pod.health.status !== 'healthy') return false;
    const object = known.object(pod.id);
    const other = listAt(treeAt(object, 'spec'), 'containers').find(({ name }) => text(name) === container?.['name']);
    const isOld =
      milliseconds(object?.metadata.creationTimestamp) <
      milliseconds(known.object(symptom.resource.id)?.metadata.creationTimestamp);
    return other !== undefined && isOld && JSON.stringify(other[`${role}Probe`] ?? null) === own;
  });
}
