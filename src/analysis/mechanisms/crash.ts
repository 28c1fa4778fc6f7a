/**
 * A program that ends by itself: what it says of why, what it was started with, and what of that was changed. Exit codes by convention of shells and
 * container runtimes: 126 and 127 not to be executed, 128 + n ended by signal n.
 */
import type { FieldChange } from '../../model/field-changes.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, treeAt } from '../case.ts';
import { containersOf, type ObjectChange } from '../changes.ts';
import type { Clue } from '../clues.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { changeBefore, changeEvidence, downTo, kubectlName, recency, saysSo } from './mechanism.ts';
import { type Said, saidAbout } from './said.ts';

const CRASHING =
  /^(?:CrashLoopBackOff|Error|RunContainerError|StartError|ContainerCannotRun|CreateContainerError|Unready|InitStuck|BackoffLimitExceeded|Failed)$/;

export function* crash(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (!CRASHING.test(symptom.reason) || symptom.fault?.ended === 'OOMKilled') return;
  const said = saidAbout(known, symptom);
  yield* cannotStart(known, symptom, said);
  yield* configured(known, symptom, said);
  yield* released(known, symptom, said);
}

/** Where a field of a pod template says what is run. */
const RUN = /\.(?:command|args|image|workingDir)\b/;

/** The runtime cannot even begin: the command is not there, is for another processor, may not be run. */
function* cannotStart(known: Case, symptom: Symptom, said: readonly Said[]): Iterable<Hypothesis> {
  const { whole, since, fault, message, reason } = symptom;
  const clue = said.find(({ clue: { type } }) => type === 'command' || type === 'architecture');
  const code = fault?.exitCode;
  const isRuntime =
    /^(?:RunContainerError|StartError|ContainerCannotRun|CreateContainerError)$/.test(reason) ||
    /StartError|ContainerCannotRun/.test(fault?.ended ?? '');
  if (clue === undefined && code !== 126 && code !== 127 && !isRuntime) return;
  const change = changeBefore(known, whole, since, ({ fields }) => fields.some(({ path }) => RUN.test(path)));
  const why = clue?.clue.type === 'architecture' ? 'ImageForOtherPlatform' : 'CommandNotFound';
  yield {
    subject: whole,
    reason: why,
    summary:
      why === 'CommandNotFound'
        ? `The command of ${titleOf(whole)} cannot be run${clue?.clue.type === 'command' ? `: ${clue.clue.command} is not in the image` : ''}.`
        : `The image of ${titleOf(whole)} is not built for the processor of the node.`,
    evidence: [
      clue ? { ...clue.evidence, weight: weights.named } : saysSo(symptom, weights.state),
      ...(code === 126 || code === 127 || code === 128
        ? [{ kind: 'state' as const, text: `exit code ${code}`, weight: weights.usual }]
        : []),
      ...(message !== '' && clue === undefined ? [saysSo(symptom, weights.usual)] : []),
      ...(change ? [changeEvidence(change, since)] : []),
    ],
    path: downTo(symptom),
    remedy: { summary: 'Mend command, args or image.', commands: rollback(whole) },
  };
}

