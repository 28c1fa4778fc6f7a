/**
 * What a container needs before it can be made and is not there: ConfigMaps, Secrets, their keys, a service account; and security settings that the node
 * does not accept. Sources: kubelet pkg/kubelet/kubelet_pods.go, pkg/volume/{configmap,secret,projected}, pkg/kubelet/kuberuntime/security_context.
 */
import type { Resource } from '../../model/resource.ts';
import { isObserved } from '../calls.ts';
import { type Case, listAt, text, treeAt } from '../case.ts';
import { deletionOf, type ObjectChange, podSpecOf } from '../changes.ts';
import { absent, type Evidence, type Hypothesis, type Subject, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { changed } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { saying } from './lines.ts';
import { downTo, inNamespace, kubectlName, type Mechanism, saysSo } from './mechanism.ts';
import { ownFault, templateChange, templateEvidence } from './workload.ts';

const BEFORE_START =
  /^(?:CreateContainerConfigError|CreateContainerError|FailedMount|ContainerCreating|FailedCreate|RunContainerError|SysctlForbidden|AppArmor|Blocked)$/;

const MISSING = /\b(configmap|secret|serviceaccount)s? "(?:[^"/]+\/)?([^"]+)" (?:is )?not found/gi;
/** The kubelet has not been told of an object that a volume names. */
const UNREGISTERED = /object "[^"/]*"\/"([^"]+)" not registered/gi;
const NO_KEY =
  /couldn't find key (\S+) in (ConfigMap|Secret) (?:[^/\s]+\/)?(\S+)|volume "([^"]+)"[^\n]*references non-existent (?:config|secret) key: (\S+)|references non-existent (?:config|secret) key: (\S+)/i;

const KINDS: Readonly<Record<string, string>> = {
  configmap: 'ConfigMap',
  secret: 'Secret',
  serviceaccount: 'ServiceAccount',
};
const NEEDED = new Set(Object.values(KINDS));

export const configuration: Mechanism = function* (known, symptom) {
  if (!BEFORE_START.test(symptom.reason)) return;
  yield* missing(known, symptom);
  yield* missingKeys(known, symptom);
  yield* contradictions(known, symptom);
};

interface Target {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What is named as missing; only where nobody says what is, whatever is. */
function* missing(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource } = symptom;
  const said = `${symptom.message} ${warnings(known, symptom)}`;
  const broken = known
    .dangling(resource.id)
    .filter(({ detail, target }) => !detail.optional && NEEDED.has(target.kind) && detail.reason !== 'stale');
  const named = new Set<string>();
  for (const [, word = '', name = ''] of said.matchAll(MISSING)) named.add(`${KINDS[word.toLowerCase()]}/${name}`);
  for (const [, name = ''] of said.matchAll(UNREGISTERED))
    for (const { target } of broken) if (target.name === name) named.add(`${target.kind}/${name}`);
  const seen = new Set<string>();
  for (const { type, target } of broken) {
    const key = `${target.kind}/${target.name}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const isNamed = named.delete(key);
    if (isNamed || (isSilent(symptom, said) && isObserved(known, resource.cluster, `/${target.kind}`)))
      yield ofMissing(known, symptom, target, type, isNamed);
  }
  for (const key of named) {
    const [kind = '', name = ''] = key.split('/');
    if (known.named(resource, '', kind, name)) continue;
    yield ofMissing(known, symptom, { group: '', kind, namespace: resource.namespace, name }, undefined, true);
  }
}

/** Nothing tells why it waits. */
function isSilent({ reason }: Symptom, said: string): boolean {
  return /^(?:ContainerCreating|FailedMount|CreateContainerConfigError)$/.test(reason) && said.trim().length < 3;
}

function ofMissing(
  known: Case,
  symptom: Symptom,
  target: Target,
  type: string | undefined,
  isNamed: boolean,
): Hypothesis {
  const { whole, resource } = symptom;
  const subject: Subject = absent(resource, target);
  const deleted = deletionOf(known, target);
  const evidence: Evidence[] = [
    {
      kind: 'edge',
      text: `${titleOf(subject)} does not exist and is needed`,
      resource: subject,
      weight: weights.missing,
    },
    saysSo(symptom, isNamed ? weights.named : 0),
  ];
  if (deleted)
    evidence.push({
      kind: 'change',
      at: deleted.at,
      text: `${titleOf(subject)} was deleted`,
      resource: subject,
      weight: weights.changed,
    });
  return {
    subject,
    reason: `${target.kind}${deleted ? 'Deleted' : 'Missing'}`,
    summary: `${titleOf(subject)}, which ${titleOf(whole)} needs to start, ${deleted ? 'was deleted' : 'does not exist'}.`,
    evidence,
    path: [titleOf(subject), ...(type === undefined ? [] : [type]), ...downTo(symptom)],
    remedy: {
      summary: `Make ${target.kind} ${target.name}${deleted ? ' again' : ''}, or refer to one that exists.`,
      commands: [
        `kubectl get ${target.kind.toLowerCase()}${inNamespace(target)}`,
        `kubectl apply${inNamespace(target)} -f ${target.name}.yaml`,
      ],
    },
  };
}

/** A key that is asked for and not there: its holder lost it, or who asks has it wrong. */
function* missingKeys(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource, whole, since } = symptom;
  const line = saying(known, symptom, NO_KEY);
  if (line === undefined) return;
  const [, first, kind, name, volume, second, third] = line.found;
  const key = (first ?? second ?? third ?? '').replace(/[,.;]$/, '');
  const holders =
    kind === undefined || name === undefined
      ? holdersOf(known, resource, volume)
      : [
          known.named(resource, '', kind, name) ??
            absent(resource, { group: '', kind, namespace: resource.namespace, name }),
        ];
  for (const holder of holders) {
    const object = 'absent' in holder ? undefined : known.object(holder.id);
    if (Object.hasOwn(treeAt(object, 'data') ?? {}, key)) continue;
    const own =
      'absent' in holder ? undefined : fieldChange(known, holder, since, /^(?:data|binaryData|stringData)\b/, 'data');
    const asked = templateChange(known, symptom, /\.env|volumes/);
    const isAsker = isOf(asked, key) && !isOf(own, key);
    yield {
      subject: isAsker ? whole : holder,
      reason: isAsker ? 'ReferenceToMissingKey' : `${holder.kind}KeyMissing`,
      summary: `${titleOf(holder)} has no key ${key}, which ${titleOf(whole)} needs to start.`,
      evidence: [
        { ...line.evidence, weight: weights.named + weights.state },
        ...(isAsker && asked ? [templateEvidence(asked, symptom)] : changed(own, since)),
      ],
      path: isAsker ? downTo(symptom) : [titleOf(holder), 'READS', ...downTo(symptom)],
      remedy: {
        summary: 'Add the key, or refer to one that is there.',
        commands: [`kubectl edit ${kubectlName(holder)}`],
      },
    };
  }
}

/** Whether a change is known to be about a key. */
function isOf(change: ObjectChange | undefined, key: string): boolean {
  return (
    change?.fields.some(
      ({ path, before, after }) => path.includes(key) || JSON.stringify([before ?? '', after ?? '']).includes(key),
    ) ?? false
  );
}

/** What a volume is made of; of none that is named, whatever the pod reads. */
function holdersOf(known: Case, pod: Resource, volume: string | undefined): readonly Resource[] {
  const read = ['MOUNTS', 'READS', 'READS_SECRET'].flatMap((type) => known.targets(pod.id, type));
  const found = listAt(podSpecOf(known.object(pod.id)), 'volumes').find(({ name }) => text(name) === volume);
  const source = found && JSON.stringify(found);
  return source === undefined ? read : read.filter(({ name }) => source.includes(`"${name}"`));
}

/** What the kubelet and the runtime do not accept, and why. */
const CONTRADICTIONS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [
    /runAsNonRoot|image will run as root|runAsUser|non-numeric user|breaks non-root policy|unable to find user|no matching entries in passwd/i,
    'SecurityContextRefused',
  ],
  [/apparmor/i, 'AppArmorProfileMissing'],
  [/seccomp/i, 'SeccompProfileMissing'],
  [/forbidden sysctl|SysctlForbidden|not allowlisted|not whitelisted/i, 'SysctlForbidden'],
  [/subPath|cannot be used with|hostPath type check failed/i, 'VolumeRefused'],
  [/invalid capability|unknown capability|operation not permitted/i, 'SecurityContextRefused'],
];

function* contradictions(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { whole, message, reason } = symptom;
  // What the API refuses, a rule of the namespace or the cluster refuses; a program that runs has been accepted.
  if (reason === 'FailedCreate' || symptom.isTold) return;
  const said = `${reason} ${message}`;
  const [pattern, why] = CONTRADICTIONS.find(([one]) => one.test(said)) ?? [];
  if (pattern === undefined || why === undefined || /OOM-?killed/i.test(message)) return;
  const change = templateChange(known, symptom, /securityContext|\.image$|olumes?|annotations/);
  yield ownFault(symptom, {
    reason: why,
    summary: `What ${titleOf(whole)} asks for is not accepted: ${message}.`,
    evidence: [
      saysSo(symptom, weights.named + weights.usual),
      state('it stands in its own template', weights.edge, whole),
      ...(change ? [templateEvidence(change, symptom)] : []),
    ],
    remedy: 'Mend what is refused in its template, or use an image that fits.',
    commands: [`kubectl edit ${kubectlName(whole)}`],
  });
}

/** What was last warned of about who suffers. */
function warnings(known: Case, { resource }: Symptom): string {
  const latest = known.notices(resource).filter(({ isWarning }) => isWarning);
  return latest
    .slice(-3)
    .map(({ message }) => message)
    .join(' ');
}
