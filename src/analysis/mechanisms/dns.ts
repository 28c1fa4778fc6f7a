/**
 * Names that are not found although they exist, or a DNS that does not answer. Where many suffer it is the cluster's DNS (its configuration, its
 * program, its Service); where one does, its own settings.
 */
import type { Resource } from '../../model/resource.ts';
import { type Call, callsOf, symptomsIn } from '../calls.ts';
import { type Case, treeAt } from '../case.ts';
import { podSpecOf } from '../changes.ts';
import { absent, type Evidence, type Hypothesis, type Subject, titleOf, weights } from '../hypothesis.ts';
import { isReady, podsOf } from '../services.ts';
import { type Symptom, symptomsOf } from '../symptoms.ts';
import { changed, spoken } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { changeBefore, downTo, kubectlName, recency } from './mechanism.ts';
import { faultsOf } from './service-faults.ts';

export function* dns(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const [call] = failingLookups(known, symptom);
  if (call === undefined) {
    yield* silent(known, symptom);
    return;
  }
  const { cluster } = symptom.resource;
  const others = symptomsOf(known).filter(
    (other) => other.whole.id !== symptom.whole.id && failingLookups(known, other).length > 0,
  );
  const evidence = [
    spoken(call.said, weights.usual),
    ...(others.length > 0
      ? [
          state(
            `${others.length} more cannot find names: ${others
              .slice(0, 3)
              .map(({ whole }) => titleOf(whole))
              .join(', ')}`,
            weights.state,
          ),
        ]
      : []),
  ];
  yield* ownSettings(known, symptom, call, others.length);
  yield* ofCluster(known, symptom, cluster, evidence);
}

/** Many programs only say that a call took too long, when it was its name that nobody answered for. */
function* silent(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const call = callsOf(known, symptom).find(
    ({ clue }) => clue.type === 'connection' && clue.how === 'timeout' && !/^[\d.]+$/.test(clue.host),
  );
  const [pod] = call ? dnsPods(known, symptom.resource.cluster) : [];
  const program = pod && known.whole(pod);
  if (call === undefined || program === undefined || program.id === symptom.whole.id) return;
  if (symptomsIn(known, program).length === 0) return;
  yield failing(symptom, program, [
    spoken(call.said, weights.usual),
    state('the DNS of the cluster is not well', weights.state + weights.usual, program),
  ]);
}

/** Lookups that DNS did not answer, or that it denied although there is such a Service. */
function failingLookups(known: Case, symptom: Symptom): readonly Call[] {
  return callsOf(known, symptom).filter(
    ({ clue, callee }) =>
      clue.type === 'lookup' &&
      (clue.dnsDown || (callee?.kind === 'Service' && 'id' in callee && !callee.pseudo && !mayLackName(known, callee))),
  );
}

/** A headless Service has a name only while somebody is ready behind it, one that stands for another host only while that has. */
function mayLackName(known: Case, service: Resource): boolean {
  const spec = treeAt(known.object(service.id), 'spec');
  if (spec?.['type'] === 'ExternalName') return true;
  const isHeadless = spec?.['clusterIP'] === 'None';
  return isHeadless && !podsOf(known, service).some((pod) => isReady(known, pod));
}

function* ownSettings(known: Case, symptom: Symptom, { said }: Call, others: number): Iterable<Hypothesis> {
  const { whole, resource, since } = symptom;
  const spec = podSpecOf(known.object(whole.id)) ?? podSpecOf(known.object(resource.id));
  const policy = spec?.['dnsPolicy'];
  const config = treeAt(spec, 'dnsConfig');
  const isAway =
    policy === 'None' ||
    (policy === 'Default' && spec?.['hostNetwork'] !== true) ||
    (policy === 'ClusterFirst' && spec?.['hostNetwork'] === true);
  if (!isAway && config === undefined) return;
  const change = fieldChange(
    known,
    whole,
    since,
    /\.(?:dnsPolicy|dnsConfig)\b/,
    'spec',
    'template',
    'spec',
    'dnsPolicy',
  );
  yield {
    subject: whole,
    reason: 'DnsSettingsWrong',
    summary: `${titleOf(whole)} does not ask the cluster's DNS as it should.`,
    evidence: [
      spoken(said, weights.usual),
      state(
        `dnsPolicy is ${String(policy ?? 'ClusterFirst')}${config ? ` with dnsConfig ${JSON.stringify(config).slice(0, 120)}` : ''}`,
        isAway ? weights.state : weights.edge,
        whole,
      ),
      ...changed(change, since),
      ...(others > 0
        ? [state('others cannot find names either', weights.othersWell)]
        : [state('nobody else complains of DNS', weights.usual)]),
    ],
    path: downTo(symptom),
    remedy: {
      summary: 'Use dnsPolicy ClusterFirst, and mend dnsConfig.',
      commands: [`kubectl edit ${kubectlName(whole)}`],
    },
  };
}