/** ConfigMaps and Secrets that it reads: one that was changed shortly before, or that what it says speaks of. */
function* configured(known: Case, symptom: Symptom, said: readonly Said[]): Iterable<Hypothesis> {
  const { resource, since } = symptom;
  const holders = new Map<string, { readonly holder: Resource; readonly type: string }>();
  for (const type of ['MOUNTS', 'READS', 'READS_SECRET', 'USES_SECRET'])
    for (const holder of known.targets(resource.id, type))
      if (/^(?:ConfigMap|Secret)$/.test(holder.kind) && holder.name !== 'kube-root-ca.crt')
        holders.set(holder.id, { holder, type });
  for (const { holder, type } of holders.values()) {
    const change = changeBefore(known, holder, since, matters);
    const spoken = said.find(({ clue }) => speaksOf(known, clue, symptom, holder, change));
    if (change === undefined && spoken?.clue.type !== 'file') continue;
    const isSecret = holder.kind === 'Secret';
    const evidence: Evidence[] = [
      { kind: 'edge', text: `${titleOf(resource)} ${type} ${titleOf(holder)}`, resource: holder, weight: weights.edge },
    ];
    if (change)
      evidence.push(changeEvidence(change, since, change.fields.length > 0 ? weights.changed : weights.written));
    if (spoken) evidence.push({ ...spoken.evidence, weight: weights.state });
    if (holdsForOthers(known, symptom, holder))
      evidence.push({
        kind: 'state',
        text: 'others that read it are well',
        resource: holder,
        weight: weights.othersWell / 2,
      });
    yield {
      subject: holder,
      reason: isSecret ? 'SecretChangeBrokeApp' : change ? 'ConfigMapChangeBrokeApp' : 'ConfigMapBreaksApp',
      summary: `${titleOf(symptom.whole)} does not run with what ${titleOf(holder)} says${change ? ' since it was changed' : ''}.`,
      evidence,
      path: [titleOf(holder), type, ...downTo(symptom)],
      remedy: {
        summary: `Take back what was changed in ${titleOf(holder)}, then restart.`,
        commands: [`kubectl edit ${kubectlName(holder)}`, `kubectl rollout restart ${kubectlName(symptom.whole)}`],
      },
    };
  }
}

function matters({ verb, fields, known }: ObjectChange): boolean {
  if (verb !== 'changed') return false;
  return known === 'written' || fields.some(({ path }) => /^(?:data|binaryData|stringData|immutable)\b/.test(path));
}

/** A program that speaks of its configuration, of a file of it, of a key that changed, or of credentials. */
function speaksOf(
  known: Case,
  clue: Clue,
  { resource }: Symptom,
  holder: Resource,
  change: ObjectChange | undefined,
): boolean {
  switch (clue.type) {
    case 'configuration':
      return holder.kind === 'ConfigMap';
    case 'unauthenticated':
      return holder.kind === 'Secret';
    case 'file':
      return mountPaths(known, resource, holder).some((path) => clue.path.startsWith(path));
    case 'variable':
      return change?.fields.some(({ path }) => path.includes(clue.name)) ?? false;
    case 'connection':
    case 'lookup':
      return change?.fields.some((field) => mentionsHost(field, clue.host)) ?? false;
    default:
      return false;
  }
}

function mentionsHost({ after }: FieldChange, host: string): boolean {
  return typeof after === 'string' && host !== '' && after.toLowerCase().includes(host);
}

type Tree = Readonly<Record<string, unknown>>;

/** Where a pod mounts a ConfigMap or Secret. */
function mountPaths(known: Case, pod: Resource, { kind, name }: Resource): readonly string[] {
  const spec = treeAt(known.object(pod.id), 'spec') as { volumes?: readonly Tree[] } | undefined;
  const volumes = (spec?.volumes ?? []).filter((volume) => {
    const text = JSON.stringify(
      kind === 'Secret'
        ? (volume['secret'] ?? volume['projected'] ?? '')
        : (volume['configMap'] ?? volume['projected'] ?? ''),
    );
    return text.includes(`"${name}"`);
  });
  const wanted = new Set(volumes.map((volume) => volume['name']));
  return containersOf(known.object(pod.id)).flatMap((container) =>
    ((container['volumeMounts'] as readonly Tree[] | undefined) ?? [])
      .filter((mount) => wanted.has(mount['name']))
      .map((mount) => String(mount['mountPath'])),
  );
}

/** Whether pods of other workloads read the same and are ready. */
function holdsForOthers(known: Case, { whole }: Symptom, holder: Resource): boolean {
  for (const type of ['MOUNTS', 'READS', 'READS_SECRET', 'USES_SECRET'])
    for (const user of known.sources(holder.id, type))
      if (user.kind === 'Pod' && user.health.status === 'healthy' && known.whole(user).id !== whole.id) return true;
  return false;
}

