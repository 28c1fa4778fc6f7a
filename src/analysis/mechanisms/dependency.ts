/**
 * Something that a program calls does not answer: its Service is missing or chooses nobody, who stands behind it is not there or not well, a port is
 * wrong, a policy is in the way, or the caller has the wrong address.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, listAt, treeAt } from '../case.ts';
import { changesOf, containersOf, deletionOf } from '../changes.ts';
import type { Clue } from '../clues.ts';
import { type Absent, type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import {
  containerPorts,
  isReady,
  podsOf,
  portsOf,
  selectorOf,
  serviceAt,
  workloadsBehind,
  workloadsIn,
} from '../services.ts';
import type { Symptom } from '../symptoms.ts';
import { changeBefore, changeEvidence, downTo, inNamespace, kubectlName, SLACK_MS } from './mechanism.ts';
import { type Said, saidAbout } from './said.ts';

type Calling = Extract<Clue, { type: 'connection' | 'lookup' }>;

export function* dependency(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  for (const said of saidAbout(known, symptom)) {
    const { clue } = said;
    if (clue.type !== 'connection' && clue.type !== 'lookup') continue;
    if (clue.host === '' || /^(?:localhost|127\.|0\.0\.0\.0|::1)/.test(clue.host)) continue;
    const service = serviceAt(known, symptom.resource, clue.host);
    if (service === undefined) yield* outside(known, symptom, said, clue);
    else if ('absent' in service) yield* ofMissing(known, symptom, said, clue, service);
    else if (service.kind === 'Pod') yield* behind(symptom, said, clue, service, [service], 'calls');
    else yield* ofService(known, symptom, said, clue, service);
  }
}

function spoken({ evidence }: Said, weight: number): Evidence {
  return { ...evidence, weight };
}

/** Nobody bears the name: it was deleted, or the caller has it wrong. */
function* ofMissing(known: Case, symptom: Symptom, said: Said, clue: Calling, service: Absent): Iterable<Hypothesis> {
  const { since, whole } = symptom;
  const deleted = deletionOf(known, service);
  if (deleted && deleted.at <= since + SLACK_MS)
    yield {
      subject: service,
      reason: 'ServiceDeleted',
      summary: `${titleOf(service)}, which ${titleOf(whole)} calls, was deleted.`,
      evidence: [
        spoken(said, weights.named),
        {
          kind: 'change',
          at: deleted.at,
          text: `${titleOf(service)} was deleted`,
          resource: service,
          weight: weights.changed,
        },
      ],
      path: [titleOf(service), 'CALLS', ...downTo(symptom)],
      remedy: {
        summary: 'Make the Service again.',
        commands: [`kubectl apply${inNamespace(service)} -f ${service.name}.yaml`],
      },
    };
  const source = addressSource(known, symptom, clue.host);
  if (source) {
    yield wrongAddress(symptom, said, clue, source, deleted ? 0 : weights.state);
    return;
  }
  if (deleted) return;
  yield {
    subject: service,
    reason: 'ServiceMissing',
    summary: `${titleOf(whole)} calls ${titleOf(service)}, which does not exist.`,
    evidence: [
      spoken(said, weights.named),
      { kind: 'edge', text: `${titleOf(service)} does not exist`, resource: service, weight: weights.usual },
    ],
    path: [titleOf(service), 'CALLS', ...downTo(symptom)],
    remedy: {
      summary: 'Make the Service, or mend the address that the caller uses.',
      commands: [`kubectl get services${inNamespace(service)}`],
    },
  };
}

interface Source {
  readonly holder: Resource;
  readonly field: string;
  readonly change: ReturnType<typeof changeBefore>;
}

