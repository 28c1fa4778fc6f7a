/**
 * Resources by address: what was observed of a namespace, of a kind in it, of a node, or of everything for a while, as audit events. Addresses are
 * templates; the JSON is that of audit investigators. Long lists hold the latest and say how many there are.
 */
import type { VersionQuery } from '../../model/history.ts';
import { Problem } from '../../model/problem.ts';
import type { Time } from '../../model/time.ts';
import type { Context } from '../../operations/operation.ts';
import { ageIn } from '../../operations/shared/interval.ts';
import { isNoNamespace } from '../../operations/shared/resolve.ts';
import { auditEventOf, kindsOfType, resourceTypes } from '../compat/audit-event.ts';
import { type ObjectNames, relatedEvents } from '../compat/related-events.ts';
import { boundedValue } from './bounded.ts';
import { historyOf } from './investigations/window.ts';
import { ANSWER_MAX } from './tool.ts';

const JSON_TYPE = 'application/json';
/** More do not fit, however short they are. */
const EVENTS_MAX = 100;
/** Characters of an answer around its events. */
const FRAME_MAX = 1_000;
/** Events about an object that are counted. */
const RELATED_MAX = 1_000;
const LISTED_MAX = 100;

/** Ranges that are listed; any other duration is one too, and what is none means a day. */
const RANGES = ['1h', '24h', '7d'];
const DAY_MS = 24 * 3_600_000;

type Names = Readonly<Record<string, string>>;

interface Template {
  readonly uriTemplate: string;
  readonly name: string;
  readonly description: string;
  /** What its address selects, in an interval of so many milliseconds up to now, and what its answer says of that. */
  choose(context: Context, names: Names): Promise<Choice>;
}

interface Choice {
  readonly query: VersionQuery;
  /** Whose Events belong to it. */
  readonly withEventsOf?: ObjectNames;
  readonly about: Names;
  readonly forMs?: number;
}

const NODE = [{ group: '', kind: 'Node' }];

const templates: readonly Template[] = [
  {
    uriTemplate: 'audit://events/{namespace}',
    name: 'Changes in a namespace',
    description: 'What was observed in a namespace in the last 24 hours; `-` for what is cluster-scoped',
    choose: async (_, { namespace = '' }) => ({
      query: { namespaces: [namespaceFrom(namespace)] },
      about: { namespace },
    }),
  },
  {
    uriTemplate: 'audit://events/{namespace}/{resource-type}',
    name: 'Changes of a kind in a namespace',
    description: 'What was observed of one kind (pods, deployments …) in a namespace in the last 24 hours',
    choose: async (context, { namespace = '', 'resource-type': resourceType = '' }) => {
      const kinds = kindsOfType(context, resourceType, await historyOf(context).kinds());
      if (kinds.length === 0)
        throw new Problem('not-found', `no kind is called "${resourceType}"; kubekg_kinds lists those that are known`);
      return {
        query: { namespaces: [namespaceFrom(namespace)], kinds: kinds.map(({ group, kind }) => ({ group, kind })) },
        about: { namespace, resourceType },
      };
    },
  },
  {
    uriTemplate: 'audit://changes/{time-range}',
    name: 'Changes everywhere',
    description: 'What was observed anywhere, but for Events, for so long until now: 5m, 1h, 24h, 7d …',
    choose: async (context, { 'time-range': range = '' }) => ({
      query: {
        kinds: (await historyOf(context).kinds()).filter(({ group, kind }) => group !== '' || kind !== 'Event'),
      },
      about: {},
      forMs: ageIn(range) ?? DAY_MS,
    }),
  },
  {
    uriTemplate: 'audit://node-events/{node-name}',
    name: 'Changes of a node',
    description: 'What was observed of a node, and the Events about it, in the last 24 hours',
    choose: async (_, { 'node-name': nodeName = '' }) => ({
      query: { kinds: NODE, names: [nodeName] },
      withEventsOf: { kinds: NODE, type: 'nodes', namespace: '', name: nodeName },
      about: { nodeName },
    }),
  },
];

export const resourceTemplates = templates.map(({ uriTemplate, name, description }) => ({
  uriTemplate,
  name,
  description,
  mimeType: JSON_TYPE,
}));

