/** What was done, by whom, and what it can break: deeds among all that was observed, newest first. */
import { z } from 'zod';
import { isDerived } from '../analysis/change-classes.ts';
import { isEvent } from '../model/groups.ts';
import type { HistoryQueries, Position, VersionQuery } from '../model/history.ts';
import { Problem } from '../model/problem.ts';
import { type Context, operation, pastOf } from './operation.ts';
import { changeSchema, classSchema, type Deed, deedOf, folded, toldOf } from './shared/changes.ts';
import { existencesOf } from './shared/existence.ts';
import { clustersInput, commaList, kindsInput, namespacesInput } from './shared/inputs.ts';
import { instantInput, intervalOf } from './shared/interval.ts';
import { kindsFrom } from './shared/kind-names.ts';
import { pageInputs } from './shared/page.ts';

/** Versions read in one go, and for one page: a quiet hour of a busy cluster has tens of thousands that are nobody's deed. */
const BATCH = 250;
const READ_MAX = 10_000;

export const listChanges = operation({
  name: 'changes',
  title: 'What was done, by whom, and what it can break',
  description:
    'Tells what was done to objects, newest first: each with its fields, old and new, what they are about (image, probe, selector, a key of a ConfigMap, a right …), who did ' +
    'it, what it can break and who depends on it. What only follows from others is left out: status, heartbeats, what controllers make; the same done again and again is told once.',
  route: 'GET /changes',
  reads: 'history',
  input: z.strictObject({
    from: instantInput('the earliest instant'),
    to: instantInput('the latest instant'),
    resource: z.string().min(1).optional().describe('only this resource: `Kind/namespace/name`, also one that is gone'),
    clusters: clustersInput,
    namespaces: namespacesInput,
    kinds: kindsInput,
    classes: commaList(classSchema).optional().describe('only changes that are about one of these'),
    actors: commaList(z.string().min(1)).optional().describe('only what managers did whose name contains one of these'),
    ...pageInputs('changes', 50, 500),
  }),
  output: z.object({
    from: z.string(),
    to: z.string(),
    items: z.array(changeSchema),
    read: z
      .object({ versions: z.int(), left: z.int() })
      .describe('versions looked at for this page, and those of them that are told by no item'),
    next: z.string().optional().describe('cursor of the next page; absent on the last'),
    hints: z.array(z.string()).optional().describe('what of the interval is not known'),
  }),
  examples: [
    { title: 'The whole recording', input: {} },
    {
      title: 'Images and keys of configuration in one namespace',
      input: { namespaces: ['payments'], classes: ['image', 'secret', 'config-key'] },
    },
  ],
  async run(context, { limit, cursor, classes, actors, ...asked }) {
    const { view, asOf } = context;
    const history = context.history ?? pastOf(context).history;
    const interval = await intervalOf(history, { ...asked, to: asked.to ?? asOf?.instant });
    const query = await queryOf({ ...context, history }, asked, interval);
    const found = await collect(history, query, {
      after: cursor === undefined ? undefined : positionFrom(cursor),
      limit,
      wants: (deed) => isAbout(deed, classes) && isBy(deed, actors),
    });
    const items = folded(found.deeds).map((deed) => toldOf(view, deed));
    return {
      from: interval.from,
      to: interval.to,
      items,
      read: { versions: found.read, left: found.read - found.deeds.length },
      ...(found.next && { next: cursorOf(found.next) }),
      ...(interval.hints.length > 0 && { hints: [...interval.hints] }),
    };
  },
});

function isAbout({ classes }: Deed, wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || classes.some((name) => wanted.includes(name));
}

function isBy({ by, fields }: Deed, wanted: readonly string[] | undefined): boolean {
  if (wanted === undefined) return true;
  const managers = [by, ...fields.map((field) => field.by)].flatMap((author) =>
    author ? [author.manager.toLowerCase()] : [],
  );
  return wanted.some((actor) => managers.some((manager) => manager.includes(actor.toLowerCase())));
}

/** The versions that may tell of deeds. */
async function queryOf(
  context: Context & { readonly history: HistoryQueries },
  {
    resource,
    clusters,
    namespaces,
    kinds,
  }: Partial<Record<'clusters' | 'namespaces' | 'kinds', readonly string[] | undefined>> & {
    readonly resource?: string | undefined;
  },
  { from, to }: Pick<VersionQuery, 'from' | 'to'>,
): Promise<VersionQuery> {
  const { history } = context;
  const numbers =
    resource === undefined ? undefined : (await existencesOf(context, resource)).map(({ number }) => number);
  const wanted =
    kinds === undefined
      ? (await history.kinds()).filter((kind) => !isEvent(kind) && !isDerived(kind))
      : kindsFrom(context, kinds).map(({ group, kind }) => ({ group, kind }));
  return { from, to, clusters, namespaces, kinds: wanted, ...(numbers && { existences: { numbers } }) };
}

interface Reading {
  readonly after: Position | undefined;
  readonly limit: number;
  readonly wants: (deed: Deed) => boolean;
}

/** So many deeds, or those among as many versions as are read for one page; `next` where there may be more. */
async function collect(
  history: HistoryQueries,
  query: VersionQuery,
  { after: start, limit, wants }: Reading,
): Promise<{ readonly deeds: readonly Deed[]; readonly read: number; readonly next?: Position }> {
  const deeds: Deed[] = [];
  let read = 0;
  let after = start;
  while (read < READ_MAX) {
    const versions = await history.versions(query, { order: 'newest', after, limit: BATCH, withBefore: true });
    for (const version of versions) {
      if (deeds.length === limit && after) return { deeds, read, next: after };
      after = version.position;
      read++;
      const deed = deedOf(version);
      if (deed && wants(deed)) deeds.push(deed);
    }
    if (versions.length < BATCH) return { deeds, read };
  }
  return { deeds, read, ...(after && { next: after }) };
}

function cursorOf({ moment, place }: Position): string {
  return Buffer.from(JSON.stringify([moment, place])).toString('base64url');
}

function positionFrom(cursor: string): Position {
  try {
    const [moment, place] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [number, number];
    if (Number.isSafeInteger(moment) && Number.isSafeInteger(place)) return { moment, place };
  } catch {
    // Said below.
  }
  throw new Problem('invalid-input', 'cursor: not a cursor; give the `next` of the page before');
}
