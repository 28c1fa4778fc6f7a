/**
 * Why nobody answers at a Service: it chooses nobody, or others than it should, who stands behind it is not there or not ready, its ports are not
 * those of its pods, or it answers on some nodes only.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, treeAt } from '../case.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { containerPorts, hasOnePort, isReady, podsOf, portsOf, type ServicePort, selectorOf } from '../services.ts';
import { withoutSelector } from './aliases.ts';
import { changed } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { inNamespace, kubectlName } from './mechanism.ts';
import { choosesNobody, choosesOthers } from './service-selection.ts';

/** A Service that does not answer, and who says so. */
export interface Asked {
  readonly service: Resource;
  /** Milliseconds since 1970: since when it does not. */
  readonly since: number;
  readonly evidence: readonly Evidence[];
  /** From the Service to who suffers. */
  readonly path: readonly string[];
  /** The port that was asked for, where that is known. */
  readonly port?: number | undefined;
  /** The pod that asked. */
  readonly caller?: Resource | undefined;
}

export function* faultsOf(known: Case, asked: Asked): Iterable<Hypothesis> {
  if (selectorOf(known, asked.service) === undefined) {
    yield* withoutSelector(known, asked);
    return;
  }
  const pods = podsOf(known, asked.service);
  const ready = pods.filter((pod) => isReady(known, pod));
  if (pods.length === 0) yield* choosesNobody(known, asked);
  else if (ready.length === 0) yield* nobodyReady(known, asked, pods);
  else {
    yield* portsDiffer(known, asked, ready);
    yield* choosesOthers(known, asked, ready);
    yield* localOnly(known, asked, ready);
  }
}

function* nobodyReady(
  known: Case,
  { service, evidence, path }: Asked,
  pods: readonly Resource[],
): Iterable<Hypothesis> {
  for (const whole of new Set(pods.map((pod) => known.whole(pod)))) {
    yield {
      subject: whole,
      reason: 'NoPodReady',
      summary: `No pod of ${titleOf(whole)}, which answers for ${titleOf(service)}, is ready.`,
      evidence: [
        ...evidence,
        { kind: 'state', text: `no pod of ${titleOf(whole)} is ready`, resource: whole, weight: weights.state },
      ],
      path: [titleOf(whole), 'SELECTS', titleOf(service), ...path],
      remedy: { summary: 'See why its pods are not ready.', commands: [`kubectl describe pods${inNamespace(whole)}`] },
      because: whole,
    };
  }
}

/** A port that leads to none of the pods. */
export interface Mismatch {
  readonly port: ServicePort;
  /** A pod listens there, with another protocol. */
  readonly isProtocol: boolean;
  readonly declared: string;
}

/** Ports of a Service that its pods do not declare; none when they declare nothing. A name that is not there leads nowhere; a number may. */
export function mismatchesOf(known: Case, service: Resource, pods: readonly Resource[]): readonly Mismatch[] {
  const declared = pods.flatMap((pod) => containerPorts(known, pod));
  const shown = [...new Set(declared.map(({ port, name, protocol }) => `${port}${name && ` (${name})`}/${protocol}`))];
  return portsOf(known, service).flatMap((port) => {
    const { targetPort, protocol } = port;
    const there = declared.filter((one) => one.port === targetPort || one.name === targetPort);
    if (there.some((one) => one.protocol === protocol) || (declared.length === 0 && typeof targetPort === 'number'))
      return [];
    return [{ port, isProtocol: there.length > 0, declared: shown.join(', ') || 'none that they declare' }];
  });
}

/** The Service leads to a port at which its pods do not listen. */
function* portsDiffer(known: Case, asked: Asked, pods: readonly Resource[]): Iterable<Hypothesis> {
  const { service, since, port: wanted } = asked;
  const change = fieldChange(known, service, since, /^spec\.ports/, 'spec', 'ports');
  const mismatches = mismatchesOf(known, service, pods).filter(
    ({ port }) =>
      wanted === undefined || port.port === wanted || !portsOf(known, service).some((one) => one.port === wanted),
  );
  for (const { port, isProtocol, declared } of mismatches) {
    // A number that is not declared may be listened at all the same.
    const isSure =
      change !== undefined ||
      isProtocol ||
      typeof port.targetPort === 'string' ||
      pods.every((pod) => hasOnePort(known, pod));
    const proof = state(`its pods listen at ${declared}`, isSure ? weights.state : weights.edge, service);
    yield misled(asked, isProtocol ? 'WrongProtocol' : 'WrongTargetPort', port, [proof, ...changed(change, since)]);
  }
  const [port] = portsOf(known, service);
  // Pods that declare nothing do not contradict; the change speaks for itself.
  if (mismatches.length === 0 && change && port)
    yield misled(asked, 'ServicePortChanged', port, changed(change, since));
}

function misled(
  { service, evidence, path }: Asked,
  reason: string,
  { port, targetPort, protocol }: ServicePort,
  proof: readonly Evidence[],
): Hypothesis {
  const words = reason === 'ServicePortChanged' ? ' since it was changed' : ', where its pods do not listen';
  return {
    subject: service,
    reason,
    summary: `${titleOf(service)} sends port ${port} on to ${targetPort}/${protocol}${words}.`,
    evidence: [...evidence, ...proof],
    path: [titleOf(service), ...path],
    remedy: {
      summary: 'Let targetPort be a port at which the pods listen.',
      commands: [`kubectl edit ${kubectlName(service)}`],
    },
  };
}

/** Traffic stays on its node, and none of the pods is on that of the caller. */
function* localOnly(
  known: Case,
  { service, since, evidence, path, caller }: Asked,
  pods: readonly Resource[],
): Iterable<Hypothesis> {
  if (treeAt(known.object(service.id), 'spec')?.['internalTrafficPolicy'] !== 'Local' || caller === undefined) return;
  const nodeOf = (pod: Resource): unknown => treeAt(known.object(pod.id), 'spec')?.['nodeName'];
  const here = known.pods(known.whole(caller)).map(nodeOf);
  const missing = [...here, nodeOf(caller)].filter(
    (node) => node !== undefined && !pods.some((pod) => nodeOf(pod) === node),
  );
  if (missing.length === 0) return;
  const change = fieldChange(known, service, since, /^spec\.internalTrafficPolicy/, 'spec', 'internalTrafficPolicy');
  yield {
    subject: service,
    reason: 'InternalTrafficPolicyLocal',
    summary: `${titleOf(service)} answers on the nodes of its pods only, and ${titleOf(caller)} is on another.`,
    evidence: [
      ...evidence,
      {
        kind: 'state',
        text: `internalTrafficPolicy is Local, and none of its pods is on ${missing[0]}`,
        resource: service,
        weight: weights.state,
      },
      ...changed(change, since),
    ],
    path: [titleOf(service), ...path],
    remedy: {
      summary: 'Set internalTrafficPolicy to Cluster, or run a pod on every node.',
      commands: [`kubectl patch ${kubectlName(service)} -p '{"spec":{"internalTrafficPolicy":"Cluster"}}'`],
    },
  };
}
