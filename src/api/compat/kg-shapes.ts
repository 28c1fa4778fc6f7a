/** The shapes of root-cause APIs over a knowledge graph, and how ours become them. Field names are theirs. */
import { z } from 'zod';
import type { Severity } from '../../model/change.ts';
import { Problem } from '../../model/problem.ts';
import type { Labels } from '../../model/selector.ts';
import type { episodeSchema } from '../../operations/shared/episodes.ts';

export const severityName = z.enum(['INFO', 'WARNING', 'ERROR', 'FATAL']);
export type SeverityName = z.output<typeof severityName>;

const names: Readonly<Record<Severity, SeverityName>> = {
  debug: 'INFO',
  info: 'INFO',
  warning: 'WARNING',
  error: 'ERROR',
  critical: 'FATAL',
};

export function severityOf(severity: Severity): SeverityName {
  return names[severity];
}

/** Severities of ours that theirs mean, separated by commas. Throws `invalid-input`. */
export function severitiesOf(texts: string | readonly string[]): Severity[] {
  const wanted = (typeof texts === 'string' ? texts.split(',') : texts)
    .map((text) => text.trim().toUpperCase())
    .filter(Boolean);
  for (const one of wanted)
    if (!severityName.options.some((name) => name === one) && one !== 'CRITICAL')
      throw new Problem('invalid-input', `severity: "${one}" is none; there are ${severityName.options.join(', ')}`);
  const all = Object.entries(names) as [Severity, SeverityName][];
  return all.flatMap(([own, name]) =>
    wanted.includes(name) || (own === 'critical' && wanted.includes('CRITICAL')) ? [own] : [],
  );
}

export const resourceInfo = z
  .object({
    rid: z.string().describe('`kind:uid`; where the uid is not known `kind:namespace:name`'),
    kind: z.string(),
    name: z.string(),
    namespace: z.string().optional().describe('absent for what is cluster-scoped'),
    uid: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
  })
  .meta({ id: 'KgResource' });

export type ResourceInfo = z.input<typeof resourceInfo>;

export const eventInfo = z
  .object({
    event_id: z.string(),
    event_time: z.string(),
    reason: z.string(),
    message: z.string(),
    severity: severityName,
    subject: resourceInfo,
  })
  .meta({ id: 'KgEvent' });

export type EventInfo = z.input<typeof eventInfo>;

interface Named {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly id?: string | undefined;
  readonly cluster?: string | undefined;
  readonly uid?: string | undefined;
  readonly labels?: Labels | undefined;
  readonly pseudo?: boolean | undefined;
}

export function infoOf(named: Named): ResourceInfo {
  const { kind, namespace, name, labels } = named;
  const uid = uidOf(named);
  return {
    rid: uid === '' ? `${kind.toLowerCase()}:${namespace}:${name}` : `${kind.toLowerCase()}:${uid}`,
    kind,
    name,
    ...(namespace !== '' && { namespace }),
    ...(uid !== '' && { uid }),
    ...(labels && Object.keys(labels).length > 0 && { labels: { ...labels } }),
  };
}

/** Ids of the graph are `cluster/uid` where there is a uid, and begin with `~` or `=` where there is none. */
function uidOf({ id = '', cluster = '', uid, pseudo }: Named): string {
  if (uid !== undefined) return pseudo ? '' : uid;
  const own = id.startsWith(`${cluster}/`) ? id.slice(cluster.length + 1) : '';
  return /^[~=]/.test(own) || own.includes('/') ? '' : own;
}

export function eventOf({ name, at, reason, message, severity, resource }: z.input<typeof episodeSchema>): EventInfo {
  return {
    event_id: name,
    event_time: at,
    reason,
    message,
    severity: severityOf(severity),
    subject: infoOf(resource),
  };
}

/** `web-1`, with its namespace and kind: how these APIs name a resource in one text. */
export function titleOf({
  kind,
  namespace = '',
  name,
}: {
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}): string {
  return namespace === '' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}
