/** Facts that edges and columns take from what stands around: port, weight and key of a reference, a label of the object. */
import type { Scalar } from '../../model/resource.ts';
import type { Found } from '../kind.ts';

/** The scalar fields of these names that the matched value has; with `levels`, those of a container above it. */
export function carries(
  fields: readonly string[],
  levels = 0,
): (found: Found) => Readonly<Record<string, Scalar>> | undefined {
  return ({ value, up }) => {
    const holder = (levels === 0 ? value : up(levels)) as Readonly<Record<string, unknown>> | undefined;
    const known: Record<string, Scalar> = {};
    for (const field of fields) {
      const fact = holder?.[field];
      if (typeof fact === 'string' || typeof fact === 'number' || typeof fact === 'boolean') known[field] = fact;
    }
    return Object.keys(known).length === 0 ? undefined : known;
  };
}

/** A column that shows a label. */
export const label =
  (key: string) =>
  (object: unknown): Scalar | undefined =>
    (object as { metadata?: { labels?: Readonly<Record<string, string>> } }).metadata?.labels?.[key];
