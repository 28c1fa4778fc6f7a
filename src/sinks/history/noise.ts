/** What an object says again and again although nothing changed: left out before versions are told apart. */
import type { KubeObject } from '../../model/change.ts';
import { HEARTBEATS, LEADER, RENEWAL } from '../../model/signs-of-life.ts';

type Tree = Readonly<Record<string, unknown>>;

/**
 * The object as text: its content on the first line, and who owns which field on the second, which may change alone. Without
 * `resourceVersion` (each write has another) and signs of life.
 */
export function textOf(object: KubeObject): string {
  const { resourceVersion, managedFields, ...metadata } = object.metadata;
  const { annotations } = metadata;
  const quiet =
    annotations && Object.hasOwn(annotations, LEADER)
      ? { ...metadata, annotations: without(annotations, LEADER) }
      : metadata;
  const content: Record<string, unknown> = { ...object, metadata: quiet };
  if (object.kind === 'Lease') content['spec'] = without(object['spec'], RENEWAL);
  const { conditions } = (object['status'] ?? {}) as Tree;
  if (Array.isArray(conditions) && conditions.some(beats))
    content['status'] = { ...(object['status'] as Tree), conditions: conditions.map(still) };
  const text = JSON.stringify(content);
  return managedFields === undefined ? text : `${text}\n${JSON.stringify(managedFields)}`;
}

/** What `textOf` wrote. Throws a SyntaxError when it did not. */
export function objectOf(text: string): KubeObject {
  const [content = '', owners] = text.split('\n', 2);
  const object = JSON.parse(content) as KubeObject;
  return owners === undefined
    ? object
    : { ...object, metadata: { ...object.metadata, managedFields: JSON.parse(owners) } };
}

function without(tree: unknown, key: string): unknown {
  if (typeof tree !== 'object' || tree === null) return tree;
  const { [key]: _, ...rest } = tree as Tree;
  return rest;
}

function beats(condition: unknown): boolean {
  return (
    typeof condition === 'object' && condition !== null && Object.keys(condition).some((key) => HEARTBEATS.has(key))
  );
}

function still(condition: unknown): unknown {
  if (!beats(condition)) return condition;
  return Object.fromEntries(Object.entries(condition as Tree).filter(([key]) => !HEARTBEATS.has(key)));
}
