/** What counts as no change: two states of a resource that nobody could tell apart. */
import type { Resource } from '../model/resource.ts';
import type { Labels } from '../model/selector.ts';

export function sameJson(a: unknown, b: unknown): boolean {
  return a === b || (a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b));
}

/** Whether two states of a resource stand at one address. The API never renames; a recording, or another API over the same objects, may. */
export function sameAddress(a: Resource, b: Resource): boolean {
  return a.name === b.name && a.namespace === b.namespace && a.kind === b.kind && a.group === b.group;
}

/** Whether two states of a resource look the same to a reader. */
export function sameResource(a: Resource, b: Resource): boolean {
  return (
    a.health.status === b.health.status &&
    a.health.reason === b.health.reason &&
    a.health.message === b.health.message &&
    sameLabels(a.labels, b.labels) &&
    sameSummary(a.summary, b.summary) &&
    a.createdAt === b.createdAt
  );
}

function sameSummary(a: Resource['summary'], b: Resource['summary']): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** Whether two fact maps say the same. */
export function sameLabels(a: Labels, b: Labels): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) if (a[key] !== b[key] || !Object.hasOwn(b, key)) return false;
  return true;
}
