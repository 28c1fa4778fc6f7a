/**
 * Init containers: what they wait for and does not come, or what was changed in them. Whom a waiting loop asks stands in its command, also where it says
 * nothing: `until nslookup db; do sleep 2; done`.
 */
import { kindKey } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';
import { isObserved } from '../calls.ts';
import { type Case, listAt, text, treeAt } from '../case.ts';
import { deletionOf } from '../changes.ts';
import { type Absent, absent, type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { serviceAt } from '../services.ts';
import type { Symptom } from '../symptoms.ts';
import { state } from './fields.ts';
import { downTo, inNamespace, kubectlName, type Mechanism, saysSo } from './mechanism.ts';
import { faultsOf } from './service-faults.ts';
import { containerOf, type Tree } from './template.ts';
import { ownFault, templateChange, templateEvidence } from './workload.ts';

export const init: Mechanism = function* (known, symptom) {
  if (symptom.fault?.init !== true || symptom.resource.kind !== 'Pod') return;
  const container = containerOf(known, symptom);
  yield ofWorkload(known, symptom);
  if (container === undefined || symptom.reason !== 'InitStuck') return;
  const seen = new Set<string>();
  for (const { host, port } of hostsAskedBy(container)) {
    if (seen.has(host) || /^(?:localhost|127\.|0\.0\.0\.0)/.test(host)) continue;
    seen.add(host);
    const service = serviceAt(known, symptom.resource, host);
    if (service === undefined || service.kind !== 'Service') continue;
    const said = state(
      `its init container ${symptom.fault.container} waits for ${host}`,
      weights.state,
      symptom.resource,
    );
    if ('absent' in service) yield* ofMissing(known, symptom, said, service);
    else
      yield* faultsOf(known, {
        service,
        since: symptom.since,
        evidence: [said],
        path: ['CALLS', ...downTo(symptom)],
        port,
        caller: symptom.resource,
      });
  }
  yield* ofAwaited(known, symptom, container);
};

/** The init container itself: it was changed, or nothing else is known. */
function ofWorkload(known: Case, symptom: Symptom): Hypothesis {
  const { whole, fault, reason } = symptom;
  const change = templateChange(known, symptom, /initContainers/);
  const hangs = reason === 'InitStuck';
  return ownFault(symptom, {
    reason: hangs ? 'InitContainerHangs' : 'InitContainerFails',
    summary: `Pods of ${titleOf(whole)} do not start: their init container ${fault?.container} ${hangs ? 'does not end' : 'fails'}.`,
    evidence: [
      saysSo(symptom, hangs ? weights.state : weights.usual),
      ...(change ? [templateEvidence(change, symptom)] : []),
    ],
    remedy: change ? 'Go back to the revision before.' : 'Read what the init container says.',
    ...(!change && {
      commands: [`kubectl logs ${symptom.resource.name}${inNamespace(symptom.resource)} -c ${fault?.container}`],
    }),
  });
}

function* ofMissing(known: Case, symptom: Symptom, said: Evidence, service: Absent): Iterable<Hypothesis> {
  if (!isObserved(known, service.cluster, '/Service')) return;
  const deleted = deletionOf(known, service);
  yield {
    subject: service,
    reason: deleted ? 'ServiceDeleted' : 'ServiceMissing',
    summary: `${titleOf(service)}, for which an init container of ${titleOf(symptom.whole)} waits, ${deleted ? 'was deleted' : 'does not exist'}.`,
    evidence: [
      said,
      { kind: 'edge', text: `${titleOf(service)} does not exist`, resource: service, weight: weights.usual },
      ...(deleted
        ? [
            {
              kind: 'change' as const,
              at: deleted.at,
              text: `${titleOf(service)} was deleted`,
              resource: service,
              weight: weights.changed,
            },
          ]
        : []),
    ],
    path: [titleOf(service), 'CALLS', ...downTo(symptom)],
    remedy: {
      summary: 'Make the Service, or let the init container wait for one that exists.',
      commands: [`kubectl get services${inNamespace(service)}`],
    },
  };
}

/** Programs that ask a host whether it is there, and where the host stands among their arguments. */
const ASKS =
  /\b(?:nslookup|getent (?:hosts|ahosts)|dig|host|ping|nc|ncat|netcat|telnet|curl|wget|pg_isready|mysqladmin|mysql|mariadb-admin|psql|redis-cli|valkey-cli|mongosh?|cqlsh|wait-for-it(?:\.sh)?|wait-for(?:\.sh)?|dockerize|wait4x|grpcurl|grpc_health_probe)\b([^;|&\n]*)/g;
const HOST_FLAGS = /^(?:-h|-H|--host|--hostname|-wait|-addr|--addr|tcp|http|dns)$/;
const HOST = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@/\s]*@)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{2,5}))?(?:\/\S*)?$/i;
/** Options that take another word with them. */
const WITH_VALUE =
  /^-(?:w|W|t|U|u|p|P|c|o|d|n|a|X|m|i|s?timeout|-(?:timeout|user|port|password|max-time|retry|tries|output|data|header))$/;

