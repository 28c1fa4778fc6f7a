/**
 * Our own occurrences: `{source, subject, severity, …}`, as they stand in a recording, with or without the line's envelope. `at`, or `time`, is when it
 * happened; a subject may be written `Pod/shop/web-1`. This is the way of most of what comes in: it copies little.
 */
import type { Occurrence } from '../../model/change.ts';
import { isRecord, occurrenceFrom } from '../change-from-json.ts';
import { contentId, type Format, refused, type Said, textIn } from './format.ts';
import { subjectFromTitle } from './subjects.ts';

export const occurrences: Format = {
  name: 'occurrences',
  title: 'Occurrences of our own form, one or many',
  adapt(record, context): Said {
    if (!isRecord(record)) return refused('not a JSON object');
    const { type } = record;
    const isLine = type === 'occur' && isRecord(record['occurrence']);
    if (typeof type === 'string' && record['source'] === undefined && !isLine)
      return refused(`a line of type "${type}" is no occurrence; a recording is served with "kube-kg serve FILE"`);
    const bare = isLine ? (record['occurrence'] as Record<string, unknown>) : record;
    const { at = record['at'], time = at, cluster, subject, occurredAt = time, ...told } = bare;
    if (typeof subject !== 'string') told['subject'] = subject;
    else {
      told['subject'] = subjectFromTitle(subject);
      if (told['subject'] === undefined)
        return refused(`"${subject}" is no subject; write Kind/namespace/name, or {"kind", "namespace", "name"}`);
    }
    if (occurredAt !== undefined) told['occurredAt'] = occurredAt;
    const where = context.clusterOf(isLine ? (textIn(record, 'cluster') ?? cluster) : cluster);
    const change = occurrenceFrom(told, context.now, where);
    if (typeof change === 'string') return refused(change.replace('"occurrence.', '"'));
    if (change.type !== 'occur') return refused('not an occurrence');
    const { occurrence } = change;
    return { changes: [occurrence.id ? change : { ...change, occurrence: identified(occurrence) }] };
  },
};

function identified(occurrence: Occurrence): Occurrence {
  return { ...occurrence, id: contentId(occurrence) };
}
