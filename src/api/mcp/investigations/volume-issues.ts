/** check_volume_issues: claims that are not bound, volumes that cannot be mounted, attached, provisioned or resized. */
import type { KubeObject } from '../../../model/change.ts';
import { eventsIn, type ToldEvent } from './events.ts';
import { type Investigation, namespaceArgument } from './investigation.ts';
import { coursesIn, episodesOf, type Symptom } from './observed.ts';
import { type Condition, conditionOf, type Pod } from './pod-symptoms.ts';
import { episodeText, eventText, inOrder, report } from './report.ts';

interface Claim extends KubeObject {
  readonly spec?: {
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly source?: { readonly persistentVolumeName?: string };
    readonly nodeName?: string;
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly Condition[];
    readonly attachError?: { readonly message?: string; readonly time?: string };
    readonly detachError?: { readonly message?: string; readonly time?: string };
  };
}

const CLAIMS = 'Claims that are not bound';
const VOLUMES = 'Volumes that failed';
const ATTACH = 'Volumes that cannot be attached or detached';
const RESIZE = 'Resizing';
const SCHEDULE = 'Pods not scheduled because of volumes';

const CLAIM = { group: '', kind: 'PersistentVolumeClaim' };
const KINDS = [
  CLAIM,
  { group: '', kind: 'PersistentVolume' },
  { group: 'storage.k8s.io', kind: 'VolumeAttachment' },
  { group: '', kind: 'Pod' },
];

/** Kinds of which every warning is about volumes. */
const OF_VOLUMES = new Set(['PersistentVolumeClaim', 'PersistentVolume', 'VolumeAttachment', 'StorageClass']);
/** Reasons that kubelets and controllers give on pods and nodes when a volume is the matter (kubernetes pkg/kubelet/events, pkg/controller/volume/events). */
const REASONS = new Set(
  `FailedMount FailedAttachVolume FailedDetachVolume FailedUnMount FailedMapVolume FailedUnmapDevice VolumeResizeFailed FileSystemResizeFailed
  ProvisioningFailed ProvisioningCleanupFailed FailedBinding VolumeMismatch VolumeFailedRecycle VolumeFailedDelete VolumeDelete
  AlreadyMountedVolume VolumeConditionAbnormal`.split(/\s+/),
);
/** Why a claim waits, though it is no warning. */
const WAITS = new Set([
  'WaitForFirstConsumer',
  'WaitForPodScheduled',
  'ExternalProvisioning',
  'Provisioning',
  'FailedBinding',
]);

export const volumeIssues: Investigation = {
  name: 'check_volume_issues',
  title: 'Check volume issues',
  description:
    'Finds volume claims that are pending or lost, volumes that cannot be mounted, attached, provisioned or resized, and pods that wait for them, in an ' +
    'interval of the past. Volumes, which belong to no namespace, are told only without one.',
  arguments: { namespace: namespaceArgument },
  async investigate(scene) {
    const { courses, cut } = await coursesIn(scene, {
      kinds: KINDS,
      // One that is bound is well, also while it waits to be resized.
      whole: [CLAIM],
      symptomsOf: volumeSymptoms,
      keep: () => undefined,
    });
    const { events, cut: eventsCut } = await eventsIn(scene);
    const episodes = inOrder(courses.flatMap(episodesOf));
    const pending = new Set(
      episodes.filter(({ section }) => section === CLAIMS).map(({ of }) => `${of.namespace}/${of.name}`),
    );
    return report(scene, {
      title: 'Volume issues',
      nothing: 'No volume issues were found',
      sections: [
        ...[CLAIMS, VOLUMES, ATTACH, RESIZE, SCHEDULE].map((title) => ({
          title,
          lines: episodes.filter(({ section }) => section === title).map((episode) => episodeText(episode, scene)),
        })),
        {
          title: 'Volume Events',
          lines: events.filter((event) => isOfVolumes(event, pending)).map((event) => eventText(event, scene)),
        },
      ],
      cut: cut || eventsCut,
    });
  },
};

function isOfVolumes({ isWarning, about, reason }: ToldEvent, pending: ReadonlySet<string>): boolean {
  if (isWarning) return OF_VOLUMES.has(about.kind) || REASONS.has(reason);
  return about.kind === 'PersistentVolumeClaim' && WAITS.has(reason) && pending.has(`${about.namespace}/${about.name}`);
}

function* volumeSymptoms(object: KubeObject): Iterable<Symptom> {
  if (object.kind === 'Pod') return yield* podOf(object as Pod);
  const { kind, metadata, spec, status } = object as Claim;
  const { phase, reason, message, conditions = [] } = status ?? {};
  const why = [reason, message].filter(Boolean).join(': ');
  if (kind === 'PersistentVolumeClaim' && (phase === 'Pending' || phase === 'Lost'))
    yield {
      section: CLAIMS,
      key: phase,
      text:
        phase === 'Lost'
          ? `Lost: its volume ${spec?.volumeName ?? ''} is gone`
          : `Pending, storage class ${spec?.storageClassName ?? '(none given)'}`,
      ...(phase === 'Pending' && { since: metadata.creationTimestamp }),
    };
  if (kind === 'PersistentVolume' && phase === 'Failed')
    yield { section: VOLUMES, key: phase, text: `Failed${why === '' ? '' : `: ${why}`}` };
  for (const [what, error] of [
    ['attach', status?.attachError],
    ['detach', status?.detachError],
  ] as const)
    if (error)
      yield {
        section: ATTACH,
        key: what,
        text: `cannot ${what} ${spec?.source?.persistentVolumeName ?? 'a volume'} ${what === 'attach' ? 'to' : 'from'} node ${spec?.nodeName ?? '?'}: ${error.message ?? ''}`,
        since: error.time,
      };
  for (const { type = '', status: is, message: text = '', lastTransitionTime } of conditions)
    if (kind === 'PersistentVolumeClaim' && is === 'True' && type !== 'Bound')
      yield {
        section: RESIZE,
        key: type,
        text: `${type}${text === '' ? '' : `: ${text}`}`,
        since: lastTransitionTime ?? undefined,
      };
}

/** The scheduler tells why in words alone. */
function* podOf(pod: Pod): Iterable<Symptom> {
  const scheduled = conditionOf(pod, 'PodScheduled');
  const { message = '', lastTransitionTime } = scheduled ?? {};
  if (
    scheduled?.status === 'False' &&
    /persistentvolumeclaim|volume node affinity|persistent volumes|volume count/i.test(message)
  )
    yield { section: SCHEDULE, key: 'scheduled', text: message, since: lastTransitionTime ?? undefined };
}
