/**
 * A program that ends by itself: what it says of why, what it was started with, and what of that was changed. Exit codes by convention of shells and
 * container runtimes: 126 and 127 not to be executed, 128 + n ended by signal n.
 */
import { type Case, milliseconds, treeAt } from '../case.ts';
import type { ObjectChange } from '../changes.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { spoken } from './evidence.ts';
import { state, told } from './fields.ts';
import { saying } from './lines.ts';
import { inNamespace, type Mechanism, recency, saysSo } from './mechanism.ts';
import { relevantDifferences } from './mutation.ts';
import { type Said, saidAbout } from './said.ts';
import { siblingsOf } from './siblings.ts';
import { variableSource } from './template.ts';
import { ownFault, rollback, templateChange, templateEvidence } from './workload.ts';

const CRASHING =
  /^(?:CrashLoopBackOff|Error|RunContainerError|StartError|ContainerCannotRun|CreateContainerError|PostStartHookError|Unready|BackoffLimitExceeded|Failed|FailedIndexes|PodFailurePolicy)$/;

export const crash: Mechanism = function* (known, symptom) {
  const { reason, fault } = symptom;
  if (fault?.ended === 'OOMKilled' || /OOM-?killed/i.test(symptom.message)) return;
  if (!CRASHING.test(reason)) return;
  const said = saidAbout(known, symptom);
  yield* cannotStart(known, symptom, said);
  yield* hook(known, symptom);
  yield* released(known, symptom, said);
};

/** Where a field of a pod template says what is run. */
const RUN = /\.(?:command|args|image|workingDir)\b|containers\[[^\]]*\]$/;
const NO_COMMAND =
  /no command specified|executable file not found|exec: "[^"]*": (?:stat|permission|is a directory)|not a directory: unknown/i;
/** A shell that does not understand its script, a program that does not know its arguments. */
const BAD_ARGUMENTS =
  /(?:^|[\s/])(?:ba|da|a|z)?sh: [^\n]*(?:syntax error|unterminated|unexpected|bad substitution)|syntax error near unexpected token|unknown (?:flag|option|shorthand flag|command|argument)\b|flag provided but not defined|unrecognized (?:option|argument)|invalid (?:option|command[- ]line)|no such option|unexpected argument ['"]/im;
const BAD_MOUNT = /error mounting|mount a directory onto a file|failed to (?:prepare|create) subpath/i;

/** The runtime cannot even begin: the command is not there, is for another processor, may not be run. */
function* cannotStart(known: Case, symptom: Symptom, said: readonly Said[]): Iterable<Hypothesis> {
  const { whole, fault, message, reason } = symptom;
  const clue = said.find(({ clue: { type } }) => type === 'command' || type === 'architecture');
  const code = fault?.exitCode;
  const isRuntime =
    /^(?:RunContainerError|StartError|ContainerCannotRun|CreateContainerError)$/.test(reason) ||
    /StartError|ContainerCannotRun/.test(fault?.ended ?? '');
  const wrong = clue ? undefined : saying(known, symptom, BAD_ARGUMENTS);
  if (clue === undefined && wrong === undefined && code !== 126 && code !== 127 && !isRuntime) return;
  // The kubelet and the runtime did not come to terms; the program has no part in it.
  if (
    clue === undefined &&
    /context deadline exceeded|failed to reserve|is reserved for|connection error/i.test(message)
  )
    return;
  const isMount = BAD_MOUNT.test(message);
  const isPlatform = clue?.clue.type === 'architecture';
  const change = templateChange(known, symptom, isMount ? /volume/i : RUN);
  const named = clue?.clue.type === 'command' ? clue.clue.command : undefined;
  const isSure = clue !== undefined || NO_COMMAND.test(message) || isMount;
  const [why, words] = wrong
    ? ['CommandRefused', 'What it is begun with is not understood']
    : isPlatform
      ? ['ImageForOtherPlatform', 'Its image is not built for the processor of the node']
      : isMount
        ? ['MountFails', 'What it mounts does not fit to where it is mounted']
        : ['CommandNotFound', `Its command cannot be run${named === undefined ? '' : `: ${named}`}`];
  yield ownFault(symptom, {
    reason: why,
    summary: `${titleOf(whole)} cannot start. ${words}.`,
    evidence: [
      clue
        ? spoken(clue, weights.named)
        : wrong
          ? { ...wrong.evidence, weight: weights.state + weights.edge }
          : saysSo(symptom, isSure ? weights.named : weights.state),
      ...(code === 126 || code === 127 || code === 128 ? [state(`exit code ${code}`, weights.usual)] : []),
      ...(change ? [templateEvidence(change, symptom)] : []),
    ],
    remedy: isMount ? 'Mend volumes and volumeMounts.' : 'Mend command, args or image.',
  });
}

/** What it runs right after its start fails, and so it is ended. */
function* hook(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource, whole, since } = symptom;
  const notice = known
    .notices(resource)
    .findLast(({ reason, last }) => reason === 'FailedPostStartHook' && last >= since - 60_000);
  if (notice === undefined) return;
  const change = templateChange(known, symptom, /lifecycle/);
  yield ownFault(symptom, {
    reason: 'PostStartHookFails',
    summary: `What ${titleOf(whole)} runs right after its start fails, and so its container is ended.`,
    evidence: [
      told(notice.message, weights.state + weights.edge, resource, notice.last),
      ...(change ? [templateEvidence(change, symptom)] : []),
    ],
    remedy: 'Mend lifecycle.postStart.',
  });
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
  [/ontainers/, 'ContainerChangeBrokeApp', 'its containers were changed'],
  [/serviceAccount/, 'ServiceAccountChangeBrokeApp', 'it runs as another service account'],
  [/./, 'TemplateChangeBrokeApp', 'its template was changed'],
];