/** Who tells the caller the address: its own environment, or a ConfigMap; the one that was changed, where one was. */
function addressSource(known: Case, { whole, resource, since }: Symptom, host: string): Source | undefined {
  const found: Source[] = [];
  const names = (value: unknown): boolean => typeof value === 'string' && value.toLowerCase().includes(host);
  const workload = known.object(whole.id) ?? known.object(resource.id);
  for (const container of containersOf(workload))
    for (const variable of [...listAt(container, 'env')])
      if (names(variable['value']))
        found.push({
          holder: whole,
          field: String(variable['name']),
          change: changeBefore(
            known,
            whole,
            since,
            ({ verb, fields }) =>
              verb === 'changed' &&
              fields.some(
                ({ path, after }) =>
                  /env/.test(path) &&
                  JSON.stringify(after ?? '')
                    .toLowerCase()
                    .includes(host),
              ),
          ),
        });
  for (const type of ['READS', 'MOUNTS'])
    for (const map of known.targets(resource.id, type)) {
      const data = treeAt(known.object(map.id), 'data') ?? {};
      const key = Object.keys(data).find((one) => names(data[one]));
      if (key !== undefined)
        found.push({
          holder: map,
          field: key,
          change: changeBefore(known, map, since, ({ verb }) => verb === 'changed'),
        });
    }
  return found.find(({ change }) => change !== undefined) ?? found[0];
}

function wrongAddress(
  symptom: Symptom,
  said: Said,
  { host }: Calling,
  { holder, field, change }: Source,
  weight: number,
): Hypothesis {
  const isOwn = holder.id === symptom.whole.id;
  return {
    subject: holder,
    reason: 'WrongAddress',
    summary: `${titleOf(holder)} gives ${field} the address ${host}, where nobody answers.`,
    evidence: [
      spoken(said, weights.usual),
      { kind: 'state', text: `${field} names ${host}`, resource: holder, weight },
      ...(change ? [changeEvidence(change, symptom.since)] : []),
    ],
    path: isOwn ? downTo(symptom) : [titleOf(holder), 'READS', ...downTo(symptom)],
    remedy: { summary: `Mend ${field}.`, commands: [`kubectl edit ${kubectlName(holder)}`] },
  };
}

/** An address outside of the cluster, as far as is known. */
function* outside(known: Case, symptom: Symptom, said: Said, clue: Calling): Iterable<Hypothesis> {
  const source = addressSource(known, symptom, clue.host);
  if (source) yield wrongAddress(symptom, said, clue, source, source.change ? weights.state : weights.usual);
}

function* ofService(known: Case, symptom: Symptom, said: Said, clue: Calling, service: Resource): Iterable<Hypothesis> {
  const { since } = symptom;
  const wrongPort = clue.type === 'connection' ? asksWrongPort(known, clue, service) : undefined;
  if (wrongPort !== undefined) {
    const source = addressSource(known, symptom, clue.host);
    const holder = source?.holder ?? symptom.whole;
    yield {
      subject: holder,
      reason: 'WrongPort',
      summary: `${titleOf(symptom.whole)} calls port ${wrongPort} of ${titleOf(service)}, which has none such.`,
      evidence: [
        spoken(said, weights.named),
        {
          kind: 'state',
          text: `ports of ${titleOf(service)}: ${portsOf(known, service)
            .map(({ port }) => port)
            .join(', ')}`,
          resource: service,
          weight: weights.usual,
        },
        ...(source?.change ? [changeEvidence(source.change, since)] : []),
      ],
      path: holder.id === symptom.whole.id ? downTo(symptom) : [titleOf(holder), 'READS', ...downTo(symptom)],
      remedy: { summary: 'Call a port that the Service has.', commands: [`kubectl get ${kubectlName(service)}`] },
    };
  }
  yield* faultsOf(known, service, since, [spoken(said, weights.named)], ['CALLS', ...downTo(symptom)]);
}

function asksWrongPort(
  known: Case,
  { port }: Extract<Clue, { type: 'connection' }>,
  service: Resource,
): number | undefined {
  const ports = portsOf(known, service);
  return port === undefined || ports.length === 0 || ports.some((one) => one.port === port) ? undefined : port;
}

/** Why nobody answers at a Service. `path` leads on to who suffers. */
export function* faultsOf(
  known: Case,
  service: Resource,
  since: number,
  evidence: readonly Evidence[],
  path: readonly string[],
): Iterable<Hypothesis> {
  const pods = podsOf(known, service);
  const ready = pods.filter((pod) => isReady(known, pod));
  if (pods.length === 0) yield* choosesNobody(known, service, since, evidence, path);
  else if (ready.length === 0) yield* nobodyReady(known, service, pods, evidence, path);
  if (ready.length > 0) yield* portsDiffer(known, service, ready, since, evidence, path);
}

