/**
 * A network policy between two that talk, or between one and DNS. Kubernetes' own are judged by their rules (reach.ts), so that a policy that allows the
 * traffic is not accused; of others' only that they apply, and were changed shortly before.
 */
import type { Resource } from '../../model/resource.ts';
import { type Call, callsOf, declaredCallees } from '../calls.ts';
import { type Case, milliseconds } from '../case.ts';
import type { ObjectChange } from '../changes.ts';
import { type Evidence, type Hypothesis, type Subject, titleOf, weights } from '../hypothesis.ts';
import { type Cut, cutBetween, cutFromOutside, type Port } from '../reach.ts';
import { isReady, podsOf, portsOf, serviceNamed } from '../services.ts';
import type { Symptom } from '../symptoms.ts';
import { dnsPods } from './dns.ts';
import { changed, spoken } from './evidence.ts';
import { changeBefore, downTo, kubectlName, recency, SLACK_MS } from './mechanism.ts';

/** Before a container runs it calls nobody. */
const CALLING =
  /^(?:CrashLoopBackOff|Error|Unready|NotReady|InitStuck|Failed|BackoffLimitExceeded|DeadlineExceeded|.*[Pp]rob.*|.*Init.*|.*Restart.*)$/;

/** Two that cannot talk, and who said so, where somebody did. */
interface Pair {
  readonly cut: Cut;
  readonly words: string;
  readonly call?: Call;
}

export function* policies(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (!symptom.isTold && !CALLING.test(symptom.reason)) return;
  const seen = new Set<string>();
  for (const pair of pairsOf(known, symptom)) {
    for (const hypothesis of ofPair(known, symptom, pair)) {
      const key = `${titleOf(hypothesis.subject)} ${pair.call ? 'said' : ''}`;
      if (!seen.has(key)) yield hypothesis;
      seen.add(key);
    }
  }
  yield* foreign(known, symptom);
}

function* pairsOf(known: Case, symptom: Symptom): Iterable<Pair> {
  const { resource, whole } = symptom;
  const pod = resource.kind === 'Pod' && !resource.pseudo ? resource : known.pods(whole)[0];
  if (pod === undefined) return;
  const who = titleOf(whole);
  for (const call of callsOf(known, symptom)) {
    const { clue, callee } = call;
    if (clue.type === 'lookup') {
      const cut = clue.dnsDown ? cutFromDns(known, pod) : undefined;
      if (cut) yield { cut, words: `${who} and DNS`, call };
    } else if (callee === undefined) {
      const cut = cutFromOutside(known, pod);
      if (cut) yield { cut, words: `${who} and ${clue.host}`, call };
    } else if ('id' in callee) {
      const cut = cutFrom(known, pod, callee, clue.port);
      if (cut) yield { cut, words: `${who} and ${titleOf(callee)}`, call };
    }
  }
  if (symptom.tentative) return;
  const dns = cutFromDns(known, pod);
  if (dns) yield { cut: dns, words: `${who} and DNS` };
  for (const callee of declaredCallees(known, symptom)) {
    const cut = cutFrom(known, pod, callee, undefined);
    if (cut) yield { cut, words: `${who} and ${titleOf(callee)}` };
  }
  const service = symptom.isTold ? serviceNamed(known, whole) : undefined;
  for (const caller of service ? known.sources(service.id, 'CALLS') : []) {
    const cut = caller.kind === 'Pod' ? cutBetween(known, caller, pod, undefined) : undefined;
    if (cut) yield { cut, words: `${titleOf(caller)} and ${who}` };
  }
}

/** Where a pod is cut from whom a Service chooses, or from a pod. */
function cutFrom(known: Case, from: Resource, callee: Resource, port: number | undefined): Cut | undefined {
  if (callee.kind === 'Pod')
    return cutBetween(known, from, callee, port === undefined ? undefined : { port, protocol: 'TCP' });
  const pods = podsOf(known, callee);
  const to = pods.find((pod) => isReady(known, pod)) ?? pods[0];
  if (to === undefined) return undefined;
  const ports = portsOf(known, callee).filter((one) => port === undefined || one.port === port);
  if (ports.length === 0) return cutBetween(known, from, to, undefined);
  const cuts = ports.map(({ targetPort, protocol }) => cutBetween(known, from, to, { port: targetPort, protocol }));
  return cuts.every((cut) => cut) ? cuts[0] : undefined;
}

const DNS: Port = { port: 53, protocol: 'UDP' };

function cutFromDns(known: Case, pod: Resource): Cut | undefined {
  const [server] = dnsPods(known, pod.cluster);
  return server && cutBetween(known, pod, server, DNS);
}

