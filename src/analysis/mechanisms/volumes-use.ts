/**
 * Files that cannot be written: the volume is full, it may not be written to, or only be read; and what else a program may use up that its workload
 * bounds. Which volume stands in the path that the program names.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, treeAt } from '../case.ts';
import { absent, type Evidence, type Hypothesis, type Subject, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { state } from './fields.ts';
import { saying } from './lines.ts';
import { downTo, kubectlName, type Mechanism, saysSo } from './mechanism.ts';
import { containerOf, type Mount, mountAt, mountsOf, pathsIn } from './template.ts';
import { ownFault, templateChange, templateEvidence } from './workload.ts';

export const volumesUse: Mechanism = function* (known, symptom) {
  if (symptom.resource.kind === 'Node' || /^(?:FailedCreate|Unschedulable)$|^ErrImage|^ImagePull/.test(symptom.reason))
    return;
  yield* filling(symptom);
  yield* full(known, symptom);
  yield* readOnly(known, symptom);
  yield* denied(known, symptom);
  yield* bounded(known, symptom);
};

/** Somebody watches how full a claim is. */
function* filling(symptom: Symptom): Iterable<Hypothesis> {
  const { resource, reason, message, isTold } = symptom;
  if (resource.kind !== 'PersistentVolumeClaim' || !isTold) return;
  if (!/fill|full|free|space|usage|inodes|capacity/i.test(`${reason} ${message}`)) return;
  yield ofClaim(symptom, resource, 'VolumeFull', 'is (nearly) full', [saysSo(symptom, weights.named)]);
}

const FULL =
  /no space left on device|ENOSPC|disk quota exceeded|EDQUOT|disk (?:is )?full|could not extend file|not enough (?:disk )?space/i;

function* full(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const line = saying(known, symptom, FULL);
  if (line === undefined || /inotify|fsnotify|watch/i.test(line.text)) return;
  const { resource, whole } = symptom;
  const mounts = mountsOf(known, resource);
  const mount = mountIn(mounts, line.text);
  const said = { ...line.evidence, weight: weights.state };
  if (/\/dev\/shm/.test(line.text) && mount?.source !== 'persistentVolumeClaim') {
    yield ownFault(symptom, {
      reason: 'SharedMemoryTooSmall',
      summary: `${titleOf(whole)} needs more shared memory (/dev/shm) than it has.`,
      evidence: [
        { ...said, weight: weights.named },
        ...changeOf(known, symptom, /resources|olumes|\.image$|\.args|\.env/),
      ],
      remedy: 'Mount an emptyDir with medium Memory at /dev/shm, and of the size that it needs.',
    });
    return;
  }
  const claims = mounts.filter(
    ({ source, volume }) => source === 'persistentVolumeClaim' || source === 'ephemeral' || 'claimName' in volume,
  );
  const likely = mount ? [mount] : claims;
  for (const one of likely) {
    const claim = claimOf(known, resource, one);
    if (claim)
      yield ofClaim(symptom, claim, 'VolumeFull', 'is full', [
        said,
        state(
          `it is mounted at ${one.path}`,
          mount ? weights.state : claims.length === 1 ? weights.usual : weights.edge,
          claim,
        ),
      ]);
    else if (one.source === 'emptyDir')
      yield ownFault(symptom, {
        reason: 'EmptyDirFull',
        summary: `${titleOf(whole)} fills its volume at ${one.path}.`,
        evidence: [
          said,
          state(
            `${one.path} is an emptyDir`,
            treeAt(one.volume, 'emptyDir')?.['sizeLimit'] === undefined ? weights.edge : weights.state,
            whole,
          ),
          ...changeOf(known, symptom, /olumes|\.image$/),
        ],
        remedy: 'Raise its sizeLimit, or give it a volume of its own.',
      });
  }
}

const READ_ONLY = /read-only file ?system|EROFS|file system is read-only|read only file system/i;

function* readOnly(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const line = saying(known, symptom, READ_ONLY);
  if (line === undefined) return;
  const { resource, whole } = symptom;
  const mount = mountIn(mountsOf(known, resource), line.text);
  const isRoot = treeAt(containerOf(known, symptom), 'securityContext')?.['readOnlyRootFilesystem'] === true;
  const claim = mount && !mount.readOnly ? claimOf(known, resource, mount) : undefined;
  const said = { ...line.evidence, weight: weights.state };
  if (claim) {
    yield ofClaim(symptom, claim, 'VolumeReadOnly', 'can only be read', [
      said,
      state(`it is mounted at ${mount?.path}, to be written`, weights.state, claim),
    ]);
    return;
  }
  const why = mount
    ? `${mount.path} is mounted to be read`
    : isRoot
      ? 'its root file system may only be read'
      : undefined;
  yield ownFault(symptom, {
    reason: mount ? 'VolumeReadOnly' : 'ReadOnlyRootFilesystem',
    summary: `${titleOf(whole)} writes where it may only read${mount ? `, at ${mount.path}` : ''}.`,
    evidence: [
      said,
      ...(why === undefined ? [] : [state(why, weights.state, whole)]),
      ...changeOf(known, symptom, /securityContext|olume/),
    ],
    remedy: 'Mount a volume where it writes, or let it write elsewhere.',
  });
}

