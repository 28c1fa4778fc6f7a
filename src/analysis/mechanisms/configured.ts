/**
 * ConfigMaps and Secrets that a program reads and does not run with: one that was changed shortly before, or that what it says speaks of. One that it
 * reads, and that nobody touched, is no cause.
 */
import type { FieldChange } from '../../model/field-changes.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, listAt, milliseconds, text, treeAt } from '../case.ts';
import { containersOf, type ObjectChange, podSpecOf } from '../changes.ts';
import type { Clue } from '../clues.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { changed, spoken } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { type Line, linesAbout } from './lines.ts';
import { downTo, kubectlName, type Mechanism } from './mechanism.ts';
import { type Said, saidAbout } from './said.ts';
import { isWellSince } from './siblings.ts';
import { mountAt, mountsOf, pathsIn, takenWhole, variableSource } from './template.ts';

const SUFFERING =
  /^(?:CrashLoopBackOff|Error|OOMKilled|RunContainerError|StartError|ContainerCannotRun|CreateContainerError|Unready|InitStuck|BackoffLimitExceeded|Failed)$/;
const READING = ['MOUNTS', 'READS', 'READS_SECRET', 'USES_SECRET'];
/** What Kubernetes puts into every namespace. */
const USUAL = /^(?:kube-root-ca\.crt|openshift-service-ca\.crt|istio-ca-root-cert)$/;

export const configured: Mechanism = function* (known, symptom) {
  if (!SUFFERING.test(symptom.reason)) return;
  const said = saidAbout(known, symptom);
  for (const { holder, type } of holdersOf(known, symptom)) {
    const hypothesis = ofHolder(known, symptom, said, holder, type);
    if (hypothesis) yield hypothesis;
  }
};

interface Holding {
  readonly holder: Resource;
  readonly type: string;
}

/** What the pod reads; of what is gone, what its template says. */
function holdersOf(known: Case, { resource, whole }: Symptom): readonly Holding[] {
  const holders = new Map<string, Holding>();
  for (const reader of resource.kind === 'Pod' ? [resource] : [resource, whole])
    for (const type of READING)
      for (const holder of known.targets(reader.id, type))
        if (/^(?:ConfigMap|Secret)$/.test(holder.kind) && !USUAL.test(holder.name))
          holders.set(holder.id, { holder, type });
  return [...holders.values()];
}

function ofHolder(
  known: Case,
  symptom: Symptom,
  said: readonly Said[],
  holder: Resource,
  type: string,
): Hypothesis | undefined {
  const { since, whole, resource, fault } = symptom;
  const change = changeOf(known, symptom, holder);
  const clue = said.find((one) => speaksOf(known, one.clue, symptom, holder, change));
  const isLost = clue?.clue.type === 'file' && lacks(known, resource, holder, clue.clue.path);
  const file = fileOf(known, symptom, holder);
  const isGiver = clue?.clue.type === 'variable' && givesVariable(known, symptom, holder, clue.clue.name) === 'key';
  if (change === undefined && clue?.clue.type !== 'file' && !isGiver && !file) return undefined;
  const isOom = fault?.ended === 'OOMKilled' && !clue;
  const isOfMemory = change?.fields.some(({ path }) => MEMORY.test(path)) ?? false;
  const evidence: Evidence[] = [
    { kind: 'edge', text: `${titleOf(resource)} ${type} ${titleOf(holder)}`, resource: holder, weight: weights.edge },
    ...changed(change, since, isOom && !isOfMemory ? 0.5 : 1),
  ];
  if (isOom && isOfMemory)
    evidence.push(state('what was changed decides how much memory it uses', weights.usual, holder));
  if (clue) evidence.push(spoken(clue, weights.state));
  if (file) evidence.push({ ...file.evidence, weight: clue ? weights.usual : weights.state + weights.usual });
  if (isGiver) evidence.push(state('the variable that is missing has its value from there', weights.usual, holder));
  if (isLost) evidence.push(state('it has no such file', weights.state, holder));
  evidence.push(...against(known, symptom, holder, change));
  return {
    subject: holder,
    reason: change ? `${holder.kind}ChangeBrokeApp` : `${holder.kind}${isLost ? 'KeyMissing' : 'BreaksApp'}`,
    summary: `${titleOf(whole)} does not run with what ${titleOf(holder)} says${change ? ' since it was changed' : ''}.`,
    evidence,
    path: [titleOf(holder), type, ...downTo(symptom)],
    remedy: {
      summary: change
        ? `Take back what was changed in ${titleOf(holder)}, then restart.`
        : `Mend ${titleOf(holder)}, then restart.`,
      commands: [`kubectl edit ${kubectlName(holder)}`, `kubectl rollout restart ${kubectlName(whole)}`],
    },
  };
}