/** Hosts that a waiting loop asks, with the port where it names one. */
export function hostsAskedBy(container: Tree): readonly { readonly host: string; readonly port: number | undefined }[] {
  const hosts: { readonly host: string; readonly port: number | undefined }[] = [];
  for (const [, rest = ''] of scriptOf(container).matchAll(ASKS)) {
    const words = rest
      .replace(/["'`()]/g, ' ')
      .replace(/\d?>+\S*/g, ' ')
      .split(/\s+/)
      .filter((word) => word !== '');
    const flag = words.findIndex((word) => HOST_FLAGS.test(word));
    const flagged = words.find((word) => /^--?(?:h|host|hostname|addr)=/.test(word))?.replace(/^[^=]*=/, '');
    const plain = words.filter((word, index) => !word.startsWith('-') && !WITH_VALUE.test(words[index - 1] ?? ''));
    const [, host, port] = HOST.exec(flagged ?? (flag >= 0 ? (words[flag + 1] ?? '') : (plain[0] ?? ''))) ?? [];
    if (host === undefined || /^\d+$/.test(host)) continue;
    const next = plain[plain.findIndex((word) => word.includes(host)) + 1] ?? '';
    const number = Number(port ?? (/^\d{2,5}$/.test(next) ? next : Number.NaN));
    hosts.push({ host: host.toLowerCase(), port: Number.isNaN(number) ? undefined : number });
  }
  return hosts;
}

/** What a container runs, as one text, with the variables that its environment gives. */
function scriptOf(container: Tree): string {
  const env = new Map(listAt(container, 'env').map(({ name, value }) => [text(name), text(value)]));
  const words = [container['command'], container['args']].flat().filter((word) => typeof word === 'string');
  return words
    .join(' ')
    .replace(/\$\{?\(?([A-Za-z_][A-Za-z0-9_]*)(?::-[^}]*)?[)}]?/g, (whole, name: string) => env.get(name) || whole);
}

const KINDS: Readonly<Record<string, readonly [group: string, kind: string]>> = {
  job: ['batch', 'Job'],
  jobs: ['batch', 'Job'],
  pod: ['', 'Pod'],
  deployment: ['apps', 'Deployment'],
  deploy: ['apps', 'Deployment'],
  statefulset: ['apps', 'StatefulSet'],
  sts: ['apps', 'StatefulSet'],
};

/** Objects that it waits for by the API: `kubectl wait job/migrate`, and images that do so with `job migrate` as arguments. */
function* ofAwaited(known: Case, symptom: Symptom, container: Tree): Iterable<Hypothesis> {
  const script = scriptOf(container);
  const isWaiting = /kubectl\b[^;\n]*\b(?:wait|rollout status)\b|wait[-_]for/i.test(
    `${script} ${text(container['image'])}`,
  );
  if (!isWaiting) return;
  const { resource } = symptom;
  for (const [, word = '', name = ''] of script.matchAll(
    /\b(jobs?|pod|deployment|deploy|statefulset|sts)(?:\.\w+)*[/ ]([a-z0-9][a-z0-9.-]*)/g,
  )) {
    const [group, kind] = KINDS[word] ?? ['', ''];
    const found = known.named(resource, group, kind, name);
    if (found && (found.id === symptom.whole.id || isDone(known, found))) continue;
    const subject = found ?? absent(resource, { group, kind, namespace: resource.namespace, name });
    if (!found && !isObserved(known, resource.cluster, kindKey(subject))) continue;
    yield {
      subject,
      reason: found ? `${kind}NotReady` : `${kind}Missing`,
      summary: `${titleOf(subject)}, for which an init container of ${titleOf(symptom.whole)} waits, ${found ? 'is not ready' : 'does not exist'}.`,
      evidence: [
        state(`its init container ${symptom.fault?.container} waits for ${word} ${name}`, weights.named, resource),
        state(found ? 'it is not ready' : 'it does not exist', weights.usual, subject),
      ],
      path: [titleOf(subject), 'CALLS', ...downTo(symptom)],
      remedy: { summary: 'See what keeps it.', commands: [`kubectl describe ${kubectlName(subject)}`] },
      ...(found && { because: found }),
    };
  }
}

function isDone(known: Case, { id, kind, health }: Resource): boolean {
  if (kind !== 'Job') return health.status === 'healthy';
  return listAt(treeAt(known.object(id), 'status'), 'conditions').some(
    ({ type, status }) => type === 'Complete' && status === 'True',
  );
}