const DENIED =
  /(?:permission denied|EACCES|operation not permitted|EPERM|not writable|can(?:not|'t) create (?:directory|file)|failed to create directory|unable to write|mkdir:? cannot)/i;
const AS_ROOT =
  /(?:must|can|should)(?: ?not|n't) (?:be )?(?:run|started?|executed?)[^\n]{0,40} as (?:the )?["']?root|root["']? execution|as root is not|refus\w* to run as root|(?:must|please) be run as (?:a )?non-?root|do not run[^\n]{0,30} as root|running as root is (?:not|dis)/i;
const NOT_ROOT =
  /must be (?:run|started|executed) as root|need(?:s)? to be root|are you root\?|requires? root(?: privileges| access)?\b|not running as root/i;

/** A user that may not do what the program does. */
function* denied(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource, whole } = symptom;
  const refused = saying(known, symptom, AS_ROOT) ?? saying(known, symptom, NOT_ROOT);
  const line = refused ?? saying(known, symptom, DENIED);
  if (line === undefined || (!refused && !/\/|bind|listen|mkdir|chown|chmod|set(?:uid|gid|groups)/i.test(line.text)))
    return;
  // A database speaks of tables in the same words, a runtime of what it cannot execute.
  if (/for (?:table|relation|schema|database|user)|exec: "/i.test(line.text)) return;
  const mount = refused ? undefined : mountIn(mountsOf(known, resource), line.text);
  const context = [
    treeAt(containerOf(known, symptom), 'securityContext'),
    treeAt(treeAt(known.object(resource.id), 'spec'), 'securityContext'),
  ];
  const isBounded = context.some((one) => one && Object.keys(one).length > 0);
  yield ownFault(symptom, {
    reason: mount ? 'VolumePermissionDenied' : 'SecurityContextRefused',
    summary: mount
      ? `${titleOf(whole)} may not use its volume at ${mount.path}: it runs as a user that it does not belong to.`
      : `${titleOf(whole)} runs as a user that may not do what it does.`,
    evidence: [
      { ...line.evidence, weight: refused ? weights.named : weights.state },
      ...(mount ? [state(`${mount.path} is its volume`, weights.usual, whole)] : []),
      ...(isBounded ? [state('it has security settings', weights.edge, whole)] : []),
      ...changeOf(known, symptom, /securityContext|olume|\.image$/),
    ],
    remedy: mount
      ? 'Set fsGroup, or runAsUser to the owner of the volume.'
      : 'Mend runAsUser, fsGroup or capabilities.',
  });
}

/** What a program has used up of, that only its workload or its node can give more of. */
const BOUNDS: readonly (readonly [pattern: RegExp, reason: string, words: string])[] = [
  [
    /too many open files|EMFILE|ENFILE|file descriptor limit|ulimit/i,
    'TooManyOpenFiles',
    'has more files open than it may',
  ],
  [
    /cannot assign requested address|EADDRNOTAVAIL|address not available/i,
    'PortsExhausted',
    'has no more ports for its connections',
  ],
  [
    /pthread_create|unable to create (?:new )?native thread|resource temporarily unavailable[^\n]*fork|fork[^\n]*resource temporarily unavailable|can't start new thread/i,
    'TooManyProcesses',
    'runs more processes or threads than it may',
  ],
  [
    /inotify|fsnotify[^\n]*(?:no space|too many)|user limit on total number of inotify/i,
    'TooManyWatches',
    'watches more files than its node lets it',
  ],
];

function* bounded(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  for (const [pattern, reason, words] of BOUNDS) {
    const line = saying(known, symptom, pattern);
    if (line === undefined) continue;
    yield ownFault(symptom, {
      reason,
      summary: `${titleOf(symptom.whole)} ${words}.`,
      evidence: [
        { ...line.evidence, weight: weights.state + weights.edge },
        ...changeOf(known, symptom, /resources|securityContext|\.image$|\.env|\.args/),
      ],
      remedy: 'Raise the limit, or let it use less.',
    });
    return;
  }
}

function changeOf(known: Case, symptom: Symptom, matters: RegExp): readonly Evidence[] {
  const change = templateChange(known, symptom, matters);
  return change ? [templateEvidence(change, symptom)] : [];
}

/** The mount that a text speaks of, by the paths in it. */
function mountIn(mounts: readonly Mount[], said: string): Mount | undefined {
  for (const path of pathsIn(said)) {
    const mount = mountAt(mounts, path);
    if (mount) return mount;
  }
  return undefined;
}

function claimOf(known: Case, pod: Resource, { source, names, volume }: Mount): Subject | undefined {
  const [name] = source === 'ephemeral' ? [`${pod.name}-${String(volume['name'])}`] : names;
  if (name === undefined || !/^(?:persistentVolumeClaim|ephemeral)$/.test(source)) return undefined;
  const target = { group: '', kind: 'PersistentVolumeClaim', namespace: pod.namespace, name };
  return known.named(pod, '', target.kind, name) ?? absent(pod, target);
}

function ofClaim(
  symptom: Symptom,
  claim: Subject,
  reason: string,
  words: string,
  evidence: readonly Evidence[],
): Hypothesis {
  return {
    subject: claim,
    reason,
    summary: `${titleOf(claim)}, to which ${titleOf(symptom.whole)} writes, ${words}.`,
    evidence,
    path: [titleOf(claim), 'CLAIMS', ...downTo(symptom)],
    remedy: {
      summary:
        reason === 'VolumeFull'
          ? 'Ask for more storage, where its class can be expanded, or make room.'
          : 'See what its storage says.',
      commands: [`kubectl describe ${kubectlName(claim)}`],
    },
  };
}