/** Fields of a template by what a change of them can break. */
const KINDS_OF_CHANGE: readonly (readonly [pattern: RegExp, reason: string, words: string])[] = [
  [/\.(?:command|args|workingDir)\b/, 'CommandChangeBrokeApp', 'its command was changed'],
  [/\.image$/, 'BadRelease', 'its image was changed'],
  [/\.env\b|\.envFrom\b/, 'EnvironmentChangeBrokeApp', 'its environment was changed'],
  [/volumeMounts|volumes/, 'VolumeChangeBrokeApp', 'its volumes were changed'],
  [/securityContext/, 'SecurityContextChangeBrokeApp', 'its security settings were changed'],
  [/[pP]robe\b/, 'ProbeChangeBrokeApp', 'its probes were changed'],
  [/resources/, 'ResourcesChangeBrokeApp', 'its resources were changed'],
  [/containers/, 'ContainerChangeBrokeApp', 'its containers were changed'],
  [/serviceAccount/, 'ServiceAccountChangeBrokeApp', 'it runs as another service account'],
  [/^spec\.template\.spec/, 'TemplateChangeBrokeApp', 'its template was changed'],
];

/** The workload itself: what is run was changed, or nothing else is known. */
function* released(known: Case, symptom: Symptom, said: readonly Said[]): Iterable<Hypothesis> {
  const { whole, since } = symptom;
  const change = changeBefore(
    known,
    whole,
    since,
    ({ verb, fields }) => verb === 'changed' && fields.some(({ path }) => path.startsWith('spec.template.spec')),
  );
  const fields = change?.fields.filter(({ path }) => path.startsWith('spec.template.spec')) ?? [];
  const [, reason, words] = KINDS_OF_CHANGE.find(([pattern]) => fields.some(({ path }) => pattern.test(path))) ?? [
    undefined,
    'ApplicationError',
    'the program itself ends',
  ];
  const variable = said.find(({ clue }) => clue.type === 'variable');
  const relevant = said.find(({ clue }) =>
    ['exception', 'variable', 'configuration', 'file', 'port-taken'].includes(clue.type),
  );
  const evidence: Evidence[] = [saysSo(symptom, weights.usual)];
  if (relevant) evidence.push({ ...relevant.evidence, weight: change || variable ? weights.usual : weights.edge });
  if (change) evidence.push(changeEvidence(change, since, fields.length > 0 ? weights.changed : weights.written));
  if (change && recency(change.at, since) < 0.5)
    evidence.push({ kind: 'state', text: 'it ran for long with that', resource: whole, weight: -weights.usual });
  const isTaken = relevant?.clue.type === 'port-taken';
  yield {
    subject: whole,
    reason: isTaken ? 'PortConflict' : variable && !change ? 'EnvironmentVariableMissing' : reason,
    summary: `${titleOf(whole)} does not run: ${isTaken ? 'two of its containers want the same port' : variable && !change ? 'it lacks a variable' : words}.`,
    evidence:
      isTaken || (variable && !change)
        ? [...evidence, { kind: 'state', text: 'its own template says so', resource: whole, weight: weights.state }]
        : evidence,
    path: downTo(symptom),
    remedy: {
      summary: change
        ? 'Go back to the revision before, or mend what was changed.'
        : 'Read the logs of its containers.',
      commands: change ? rollback(whole) : [`kubectl logs ${kubectlName(symptom.resource)} --previous`],
    },
  };
}

function rollback(whole: Resource): readonly string[] {
  const canUndo = /^(?:Deployment|StatefulSet|DaemonSet)$/.test(whole.kind);
  return canUndo ? [`kubectl rollout undo ${kubectlName(whole)}`] : [`kubectl edit ${kubectlName(whole)}`];
}
