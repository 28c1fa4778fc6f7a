/**
 * What a container needs before it can be made and is not there: ConfigMaps, Secrets, their keys, a service account's token; and security settings that
 * contradict each other. Source: kubelet pkg/kubelet/kubelet_pods.go, pkg/volume.
 */
import type { Case } from '../case.ts';
import { deletionOf } from '../changes.ts';
import { absent, type Evidence, type Hypothesis, type Subject, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { changeBefore, changeEvidence, downTo, inNamespace, kubectlName, saysSo } from './mechanism.ts';

const BEFORE_START =
  /^(?:CreateContainerConfigError|CreateContainerError|FailedMount|ContainerCreating|FailedCreate|Unschedulable)$/;

const MISSING =
  /(configmap|secret|persistentvolumeclaim|serviceaccount)s? "(?:[^"/]+\/)?([^"]+)" (?:is )?not found|object "[^"/]*"\/"([^"]+)" not registered/gi;
const NO_KEY =
  /couldn't find key (\S+) in (ConfigMap|Secret) (?:[^/\s]+\/)?(\S+)|references non-existent (?:config|secret) key: (\S+)/i;

const KINDS: Readonly<Record<string, string>> = {
  configmap: 'ConfigMap',
  secret: 'Secret',
  persistentvolumeclaim: 'PersistentVolumeClaim',
  serviceaccount: 'ServiceAccount',
};

export function* configuration(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (!BEFORE_START.test(symptom.reason)) return;
  yield* missing(known, symptom);
  yield* missingKeys(known, symptom);
  yield* contradictions(known, symptom);
}

function* missing(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource, message } = symptom;
  const named = new Set<string>();
  for (const [, word = '', name] of `${message} ${warnings(known, symptom)}`.matchAll(MISSING))
    if (name !== undefined) named.add(`${KINDS[word.toLowerCase()]}/${name}`);
  const broken = known.dangling(resource.id).filter(({ detail }) => !detail.optional);
  const seen = new Set<string>();
  for (const { type, target } of broken) {
    const key = `${target.kind}/${target.name}`;
    if (seen.has(key) || !Object.values(KINDS).includes(target.kind)) continue;
    seen.add(key);
    const isNamed = named.delete(key);
    if (!isNamed && named.size > 0) continue;
    yield ofMissing(known, symptom, target, type, isNamed);
  }
  for (const key of named) {
    const [kind = '', name = ''] = key.split('/');
    if (known.named(resource, '', kind, name)) continue;
    yield ofMissing(known, symptom, { group: '', kind, namespace: resource.namespace, name }, undefined, true);
  }
}

function ofMissing(
  known: Case,
  symptom: Symptom,
  target: { readonly group: string; readonly kind: string; readonly namespace: string; readonly name: string },
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

function* missingKeys(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource, whole, since } = symptom;
  const found = NO_KEY.exec(`${symptom.message} ${warnings(known, symptom)}`);
  if (found === null) return;
  const [, key, kind, name, other] = found;
  const holders =
    kind === undefined || name === undefined
      ? [...known.targets(resource.id, 'MOUNTS'), ...known.targets(resource.id, 'READS')]
      : [known.named(resource, '', kind, name)].filter((one) => one !== undefined);
  for (const holder of holders) {
    const own = changeBefore(known, holder, since, ({ verb }) => verb === 'changed');
    const asked = changeBefore(
      known,
      whole,
      since,
      ({ verb, fields }) => verb === 'changed' && fields.some(({ path }) => /env|volumes/.test(path)),
    );
    const isAsker = asked !== undefined && asked.at > (own?.at ?? 0);
    const subject = isAsker ? whole : holder;
    const change = isAsker ? asked : own;
    yield {
      subject,
      reason: isAsker ? 'ReferenceToMissingKey' : `${holder.kind}KeyMissing`,
      summary: `${titleOf(holder)} has no key ${key ?? other}, which ${titleOf(whole)} needs to start.`,
      evidence: [saysSo(symptom, weights.named + weights.state), ...(change ? [changeEvidence(change, since)] : [])],
      path: isAsker ? downTo(symptom) : [titleOf(holder), 'READS', ...downTo(symptom)],
      remedy: {
        summary: 'Add the key, or refer to one that is there.',
        commands: [`kubectl edit ${kubectlName(holder)}`],
      },
    };
  }
}

const CONTRADICTION =
  /runAsNonRoot|run as root|runAsUser|non-numeric user|breaks non-root policy|subPath|cannot be used with/i;

function* contradictions(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { whole, message, since } = symptom;
  if (!CONTRADICTION.test(message)) return;
  const change = changeBefore(known, whole, since);
  yield {
    subject: whole,
    reason: 'SecurityContextRefused',
    summary: `The security settings of ${titleOf(whole)} do not fit its image: ${message}.`,
    evidence: [
      saysSo(symptom, weights.named + weights.state),
      ...(change ? [changeEvidence(change, since, weights.written)] : []),
    ],
    path: downTo(symptom),
    remedy: {
      summary: 'Mend securityContext, or use an image that runs as another user.',
      commands: [`kubectl edit ${kubectlName(whole)}`],
    },
  };
}

/** What was last warned of about who suffers. */
function warnings(known: Case, { resource }: Symptom): string {
  const latest = known.notices(resource).filter(({ isWarning }) => isWarning);
  return latest
    .slice(-3)
    .map(({ message }) => message)
    .join(' ');
}
