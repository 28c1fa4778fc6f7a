/** What a question narrows, as conditions on `resource r` and `kind k` in SQL that both databases understand. */
import type { GroupKind } from '../../model/groups.ts';
import type { VersionQuery } from '../../model/history.ts';
import type { Database, Value } from './database.ts';

/** Values of a query, by the names under which its text calls them. */
export class Values {
  readonly list: (Value | readonly Value[])[] = [];

  add(value: Value | readonly Value[]): string {
    this.list.push(value);
    return `$${this.list.length}`;
  }
}

/** Existences that were joined with some, whose numbers are given, from a moment to another. */
export interface Connected {
  readonly with: readonly number[];
  readonly from: number;
  readonly to: number;
}

/** What narrows, besides the interval. */
export type Narrowing = Omit<VersionQuery, 'verbs' | 'from' | 'to'> & {
  readonly connected?: Connected | undefined;
  readonly without?: readonly GroupKind[] | undefined;
};

/** After every other, in the order of the names' columns. */
const LAST_CHARACTER = '\u{10FFFF}';

/** Begins with AND; what is only named, and was never observed itself, is left out. */
export function conditions(db: Database, narrowing: Narrowing, values: Values): string {
  const { clusters, kinds, namespaces, names, namePrefix, uids, about, existences, connected, without } = narrowing;
  const all = ["(k.pseudo = 0 OR k.name = 'Incident')"];
  const among = (column: string, list: readonly string[] | undefined): void => {
    if (list) all.push(`${column} IN (${db.list(values.add(list), 'texts')})`);
  };
  among('k.cluster', clusters);
  among('r.namespace', namespaces);
  among('r.name', names);
  among('r.uid', uids);
  if (existences) all.push(areAmong(db, existences, values));
  if (connected) all.push(areConnected(db, connected, values));
  if (about) all.push(areAbout(db, about, values));
  if (namePrefix)
    all.push(`r.name >= ${values.add(namePrefix)} AND r.name < ${values.add(`${namePrefix}${LAST_CHARACTER}`)}`);
  const ofKind = ({ group, kind }: GroupKind): string =>
    `(k.api_group = ${values.add(group)} AND k.name = ${values.add(kind)})`;
  if (kinds) all.push(`(${kinds.map(ofKind).join(' OR ') || '1 = 0'})`);
  for (const kind of without ?? []) all.push(`NOT ${ofKind(kind)}`);
  return `AND ${all.join(' AND ')}`;
}

type Part<K extends keyof Narrowing> = NonNullable<Narrowing[K]>;

function areAmong(db: Database, { numbers, withEvents = false }: Part<'existences'>, values: Values): string {
  if (numbers.length === 0) return '1 = 0';
  const list = db.list(values.add(numbers));
  const events = `UNION SELECT e.source FROM edge e JOIN edge_type t ON t.no = e.type WHERE e.target IN (${list}) AND t.name = 'ABOUT'`;
  return `r.no IN (${list} ${withEvents ? events : ''})`;
}

function areConnected(db: Database, { with: numbers, from, to }: Connected, values: Values): string {
  if (numbers.length === 0) return '1 = 0';
  const [list, first, last] = [db.list(values.add(numbers)), values.add(from), values.add(to)];
  const lasted = (part: string): string => `(${part}.until IS NULL OR ${part}.until >= ${first})`;
  const side = (own: string, other: string): string =>
    `SELECT e.${other} FROM edge e JOIN resource o ON o.no = e.${own}
      WHERE e.${own} IN (${list}) AND e.since <= ${last} AND ${lasted('e')} AND ${lasted('o')}`;
  return `r.no IN (${side('source', 'target')} UNION ${side('target', 'source')}) AND ${lasted('r')}`;
}

function areAbout(db: Database, { names, kinds }: Part<'about'>, values: Values): string {
  const ofKind = kinds ? `AND o.kind IN (${db.list(values.add(kinds), 'texts')})` : '';
  return `k.name = 'Event' AND k.api_group = '' AND r.no IN (
    SELECT e.resource FROM event_object o JOIN event e ON e.about = o.no WHERE o.name IN (${db.list(values.add(names), 'texts')}) ${ofKind}
    UNION ALL SELECT resource FROM version WHERE (moment, resource) > (SELECT coalesce(max(moment), 0), coalesce(max(resource), 0) FROM readable))`;
}