/** What a program says when it ends because of itself, and because of others. */
const OWN = new Set(['exception', 'variable', 'configuration', 'file', 'port-taken']);
const OTHERS = new Set(['connection', 'lookup', 'forbidden', 'unauthenticated', 'refuses', 'denied', 'certificate']);

/** The workload itself: what is run was changed, or nothing else is known. */
function* released(known: Case, symptom: Symptom, said: readonly Said[]): Iterable<Hypothesis> {
  const { whole, since, fault, reason: what, resource } = symptom;
  const change = templateChange(known, symptom, /./);
  const isCrash = what !== 'Unready';
  // Not to be ready may have many reasons; without a change nothing speaks for this one.
  if (!isCrash && change === undefined) return;
  const kind = change && KINDS_OF_CHANGE.find(([pattern]) => change.fields.some(({ path }) => pattern.test(path)));
  const own = said.find(({ clue }) => OWN.has(clue.type));
  const isOthers = own === undefined && said.some(({ clue }) => OTHERS.has(clue.type));
  const isTaken = own?.clue.type === 'port-taken';
  const variable = own?.clue.type === 'variable' ? own.clue.name : undefined;
  const source = variable === undefined ? undefined : variableSource(known, symptom, variable);
  const isGiven = source !== undefined && source.kind !== 'template';
  const ends = isCrash && fault?.exitCode === 0 && fault.ended === 'Completed';
  const evidence: Evidence[] = [saysSo(symptom, isOthers || !isCrash ? weights.usual : weights.usual + 0.7)];
  if (own) evidence.push(spoken(own, (change || variable) && !isGiven ? weights.usual : weights.edge));
  if (change) evidence.push(templateEvidence(change, symptom), ...bySiblings(known, symptom));
  if (change && wentWell(known, symptom, change))
    evidence.push(state('it ran well with that for some time', weights.othersWell, whole));
  else if (change && recency(change.at, since) < 0.5)
    evidence.push(state('it ran for long with that', -weights.usual, whole));
  if (isTaken || ends || (variable !== undefined && !change && !isGiven))
    evidence.push(state(ends ? 'it ended well, and is to go on' : 'it concerns nobody else', weights.usual, whole));
  if (relevantDifferences(known, symptom).length > 0)
    evidence.push(state('its pods are not what its template asks for', -weights.usual, whole));
  const [reason, words] = isTaken
    ? ['PortConflict', 'two of its containers want the same port']
    : variable !== undefined && !(change && kind?.[0].source.includes('env'))
      ? ['EnvironmentVariableMissing', `it lacks variable ${variable}`]
      : ends && !change
        ? ['ContainerExits', 'its program comes to its end, and is begun again']
        : [kind?.[1] ?? 'ApplicationError', kind?.[2] ?? 'the program itself ends'];
  yield ownFault(symptom, {
    reason,
    summary: `${titleOf(whole)} does not run: ${words}.`,
    evidence,
    remedy: change ? 'Go back to the revision before, or mend what was changed.' : 'Read the logs of its containers.',
    commands: change
      ? rollback(whole)
      : [
          `kubectl logs ${resource.name}${inNamespace(resource)}${fault?.container ? ` -c ${fault.container}` : ''} --previous`,
        ],
  });
}

/** Whether it ran well between a change and the onset: its pods are older than the onset and begun after the change, or its status said so then. */
function wentWell(known: Case, { whole, resource, since }: Symptom, { at }: ObjectChange): boolean {
  const begun = milliseconds(known.object(resource.id)?.metadata.creationTimestamp);
  if (resource.kind === 'Pod' && begun >= at - 5_000 && since - begun > WELL_MS) return true;
  return known.estate.versions(whole.id).some(({ at: seen, object }) => {
    const time = milliseconds(seen);
    if (time <= at || since - time < WELL_MS / 4) return false;
    const status = treeAt(object, 'status');
    const count = (field: string): number => Number(status?.[field] ?? 0);
    const wanted = Number(treeAt(object, 'spec')?.['replicas'] ?? count('desiredNumberScheduled'));
    const isSeen = count('observedGeneration') >= Number(treeAt(object, 'metadata')?.['generation'] ?? 0);
    const updated = count('updatedReplicas') + count('updatedNumberScheduled');
    const ready = count('availableReplicas') + count('numberAvailable');
    const isAlone = count('replicas') <= Math.max(updated, wanted);
    return isSeen && isAlone && wanted > 0 && updated >= wanted && ready >= wanted;
  });
}

/** What ran for so long did not fail because of what it was begun with. */
const WELL_MS = 2 * 60_000;

/** A change that is at fault has pods of before well, and none of after. */
function* bySiblings(known: Case, symptom: Symptom): Iterable<Evidence> {
  const { sameWell, olderWell, olderIll } = siblingsOf(known, symptom);
  const { whole } = symptom;
  if (olderIll.length > 0 && olderWell.length === 0)
    yield state('pods of the revision before fail, too', weights.othersWell, whole);
  else if (olderWell.length > 0) yield state('pods of the revision before are well', weights.usual, whole);
  if (sameWell.length > 0) yield state('other pods of the same revision are well', weights.othersWell / 2, whole);
}