/** Settings that decide how much memory is used. */
const MEMORY = /mem|heap|cache|buffer|pool|worker|thread|concurren|batch|limit|size|xm[xs]|opts/i;

/** The last change of its content, or its making anew long after who reads it. Only keys that are read count. */
function changeOf(known: Case, symptom: Symptom, holder: Resource): ObjectChange | undefined {
  const { since, whole } = symptom;
  const keys = keysRead(known, symptom, holder);
  const pattern = patternOf(keys);
  const ways = keys === undefined ? [['data'], ['stringData']] : [...keys].map((key) => ['data', key]);
  const changes = ways
    .map((way) => fieldChange(known, holder, since, pattern, ...way))
    .filter((one) => one !== undefined);
  const [change] = changes.sort((a, b) => b.at - a.at);
  if (change) return change;
  const created = milliseconds(known.object(holder.id)?.metadata.creationTimestamp);
  const isAnew = created > milliseconds(known.object(whole.id)?.metadata.creationTimestamp) + 60_000;
  return isAnew && created <= since
    ? { at: created, verb: 'created', resource: holder, fields: [], known: 'written' }
    : undefined;
}

/** Paths of all of its content, or of some keys of it: `data.level`, `data["app.yaml"]`, or `data` when all of it came or went. */
function patternOf(keys: ReadonlySet<string> | undefined): RegExp {
  const content = '^(?:data|binaryData|stringData)';
  if (keys === undefined) return new RegExp(`${content}\\b`);
  const names = [...keys].map((key) => key.replaceAll('.', '\\.')).join('|');
  return new RegExp(`${content}(?:$|\\.(?:${names})$|\\["(?:${names})"\\])`);
}

/** Keys that a pod reads one by one; undefined where it reads all. */
function keysRead(
  known: Case,
  { resource, whole }: Symptom,
  { kind, name }: Resource,
): ReadonlySet<string> | undefined {
  const keys = new Set<string>();
  const object = resource.kind === 'Pod' ? known.object(resource.id) : known.object(whole.id);
  const [reference, source, field] =
    kind === 'Secret' ? ['secretKeyRef', 'secretRef', 'secret'] : ['configMapKeyRef', 'configMapRef', 'configMap'];
  for (const container of containersOf(object)) {
    if (listAt(container, 'envFrom').some((one) => treeAt(one, source)?.['name'] === name)) return undefined;
    for (const variable of listAt(container, 'env')) {
      const from = treeAt(treeAt(variable, 'valueFrom'), reference);
      if (from?.['name'] === name) keys.add(text(from['key']));
    }
  }
  for (const volume of listAt(podSpecOf(object), 'volumes')) {
    const parts = [
      treeAt(volume, field),
      ...listAt(treeAt(volume, 'projected'), 'sources').map((one) => treeAt(one, field)),
    ];
    for (const part of parts) {
      if ((part?.['name'] ?? part?.['secretName']) !== name) continue;
      const items = listAt(part, 'items');
      if (items.length === 0) return undefined;
      for (const item of items) keys.add(text(item['key']));
    }
  }
  return keys.size === 0 ? undefined : keys;
}