function* ofCluster(
  known: Case,
  symptom: Symptom,
  cluster: string,
  evidence: readonly Evidence[],
): Iterable<Hypothesis> {
  const { since } = symptom;
  const service = dnsService(known, cluster);
  const path = ['CALLS', ...downTo(symptom)];
  if (service) yield* faultsOf(known, { service, since, evidence, path });
  for (const config of dnsConfigs(known, cluster)) {
    const change = changeBefore(known, config, since, ({ verb }) => verb === 'changed');
    if (change === undefined || recency(change.at, since) < 0.5) continue;
    yield {
      subject: config,
      reason: 'DnsConfigurationBroken',
      summary: `Names are not found since ${titleOf(config)}, the configuration of DNS, was changed.`,
      evidence: [...evidence, ...changed(change, since)],
      path: [titleOf(config), 'CONFIGURED_BY', ...path],
      remedy: { summary: 'Take back the change.', commands: [`kubectl edit ${kubectlName(config)}`] },
    };
  }
  // One complaint of DNS alone is no fault of DNS.
  if (evidence.length < 2) return;
  const [pod] = dnsPods(known, cluster);
  const program = pod && known.whole(pod);
  const subject =
    program ?? absent({ cluster }, { group: 'apps', kind: 'Deployment', namespace: 'kube-system', name: 'coredns' });
  yield failing(symptom, subject, evidence);
}

function failing(symptom: Symptom, subject: Subject, evidence: readonly Evidence[]): Hypothesis {
  return {
    subject,
    reason: 'DnsFailing',
    summary: `${titleOf(subject)}, the DNS of the cluster, does not answer as it should.`,
    evidence,
    path: [titleOf(subject), 'CALLS', ...downTo(symptom)],
    remedy: { summary: 'Read its logs.', commands: [`kubectl logs ${kubectlName(subject)}`] },
    ...('id' in subject && { because: subject }),
  };
}

const NAMES = /^(?:kube-dns|coredns|rke2-coredns.*|dns-default)$/;
const CONFIGS = /^(?:coredns(?:-custom)?|rke2-coredns.*|kube-dns|node-local-dns|dns-default)$/;
const PLACES = new Set(['kube-system', 'openshift-dns']);

function dnsService(known: Case, cluster: string): Resource | undefined {
  for (const namespace of PLACES)
    for (const service of known.view.resources({ cluster, group: '', kind: 'Service', namespace }))
      if (NAMES.test(service.name)) return service;
  return undefined;
}

/** Pods of the cluster's DNS. */
export function dnsPods(known: Case, cluster: string): readonly Resource[] {
  const service = dnsService(known, cluster);
  const chosen = service ? podsOf(known, service) : [];
  if (chosen.length > 0) return chosen;
  return [...PLACES].flatMap((namespace) =>
    [...known.view.resources({ cluster, group: '', kind: 'Pod', namespace })].filter(
      ({ labels, name }) => labels['k8s-app'] === 'kube-dns' || name.startsWith('coredns-'),
    ),
  );
}

function dnsConfigs(known: Case, cluster: string): readonly Resource[] {
  return [...PLACES].flatMap((namespace) =>
    [...known.view.resources({ cluster, group: '', kind: 'ConfigMap', namespace })].filter(({ name }) =>
      CONFIGS.test(name),
    ),
  );
}