function* ofPair(known: Case, symptom: Symptom, { cut, words, call }: Pair): Iterable<Hypothesis> {
  const { since } = symptom;
  const said = call ? [spoken(call.said, weights.usual)] : [];
  const blocked: Evidence = {
    kind: 'state',
    text: `${cut.direction === 'Egress' ? 'what leaves' : 'what comes in'} is limited, and no policy allows ${words} to talk`,
    weight: weights.state,
  };
  const changes = cut.policies.map((policy) => ({ policy, change: changeBefore(known, policy, since) }));
  const lately = changes.filter(({ change }) => change && recency(change.at, since) > 0.5);
  const removed = removedPolicy(known, cut, since);
  if (removed) yield hypothesisOf(symptom, removed.resource, words, [...said, blocked, removed.evidence]);
  // Nobody complains of it, and it has been so for long: it is meant.
  if ((call === undefined || symptom.tentative) && lately.length === 0) return;
  const suspects = lately.length > 0 ? lately : removed ? [] : changes;
  for (const { policy, change } of suspects)
    yield hypothesisOf(symptom, policy, words, [
      ...said,
      { ...blocked, resource: policy },
      ...changed(made(change), since),
    ]);
}

/** That a policy was made is as much as a change of it. */
function made(change: ObjectChange | undefined): ObjectChange | undefined {
  if (change?.verb !== 'created') return change;
  return { ...change, fields: [{ path: 'metadata.creationTimestamp' }], known: change.known };
}

/** A policy that was deleted while the rest stayed, and may have been the one that allowed it. */
function removedPolicy(
  known: Case,
  { policies: rest }: Cut,
  since: number,
): { readonly resource: Subject; readonly evidence: Evidence } | undefined {
  const [first] = rest;
  const gone = known.estate.deletions.findLast(
    ({ at, resource }) =>
      resource.kind === 'NetworkPolicy' &&
      resource.cluster === first?.cluster &&
      resource.namespace === first.namespace &&
      milliseconds(at) <= since + SLACK_MS &&
      recency(milliseconds(at), since) > 0.5,
  );
  if (gone === undefined) return undefined;
  const { resource } = gone;
  const at = milliseconds(gone.at);
  const text = `${titleOf(resource)} was deleted`;
  return { resource, evidence: { kind: 'change', at, text, resource, weight: weights.changed } };
}

function hypothesisOf(symptom: Symptom, policy: Subject, words: string, evidence: readonly Evidence[]): Hypothesis {
  return {
    subject: policy,
    reason: evidence.some(({ text }) => / was deleted$/.test(text)) ? 'NetworkPolicyDeleted' : 'NetworkPolicyBlocks',
    summary: `${titleOf(policy)} is why ${words} cannot talk.`,
    evidence,
    path: [titleOf(policy), 'APPLIES_TO', ...downTo(symptom)],
    remedy: {
      summary: 'Allow the traffic, or remove the policy.',
      commands: [`kubectl describe ${kubectlName(policy)}`],
    },
  };
}

/** Policies of network plugins and administrators that apply to the caller or to whom it calls, and were changed shortly before. */
function* foreign(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { since, resource, whole } = symptom;
  const calls = callsOf(known, symptom).filter(({ clue }) => clue.type === 'connection' || clue.dnsDown);
  const callees = calls.flatMap(({ callee }) =>
    callee && 'id' in callee ? (callee.kind === 'Pod' ? [callee] : podsOf(known, callee).slice(0, 1)) : [],
  );
  const sides = [resource.kind === 'Pod' ? resource : known.pods(whole)[0], ...callees].filter(
    (side) => side !== undefined,
  );
  const suspects = new Map<string, Resource>();
  for (const side of sides)
    for (const policy of known.sources(side.id, 'APPLIES_TO'))
      if (/NetworkPolicy$/.test(policy.kind) && policy.group !== 'networking.k8s.io') suspects.set(policy.id, policy);
  for (const policy of suspects.values()) {
    const change = changeBefore(known, policy, since);
    if (change === undefined || recency(change.at, since) < 0.5) continue;
    const [call] = calls;
    const denies = ['DENIES_FROM', 'DENIES_TO'].some((type) => known.targets(policy.id, type).length > 0);
    yield hypothesisOf(
      symptom,
      policy,
      call ? `${titleOf(whole)} and ${call.clue.host}` : `${titleOf(whole)} and others`,
      [
        ...(call ? [spoken(call.said, weights.usual)] : []),
        {
          kind: 'edge',
          text: `${titleOf(policy)} applies to ${titleOf(whole)} or to whom it calls`,
          resource: policy,
          weight: denies ? weights.usual : weights.edge,
        },
        ...changed(made(change), since),
      ],
    );
  }
}
