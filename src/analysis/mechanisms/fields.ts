/** When fields that matter to a mechanism were last changed, from whatever tells it; and evidence in short. */
import { kindKey } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';
import type { Case } from '../case.ts';
import { type ObjectChange, writingOf } from '../changes.ts';
import type { Evidence, Subject } from '../hypothesis.ts';
import { changeBefore, SLACK_MS } from './mechanism.ts';

/**
 * The last change of fields that match before something began, told with those fields alone. Where nobody watched, who owns the field at `way` and wrote
 * later than the object was made changed it then; templates that are kept as revisions say themselves whether they were changed.
 */
export function fieldChange(
  known: Case,
  resource: Resource,
  since: number,
  pattern: RegExp,
  ...way: readonly string[]
): ObjectChange | undefined {
  const isMeant = ({ path }: { readonly path: string }): boolean => pattern.test(path);
  const seen = changeBefore(known, resource, since, ({ verb, fields }) => verb === 'changed' && fields.some(isMeant));
  if (seen) return { ...seen, fields: seen.fields.filter(isMeant) };
  if (way.length === 0 || (way[1] === 'template' && keepsRevisions(known, resource))) return undefined;
  const written = writingOf(known, resource, way);
  return written && written.at <= since + SLACK_MS ? written : undefined;
}

function keepsRevisions(known: Case, resource: Resource): boolean {
  return (
    /^apps\//.test(kindKey(resource)) &&
    known.targets(resource.id, 'OWNS').some(({ kind }) => kind === 'ReplicaSet' || kind === 'ControllerRevision')
  );
}

/** A state as evidence. */
export function state(text: string, weight: number, resource?: Subject, at?: number): Evidence {
  return { kind: 'state', text, weight, ...(resource && { resource }), ...(at !== undefined && at > 0 && { at }) };
}

/** An Event as evidence. */
export function told(text: string, weight: number, resource: Subject, at: number): Evidence {
  return { kind: 'event', at, text: text.length > 500 ? `${text.slice(0, 499)}…` : text, resource, weight };
}
