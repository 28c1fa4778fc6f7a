/**
 * Something that a program calls does not answer: its Service is missing, or leads nowhere (service-faults.ts), or the caller has the wrong address
 * (address.ts), or what it calls lies outside of the cluster.
 */
import type { Resource } from '../../model/resource.ts';
import { type Call, callsOf, declaredCallees } from '../calls.ts';
import { type Case, milliseconds, treeAt } from '../case.ts';
import { deletionOf } from '../changes.ts';
import type { Deletion } from '../estate.ts';
import { type Absent, absent, type Evidence, type Hypothesis, type Subject, titleOf, weights } from '../hypothesis.ts';
import { matches, serviceNamed, templateLabels, workloadsIn } from '../services.ts';
import type { Symptom } from '../symptoms.ts';
import { addressSource, meant, wrongAddress, wrongPort } from './address.ts';
import { spoken } from './evidence.ts';
import { downTo, inNamespace, kubectlName, SLACK_MS } from './mechanism.ts';
import { faultsOf } from './service-faults.ts';

export function* dependency(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const calls = callsOf(known, symptom);
  for (const call of calls) {
    const { callee } = call;
    if (callee === undefined) yield* outside(known, symptom, call);
    else if ('absent' in callee) yield* ofMissing(known, symptom, call, callee);
    else if (callee.kind === 'Pod') yield* ofPod(symptom, call, callee);
    else if (callee.kind === 'Service' && !callee.pseudo) yield* ofService(known, symptom, call, callee);
  }
  if (!symptom.tentative) yield* declared(known, symptom, calls);
  yield* own(known, symptom);
}

/** Nobody bears the name: it was deleted, or the caller has it wrong. */
function* ofMissing(known: Case, symptom: Symptom, call: Call, service: Absent): Iterable<Hypothesis> {
  const { since } = symptom;
  const deleted = deletionOf(known, service);
  const isDeleted = deleted !== undefined && deleted.at <= since + SLACK_MS;
  if (isDeleted)
    yield deletedService(service, deleted.at, [spoken(call.said, weights.named)], downTo(symptom), symptom.whole);
  const orphan = workloadsIn(known, service).find(({ name }) => name === service.name);
  const isOrphan = orphan !== undefined && serviceNamed(known, orphan) === undefined;
  const almost = meant(known, service);
  const source = addressSource(known, symptom, call.clue);
  if (source) {
    const isWrong = !isDeleted && !(isOrphan && source.change === undefined);
    // What has been so for ever, in a program that runs, is no news.
    const sure = almost || source.change ? weights.state : symptom.isTold ? weights.edge : weights.usual;
    yield wrongAddress(symptom, [spoken(call.said, weights.usual)], call.clue, source, isWrong ? sure : 0);
  }
  if (isDeleted || (source?.change && !isOrphan)) return;
  const weight = isOrphan
    ? weights.state
    : almost || symptom.isTold
      ? -weights.usual
      : source
        ? weights.edge
        : weights.usual;
  yield missing(
    symptom,
    call,
    service,
    weight,
    isOrphan ? `is missing, and ${titleOf(orphan)} runs` : 'does not exist',
  );
}

function missing(symptom: Symptom, { said }: Call, service: Absent, weight: number, how: string): Hypothesis {
  return {
    subject: service,
    reason: 'ServiceMissing',
    summary: `${titleOf(service)}, which ${titleOf(symptom.whole)} calls, does not exist.`,
    evidence: [
      spoken(said, weights.named),
      { kind: 'edge', text: `${titleOf(service)} ${how}`, resource: service, weight },
    ],
    path: [titleOf(service), 'CALLS', ...downTo(symptom)],
    remedy: {
      summary: 'Make the Service, or mend the address that the caller uses.',
      commands: [`kubectl get services${inNamespace(service)}`],
    },
  };
}

function deletedService(
  service: Subject,
  at: number,
  evidence: readonly Evidence[],
  path: readonly string[],
  caller: Resource,
): Hypothesis {
  return {
    subject: service,
    reason: 'ServiceDeleted',
    summary: `${titleOf(service)}, through which ${titleOf(caller)} works, was deleted.`,
    evidence: [
      ...evidence,
      { kind: 'change', at, text: `${titleOf(service)} was deleted`, resource: service, weight: weights.changed },
    ],
    path: [titleOf(service), 'CALLS', ...path],
    remedy: {
      summary: 'Make the Service again.',
      commands: [`kubectl apply${inNamespace(service)} -f ${service.name}.yaml`],
    },
  };
}

