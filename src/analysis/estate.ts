/**
 * What analysis looks at: the graph of an instant, the objects that it was made of, how they came to be so, and what happened. Everything else in this
 * folder is a pure function of it.
 */
import type { KubeObject, Occurrence } from '../model/change.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import type { Time } from '../model/time.ts';
import type { View } from '../model/view.ts';

/** An object as it was seen from an instant on. */
export interface Version {
  readonly at: Time;
  readonly object: KubeObject;
}

/** An object that was there while somebody watched, and went. */
export interface Deletion {
  readonly at: Time;
  readonly resource: Resource;
  readonly object: KubeObject | undefined;
}

/** Something that happened, as it was told. */
export interface Told {
  readonly at: Time;
  readonly cluster: string;
  readonly occurrence: Occurrence;
}

export interface Estate {
  /** The instant that is looked at. */
  readonly at: Time;
  /** Since when changes would have been seen. */
  readonly begins: Time;
  readonly view: View;
  /** The object as it is; undefined for what is none. */
  object(id: ResourceId): KubeObject | undefined;
  /** The versions that were seen of an object that is there, the latest last. */
  versions(id: ResourceId): readonly Version[];
  /** The earliest first. */
  readonly deletions: readonly Deletion[];
  /** The earliest first. */
  readonly occurrences: readonly Told[];
}
