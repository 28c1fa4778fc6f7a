/**
 * Who changed a field, as far as `metadata.managedFields` tells: the manager that owns it now and wrote since. A field that is gone is owned by
 * nobody; then the one manager that wrote since did it, or nobody is named. Deletion of a whole object leaves no trace of who did it.
 */
import type { KubeObject, ManagedFields } from './change.ts';
import { type Owned, ownedFrom, owns, type Step } from './field-owners.ts';
import { compareText } from './order.ts';

/** A manager of fields: what wrote (`kubectl-edit`, `kube-controller-manager`), not who sat before it. */
export interface FieldAuthor {
  readonly manager: string;
  /** `Apply` or `Update`. */
  readonly operation: string;
  readonly subresource?: string;
  /** When it last changed something of what it owns, to the second. */
  readonly time?: string;
}

interface Entry {
  readonly author: FieldAuthor;
  readonly owned: () => Owned;
}

/** Tells authors of changes between two versions of an object; reads the lines only when asked. */
export function authorsBetween(
  before: KubeObject,
  after: KubeObject,
): (way: readonly Step[]) => FieldAuthor | undefined {
  const then = entriesOf(before);
  const known = new Set(then.map(({ author }) => JSON.stringify(author)));
  const now = entriesOf(after).sort((a, b) => compareText(b.author.time ?? '', a.author.time ?? ''));
  const wrote = now.filter(({ author }) => !known.has(JSON.stringify(author)));
  return (way) => {
    const own = ({ owned }: Entry): boolean => owns(owned(), way);
    const owner = wrote.find(own) ?? now.find(own);
    if (owner) return owner.author;
    const had = new Set(then.filter(own).map(({ author }) => identityOf(author)));
    const [one, ...others] = wrote.some(({ author }) => had.has(identityOf(author)))
      ? wrote.filter(({ author }) => had.has(identityOf(author)))
      : wrote;
    return others.length === 0 ? one?.author : undefined;
  };
}

/** Who made an object: the manager whose entry is as old as the object, the earliest where several are. */
export function makerOf({ metadata }: KubeObject): FieldAuthor | undefined {
  const { managedFields = [], creationTimestamp } = metadata;
  const authors = managedFields.map(authorFrom).sort((a, b) => compareText(a.time ?? '', b.time ?? ''));
  const main = authors.filter(({ subresource }) => subresource === undefined);
  return main.find(({ time }) => time === creationTimestamp) ?? main[0];
}

function entriesOf({ metadata }: KubeObject): Entry[] {
  const { managedFields = [] } = metadata;
  return managedFields.map((fields) => {
    let owned: Owned | undefined;
    const line = typeof fields.fieldsV1 === 'string' ? fields.fieldsV1 : '';
    return { author: authorFrom(fields), owned: () => (owned ??= ownedFrom(line)) };
  });
}

function authorFrom({ manager = '', operation = '', subresource, time }: ManagedFields): FieldAuthor {
  return { manager, operation, ...(subresource !== undefined && { subresource }), ...(time !== undefined && { time }) };
}

function identityOf({ manager, operation, subresource = '' }: FieldAuthor): string {
  return `${operation} ${subresource} ${manager}`;
}

/** `kubectl-edit`, `kubelet (status)`. */
export function authorText({ manager, subresource }: FieldAuthor): string {
  return subresource === undefined ? manager : `${manager} (${subresource})`;
}
