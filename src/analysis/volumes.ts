/** Volumes and claims: whether one fits the other, and to whom a volume belongs. Source: component-helpers storage/volume, pv_controller.go checkVolumeSatisfyClaim. */
import type { KubeObject } from '../model/change.ts';
import { quantity } from '../model/quantity.ts';
import type { Resource } from '../model/resource.ts';
import { matches, selectorFrom } from '../model/selector.ts';
import { type Case, text, treeAt } from './case.ts';
import { absent, type Subject } from './hypothesis.ts';

/** Why a volume does not fit a claim. */
export interface Mismatch {
  readonly reason: string;
  readonly words: string;
}

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** What differs between what a claim asks for and what a volume is; empty when it fits. */
export function mismatchesOf(claim: KubeObject | undefined, volume: KubeObject | undefined): readonly Mismatch[] {
  const [asked, given] = [treeAt(claim, 'spec'), treeAt(volume, 'spec')];
  const found: Mismatch[] = [];
  const wantedSize = treeAt(treeAt(asked, 'resources'), 'requests')?.['storage'];
  const size = treeAt(given, 'capacity')?.['storage'];
  if ((quantity(wantedSize) ?? 0) > (quantity(size) ?? 0))
    found.push({
      reason: 'StorageRequestTooLarge',
      words: `the claim asks for ${wantedSize}, and the volume has ${size}`,
    });
  const modes = list(asked?.['accessModes']).filter((mode) => !list(given?.['accessModes']).includes(mode));
  if (modes.length > 0)
    found.push({
      reason: 'AccessModeMismatch',
      words: `the claim wants ${modes.join(', ')}, and the volume offers ${list(given?.['accessModes']).join(', ')}`,
    });
  const [own, its] = [classOf(claim), classOf(volume)];
  if (own !== its)
    found.push({
      reason: 'StorageClassMismatch',
      words: `the class of the claim is "${own}", that of the volume "${its}"`,
    });
  const selector = asked?.['selector'] === undefined ? [] : selectorFrom(asked['selector']);
  if (selector === undefined || !matches(selector, volume?.metadata.labels ?? {}))
    found.push({ reason: 'VolumeSelectorMismatch', words: 'the volume has not the labels that the claim selects' });
  if ((text(asked?.['volumeMode']) || 'Filesystem') !== (text(given?.['volumeMode']) || 'Filesystem'))
    found.push({ reason: 'VolumeModeMismatch', words: 'one is a block device, the other a file system' });
  return found;
}

function classOf(object: KubeObject | undefined): string {
  return object?.metadata.annotations?.[CLASS_ANNOTATION] ?? text(treeAt(object, 'spec')?.['storageClassName']);
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Another claim that a volume belongs to, there or gone; undefined for one that is free, or the claim's own. */
export function occupantOf(known: Case, claim: Resource, volume: Resource): Subject | undefined {
  const reference = treeAt(treeAt(known.object(volume.id), 'spec'), 'claimRef');
  if (reference === undefined) return undefined;
  const [namespace, name, uid] = [text(reference['namespace']), text(reference['name']), text(reference['uid'])];
  const isOwnName = namespace === claim.namespace && name === claim.name;
  if (isOwnName && (uid === '' || uid === claim.uid)) return undefined;
  const target = { group: '', kind: 'PersistentVolumeClaim', namespace, name };
  const other = known.view.byName({ cluster: claim.cluster, ...target });
  return other !== undefined && (uid === '' || other.uid === uid) && other.id !== claim.id
    ? other
    : absent(claim, target);
}
