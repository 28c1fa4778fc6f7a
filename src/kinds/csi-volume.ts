/**
 * Storage drivers, and a volume's identity in their system, driver and handle. Nodes and snapshots know a volume by nothing else, so a
 * PersistentVolume shows it as a selectable fact.
 */
import type { Target } from '../model/reference.ts';
import type { Labels } from '../model/selector.ts';
import type { Relation } from './kind.ts';
import { CSIDriver, PersistentVolume } from './refs.ts';
import { type NameOptions, names } from './relations.ts';

const FIELD_HANDLE = 'csi:volume';

export function csiVolumeFact(driver: string, handle: string): Labels {
  return { [FIELD_HANDLE]: `${driver}^${handle}` };
}

/** The PersistentVolume with this handle. */
export function csiVolume(driver: string, handle: string): Target {
  return {
    by: 'labels',
    group: PersistentVolume.group,
    kind: PersistentVolume.kind,
    selector: [{ key: FIELD_HANDLE, operator: 'In', values: [`${driver}^${handle}`] }],
    namespaces: { type: 'all' },
  };
}

/**
 * The field names a storage driver, and a CSIDriver object of that name describes it. Drivers work without one, and provisioners outside CSI
 * have none, so that it is missing proves nothing: a naming rule, though a certain one.
 */
export function usesDriver(path: string, options: Pick<NameOptions, 'name' | 'attributes'> = {}): Relation {
  return names('USES_DRIVER', path, CSIDriver, { confidence: 'naming', certainty: 1, ...options });
}