/** An address outside of the cluster, as far as is known: whoever brought it lately, else the host itself, else who holds it. */
function* outside(known: Case, symptom: Symptom, { said, clue }: Call): Iterable<Hypothesis> {
  const source = addressSource(known, symptom, clue);
  if (source?.change) {
    yield wrongAddress(symptom, [spoken(said, weights.usual)], clue, source, weights.state);
    return;
  }
  // What never answered, and is done without, is no news.
  if (symptom.tentative) return;
  const { cluster } = symptom.resource;
  const name = { cluster, group: '', kind: 'ExternalHost', namespace: '', name: clue.host };
  const host = known.view.byName(name) ?? (source ? undefined : absent({ cluster }, name));
  const subject = host ?? source?.holder;
  // An address alone may be of anything.
  if (subject === undefined || !/\.[a-z]{2,}$/.test(clue.host)) return;
  const isHeld = subject === source?.holder;
  yield {
    subject,
    reason: 'ExternalHostUnreachable',
    summary: `${clue.host}, which ${titleOf(symptom.whole)} calls, does not answer.`,
    evidence: [
      spoken(said, isHeld ? weights.state : weights.named),
      {
        kind: 'state',
        text: `${clue.host} lies outside of the cluster`,
        resource: subject,
        weight: isHeld ? weights.usual / 2 : weights.edge,
      },
    ],
    path: isHeld ? downTo(symptom) : [titleOf(subject), 'CALLS', ...downTo(symptom)],
    remedy: { summary: 'See whether the host is up and may be reached.', commands: [`nslookup ${clue.host}`] },
  };
}

function* ofService(known: Case, symptom: Symptom, { said, clue }: Call, service: Resource): Iterable<Hypothesis> {
  const { since, resource } = symptom;
  const port = clue.type === 'connection' ? clue.port : undefined;
  const wrong =
    clue.type === 'connection' ? wrongPort(known, symptom, [spoken(said, weights.named)], clue, service) : undefined;
  if (wrong) yield wrong;
  const evidence = [spoken(said, weights.named)];
  yield* faultsOf(known, { service, since, evidence, path: ['CALLS', ...downTo(symptom)], port, caller: resource });
}

/** Who is called by its own address. */
function* ofPod(symptom: Symptom, { said, clue: { host } }: Call, pod: Resource): Iterable<Hypothesis> {
  if (pod.health.status === 'healthy') return;
  yield {
    subject: pod,
    reason: 'PeerNotReady',
    summary: `${titleOf(pod)}, which ${titleOf(symptom.whole)} calls at ${host}, is not well.`,
    evidence: [
      spoken(said, weights.named),
      { kind: 'state', text: pod.health.reason ?? 'not well', resource: pod, weight: weights.usual },
    ],
    path: [titleOf(pod), 'CALLS', ...downTo(symptom)],
    remedy: { summary: 'See why it is not well.', commands: [`kubectl describe ${kubectlName(pod)}`] },
    because: pod,
  };
}

/** Services that the sufferer is told to call and did not complain about: what is wrong with them may be why all the same. */
function* declared(known: Case, symptom: Symptom, calls: readonly Call[]): Iterable<Hypothesis> {
  const named = new Set(calls.map(({ callee }) => (callee && 'id' in callee ? callee.id : undefined)));
  for (const service of declaredCallees(known, symptom)) {
    if (named.has(service.id)) continue;
    const text = `${titleOf(symptom.whole)} calls ${titleOf(service)}`;
    const evidence = [{ kind: 'edge' as const, text, resource: service, weight: weights.edge }];
    yield* faultsOf(known, { service, since: symptom.since, evidence, path: ['CALLS', ...downTo(symptom)] });
  }
}

/** The sufferer's own Service, when others say that it does not work. */
function* own(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { whole, resource, since, message, reason } = symptom;
  if (!symptom.isTold && resource.kind !== 'Service') return;
  const service = resource.kind === 'Service' ? resource : serviceNamed(known, whole);
  const evidence = [
    { kind: 'state' as const, at: since, text: `${reason}: ${message}`, resource: whole, weight: weights.usual },
  ];
  const path = downTo(symptom);
  if (service === undefined) {
    const gone = known.estate.deletions.findLast((one) => served(known, one, whole));
    if (gone === undefined || milliseconds(gone.at) > since + SLACK_MS) return;
    yield deletedService(gone.resource, milliseconds(gone.at), evidence, path, whole);
  } else if (!service.pseudo) {
    // That its pods are not well is a symptom of its own.
    for (const hypothesis of faultsOf(known, { service, since, evidence, path }))
      if (hypothesis.because?.id !== whole.id) yield hypothesis;
  }
}

/** A Service that chose the pods of a workload. */
function served(known: Case, { resource, object }: Deletion, whole: Resource): boolean {
  const selector = treeAt(treeAt(object, 'spec'), 'selector') as Readonly<Record<string, string>> | undefined;
  return (
    resource.kind === 'Service' &&
    resource.cluster === whole.cluster &&
    resource.namespace === whole.namespace &&
    (resource.name === whole.name || (selector !== undefined && matches(selector, templateLabels(known, whole))))
  );
}