/** A program that speaks of its configuration, of a file of it, of a key that changed, or of credentials. */
function speaksOf(
  known: Case,
  clue: Clue,
  symptom: Symptom,
  holder: Resource,
  change: ObjectChange | undefined,
): boolean {
  const { resource } = symptom;
  switch (clue.type) {
    case 'configuration':
      return holder.kind === 'ConfigMap';
    case 'unauthenticated':
      return holder.kind === 'Secret' && isOfCredentials(known, resource, holder);
    case 'file':
      return (
        clue.how !== 'denied' &&
        mountsOf(known, resource).some(({ path, names }) => names.includes(holder.name) && clue.path.startsWith(path))
      );
    case 'variable':
      return (
        (change?.fields.some(({ path }) => path.includes(clue.name)) ?? false) ||
        givesVariable(known, symptom, holder, clue.name) !== undefined
      );
    case 'connection':
    case 'lookup':
      return change?.fields.some((field) => mentionsHost(field, clue.host)) ?? false;
    default:
      return false;
  }
}

const COMPLAINT =
  /error|invalid|unknown|unexpected|emerg|fatal|fail|pars|cannot|can't|bad\b|syntax|malformed|line \d+/i;

/** What is said of a file that the holder is mounted as, or of the directory that it is. */
function fileOf(known: Case, symptom: Symptom, holder: Resource): Line | undefined {
  const mounts = mountsOf(known, symptom.resource);
  if (!mounts.some(({ names }) => names.includes(holder.name))) return undefined;
  return linesAbout(known, symptom).find(
    ({ text: said }) =>
      COMPLAINT.test(said) &&
      !/permission denied|read-only/i.test(said) &&
      pathsIn(said).some((path) => mountAt(mounts, path)?.names.includes(holder.name) === true),
  );
}

/** Whether a variable has its value from a key of the holder, or could have it from any of its keys. */
function givesVariable(
  known: Case,
  symptom: Symptom,
  { kind, name }: Resource,
  variable: string,
): 'key' | 'any' | undefined {
  const source = variableSource(known, symptom, variable);
  if (source) return source.kind === kind && source.name === name ? 'key' : undefined;
  return takenWhole(known, symptom).has(`${kind}/${name}`) ? 'any' : undefined;
}

function mentionsHost({ after }: FieldChange, host: string): boolean {
  return typeof after === 'string' && host !== '' && after.toLowerCase().includes(host);
}

/** A Secret that is no certificate, and of several the one whose keys or name speak of credentials. */
function isOfCredentials(known: Case, pod: Resource, holder: Resource): boolean {
  const object = known.object(holder.id);
  if (/tls|dockerconfig|service-account-token/.test(text(object?.['type']))) return false;
  const others = READING.flatMap((type) => known.targets(pod.id, type)).filter(
    ({ kind, id }) => kind === 'Secret' && id !== holder.id,
  );
  const words = `${holder.name} ${Object.keys(treeAt(object, 'data') ?? {}).join(' ')}`;
  return others.length === 0 || /pass|user|cred|token|auth|secret|key|login|dsn|url/i.test(words);
}

/** Whether a path lies in a mounted ConfigMap, and is none of its keys. */
function lacks(known: Case, pod: Resource, holder: Resource, path: string): boolean {
  const object = known.object(holder.id);
  const keys = new Set([
    ...Object.keys(treeAt(object, 'data') ?? {}),
    ...Object.keys(treeAt(object, 'binaryData') ?? {}),
  ]);
  return mountsOf(known, pod).some((mount) => {
    if (!mount.names.includes(holder.name) || !path.startsWith(mount.path)) return false;
    const file = path.slice(mount.path.length).replace(/^\//, '');
    return file !== '' && !keys.has(file) && listAt(treeAt(mount.volume, mount.source), 'items').length === 0;
  });
}

/** Pods that were begun after the change and are well. */
function* against(
  known: Case,
  { whole, resource }: Symptom,
  holder: Resource,
  change: ObjectChange | undefined,
): Iterable<Evidence> {
  const users = READING.flatMap((type) => known.sources(holder.id, type)).filter(
    ({ id, kind }) => kind === 'Pod' && id !== resource.id,
  );
  const well = users.filter((pod) => isWellSince(known, pod, change?.at ?? 0));
  if (well.some((pod) => known.whole(pod).id === whole.id))
    yield state('pods of the same workload that were begun since are well', weights.othersWell, holder);
  else if (well.length > 0)
    yield state('others that read it, and were begun since, are well', weights.othersWell / 2, holder);
}
