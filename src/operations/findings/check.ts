/** What a check is: it looks at the graph and reports what is wrong with it, whom it concerns and what to do. */
import type { Resource, ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';

/** error: does not work, or will not when needed · warning: works by luck, or not as meant · info: worth tidying up. */
export type FindingSeverity = 'error' | 'warning' | 'info';

export interface Report {
  readonly resource: Resource;
  /** What is wrong, one sentence about the resource. */
  readonly message: string;
  /** Others it concerns. */
  readonly related?: readonly Resource[];
  /** Overrides the check's own. */
  readonly severity?: FindingSeverity;
  readonly todo?: string;
}

export interface Check {
  /** Stable, kebab-case. */
  readonly id: string;
  readonly title: string;
  readonly severity: FindingSeverity;
  /** What to do about it. */
  readonly todo: string;
  run(view: View): Iterable<Report>;
}

/** Resources of a kind. */
export function ofKind(view: View, group: string, kind: string): Iterable<Resource> {
  return view.resources({ group, kind });
}

/** What a resource's edges of a type lead to. */
export function targets(view: View, { id }: Resource, type: string): readonly Resource[] {
  return others(view, id, 'out', type);
}

/** What reaches a resource by edges of a type. */
export function sources(view: View, { id }: Resource, type: string): readonly Resource[] {
  return others(view, id, 'in', type);
}

function others(view: View, id: ResourceId, direction: 'out' | 'in', wanted: string): readonly Resource[] {
  const found: Resource[] = [];
  view.scan(
    id,
    direction,
    (_, other) => {
      found.push(other);
    },
    (type) => type === wanted,
  );
  return found;
}

/** Whether a resource has any edge of a type. */
export function has(view: View, { id }: Resource, direction: 'out' | 'in', wanted: string): boolean {
  let found = false;
  view.scan(
    id,
    direction,
    () => {
      found = true;
      return false;
    },
    (type) => type === wanted,
  );
  return found;
}