function* choosesNobody(
  known: Case,
  service: Resource,
  since: number,
  evidence: readonly Evidence[],
  path: readonly string[],
): Iterable<Hypothesis> {
  const selector = selectorOf(known, service);
  if (selector === undefined) return;
  const labels = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const behind = workloadsBehind(known, service);
  for (const workload of behind) {
    const replicas = treeAt(known.object(workload.id), 'spec')?.['replicas'];
    if (replicas !== 0) {
      yield {
        subject: workload,
        reason: 'NoPods',
        summary: `${titleOf(workload)}, which answers for ${titleOf(service)}, has no pods.`,
        evidence: [
          ...evidence,
          { kind: 'state', text: `${titleOf(workload)} has no pods`, resource: workload, weight: weights.state },
        ],
        path: [titleOf(workload), 'SELECTS', titleOf(service), ...path],
        remedy: { summary: 'See why its pods are not made.', commands: [`kubectl describe ${kubectlName(workload)}`] },
        because: workload,
      };
      continue;
    }
    const change = changeBefore(known, workload, since, ({ fields }) =>
      fields.some(({ path: field }) => field === 'spec.replicas'),
    );
    yield {
      subject: workload,
      reason: 'ScaledToZero',
      summary: `${titleOf(workload)}, which answers for ${titleOf(service)}, is scaled to zero.`,
      evidence: [
        ...evidence,
        { kind: 'state', text: `spec.replicas is 0`, resource: workload, weight: weights.state },
        ...(change ? [changeEvidence(change, since)] : []),
      ],
      path: [titleOf(workload), 'SELECTS', titleOf(service), ...path],
      remedy: { summary: 'Scale it up again.', commands: [`kubectl scale ${kubectlName(workload)} --replicas=1`] },
    };
  }
  if (behind.length > 0) return;
  const gone = known.estate.deletions.findLast(
    ({ resource }) =>
      resource.namespace === service.namespace &&
      ['Deployment', 'StatefulSet', 'DaemonSet'].includes(resource.kind) &&
      related(service, resource),
  );
  if (gone)
    yield {
      subject: gone.resource,
      reason: 'WorkloadDeleted',
      summary: `${titleOf(gone.resource)}, which answered for ${titleOf(service)}, was deleted.`,
      evidence: [
        ...evidence,
        {
          kind: 'change',
          at: Date.parse(gone.at),
          text: `${titleOf(gone.resource)} was deleted`,
          resource: gone.resource,
          weight: weights.changed,
        },
      ],
      path: [titleOf(gone.resource), 'SELECTS', titleOf(service), ...path],
      remedy: {
        summary: 'Make it again.',
        commands: [`kubectl apply${inNamespace(service)} -f ${gone.resource.name}.yaml`],
      },
    };
  const change = changeBefore(known, service, since, ({ fields }) =>
    fields.some(({ path: field }) => field.startsWith('spec.selector')),
  );
  const near = workloadsIn(known, service).find((workload) => related(service, workload));
  yield {
    subject: service,
    reason: 'SelectorMatchesNothing',
    summary: `${titleOf(service)} chooses pods with ${labels}, and there are none${near ? `, although ${titleOf(near)} seems meant` : ''}.`,
    evidence: [
      ...evidence,
      {
        kind: 'state',
        text: `no pod has ${labels}`,
        resource: service,
        weight: near || change ? weights.state : weights.usual,
      },
      ...(change ? [changeEvidence(change, since)] : []),
    ],
    path: [titleOf(service), ...path],
    remedy: {
      summary: 'Mend the selector, or the labels of the pods.',
      commands: [`kubectl edit ${kubectlName(service)}`],
    },
  };
}

/** One name begins with the other. */
function related(a: Resource, b: Resource): boolean {
  return a.name.startsWith(b.name) || b.name.startsWith(a.name);
}

