/** An object as a server sent it: what it is known by, and how it is called when it is gone. Nothing about it is certain. */
import { type ObjectRef, objectRef } from '../model/change.ts';

/** An object as it was parsed. */
export interface RawObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  } | null;
}

/** Its uid, or, where a server gives none, its name `within` what has no other of that name. */
export function keyOf(object: RawObject | undefined, within: string): string {
  const { uid, name } = object?.metadata ?? {};
  return typeof uid === 'string' && uid !== '' ? uid : nameKey(within, name);
}

function nameKey(within: string, name: string | undefined): string {
  return `${within}/${name}`;
}

/** Whether that is a uid, and not a name. Another object may come under the same name, but none under the same uid. */
export function isUid(key: string, within: string, name: string): boolean {
  return key !== nameKey(within, name);
}

/** Names an object in the version in which it was read. */
export function refOf({
  apiVersion,
  kind,
  namespace = '',
  name,
  uid = '',
}: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid?: string | undefined;
}): ObjectRef {
  return { ...objectRef({ group: '', kind, namespace, name, uid }), apiVersion };
}