/** Addresses of namespaces, nodes and ranges, for clients that do not fill in templates. */
export async function listedResources(context: Context): Promise<{ uri: string; name: string; mimeType: string }[]> {
  const ranges = RANGES.map((range) => ({
    uri: `audit://changes/${range}`,
    name: `Changes of the last ${range}`,
  }));
  const history = context.past?.history;
  const named = async (kind: string): Promise<readonly string[]> => {
    const found = (await history?.existences({ kinds: [{ group: '', kind }] }, LISTED_MAX)) ?? [];
    return [...new Set(found.map(({ of }) => of.name))].sort();
  };
  const namespaces = (await named('Namespace')).map((name) => ({
    uri: `audit://events/${name}`,
    name: `Changes in namespace ${name}`,
  }));
  const nodes = (await named('Node')).map((name) => ({
    uri: `audit://node-events/${name}`,
    name: `Changes of node ${name}`,
  }));
  return [...ranges, ...namespaces, ...nodes].map((resource) => ({ ...resource, mimeType: JSON_TYPE }));
}

/** What stands at an address. Throws `not-found` for an address that no template makes. */
export async function readResource(
  context: Context,
  uri: string,
): Promise<{ uri: string; mimeType: string; text: string }> {
  for (const template of templates) {
    const names = namesIn(template.uriTemplate, uri);
    if (names) return { uri, mimeType: JSON_TYPE, text: await told(context, await template.choose(context, names)) };
  }
  const known = templates.map(({ uriTemplate }) => uriTemplate).join(', ');
  throw new Problem('not-found', `nothing is at ${uri}; addresses are ${known}`);
}

/** The values of a template's names in an address, or undefined when it is of another form. */
function namesIn(template: string, uri: string): Names | undefined {
  const [forms, parts] = [template.split('/'), uri.split('/')];
  if (forms.length !== parts.length) return undefined;
  const names: Record<string, string> = {};
  for (const [index, form] of forms.entries()) {
    const part = parts[index] ?? '';
    const name = /^\{(.+)\}$/.exec(form)?.[1];
    if (name === undefined ? form !== part : part === '') return undefined;
    if (name !== undefined) names[name] = decoded(part);
  }
  return names;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function namespaceFrom(text: string): string {
  return isNoNamespace(text) ? '' : text;
}

async function told(context: Context, { query, withEventsOf, about, forMs = DAY_MS }: Choice): Promise<string> {
  const history = historyOf(context);
  const extent = await history.extent();
  if (extent === undefined) return JSON.stringify({ ...about, timeRange: null, eventCount: 0, events: [] });
  const timeRange = { start: before(extent.to, forMs), end: extent.to };
  const interval = { from: timeRange.start, to: timeRange.end };
  const asked = { ...query, ...interval };
  const related = withEventsOf
    ? await relatedEvents(history, withEventsOf, interval, { order: 'newest', limit: RELATED_MAX })
    : { versions: [] };
  const versions = [
    ...(await history.versions(asked, { order: 'newest', limit: EVENTS_MAX })),
    ...related.versions.slice(0, EVENTS_MAX),
  ].sort((a, b) => b.position.moment - a.position.moment);
  const total = (await history.countVersions(asked)) + related.versions.length;
  const types = resourceTypes(context);
  const { value: latest, cuts } = boundedValue(
    versions.map((version) => auditEventOf(version, types)),
    ANSWER_MAX - FRAME_MAX,
  );
  const notes = [
    ...(total > latest.length || related.next
      ? [
          `the latest ${latest.length} of ${related.next ? 'more than ' : ''}${total}; for the others ask of one kind, of a shorter time (audit://changes/5m), or analyze_recent_changes`,
        ]
      : []),
    ...(cuts.some(({ unit }) => unit !== 'items')
      ? ['long values are cut; kubekg_object shows more of one object']
      : []),
  ];
  const note = notes.length > 0 ? { note: notes.join('; ') } : {};
  return JSON.stringify({ ...about, timeRange, eventCount: total, ...note, events: latest.toReversed() });
}

function before(time: Time, ms: number): Time {
  return new Date(Date.parse(time) - ms).toISOString();
}