function* nobodyReady(
  known: Case,
  service: Resource,
  pods: readonly Resource[],
  evidence: readonly Evidence[],
  path: readonly string[],
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

/** The Service leads to a port at which its pods do not listen. */
function* portsDiffer(
  known: Case,
  service: Resource,
  pods: readonly Resource[],
  since: number,
  evidence: readonly Evidence[],
  path: readonly string[],
): Iterable<Hypothesis> {
  const [pod] = pods;
  const declared = pod ? containerPorts(known, pod) : [];
  if (declared.length === 0) return;
  for (const { port, targetPort, protocol } of portsOf(known, service)) {
    const isThere = declared.some(
      (one) =>
        (typeof targetPort === 'number' ? one.port === targetPort : one.name === targetPort) &&
        one.protocol === protocol,
    );
    if (isThere) continue;
    const isProtocol = declared.some((one) => one.port === targetPort || one.name === targetPort);
    const change = changeBefore(known, service, since, ({ fields }) =>
      fields.some(({ path: field }) => field.startsWith('spec.ports')),
    );
    yield {
      subject: service,
      reason: isProtocol ? 'WrongProtocol' : 'WrongTargetPort',
      summary: `${titleOf(service)} sends port ${port} on to ${targetPort}/${protocol}, where its pods do not listen.`,
      evidence: [
        ...evidence,
        {
          kind: 'state',
          text: `its pods listen at ${declared.map((one) => `${one.port}${one.name === '' ? '' : ` (${one.name})`}/${one.protocol}`).join(', ')}`,
          resource: service,
          weight: weights.state,
        },
        ...(change ? [changeEvidence(change, since)] : []),
      ],
      path: [titleOf(service), ...path],
      remedy: {
        summary: 'Let targetPort be a port at which the pods listen.',
        commands: [`kubectl edit ${kubectlName(service)}`],
      },
    };
  }
}

/** Who is called by its own address. */
function* behind(
  symptom: Symptom,
  said: Said,
  { host }: Calling,
  pod: Resource,
  pods: readonly Resource[],
  how: string,
): Iterable<Hypothesis> {
  if (pod.health.status === 'healthy' || pods.length === 0) return;
  yield {
    subject: pod,
    reason: 'PeerNotReady',
    summary: `${titleOf(pod)}, which ${titleOf(symptom.whole)} ${how} at ${host}, is not well.`,
    evidence: [
      spoken(said, weights.named),
      { kind: 'state', text: pod.health.reason ?? '', resource: pod, weight: weights.usual },
    ],
    path: [titleOf(pod), 'CALLS', ...downTo(symptom)],
    remedy: { summary: 'See why it is not well.', commands: [`kubectl describe ${kubectlName(pod)}`] },
    because: pod,
  };
}

/** NetworkPolicies that choose either side, and when they were made or changed. */
export function* policies(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  for (const said of saidAbout(known, symptom)) {
    const { clue } = said;
    if (clue.type !== 'connection' && clue.type !== 'lookup') continue;
    if (clue.type === 'connection' && clue.how === 'refused') continue;
    const service = serviceAt(known, symptom.resource, clue.host);
    const servers =
      service && !('absent' in service) ? (service.kind === 'Pod' ? [service] : podsOf(known, service)) : [];
    if (servers.length > 0 && !servers.some((pod) => isReady(known, pod))) continue;
    const policed = new Map<string, Resource>();
    for (const side of [symptom.resource, ...servers.slice(0, 1)])
      for (const policy of known.sources(side.id, 'APPLIES_TO'))
        if (policy.kind === 'NetworkPolicy') policed.set(policy.id, policy);
    for (const policy of policed.values()) {
      const [change] = changesOf(known, policy).filter(({ at }) => at <= symptom.since + SLACK_MS);
      const weight =
        clue.type === 'connection' && clue.how === 'timeout'
          ? weights.state
          : clue.type === 'lookup' && clue.dnsDown
            ? weights.state
            : weights.usual;
      yield {
        subject: policy,
        reason: 'NetworkPolicyBlocks',
        summary: `${titleOf(policy)} is in the way of what ${titleOf(symptom.whole)} calls at ${clue.host}.`,
        evidence: [
          spoken(said, weights.usual),
          {
            kind: 'edge',
            text: `${titleOf(policy)} applies to ${titleOf(symptom.resource)} or to whom it calls`,
            resource: policy,
            weight,
          },
          ...(change ? [changeEvidence(change, symptom.since)] : []),
        ],
        path: [titleOf(policy), 'APPLIES_TO', ...downTo(symptom)],
        remedy: {
          summary: 'Allow the traffic, or remove the policy.',
          commands: [`kubectl describe ${kubectlName(policy)}`],
        },
      };
    }
  }
}
