/** What kinds are called in the plural, as kubectl prints them: by the CustomResourceDefinitions that were seen, else by rule. */
import { pluralOf } from '../../lib/plural.ts';
import { kindKey } from '../../model/groups.ts';
import type { Database, Row } from './database.ts';
import { objectOf } from './noise.ts';
import { setPlural } from './statements.ts';
import { stored, Texts } from './texts.ts';

/** Names kinds that have no plural yet; with `again`, because definitions came or changed, those of custom groups as well. */
export async function learnPlurals(db: Database, again: boolean): Promise<void> {
  const kinds = await db.rows(
    `SELECT no, api_group, name, plural FROM kind WHERE plural IS NULL ${again ? "OR api_group LIKE '%.%'" : ''}`,
  );
  if (kinds.length === 0) return;
  const defined = kinds.some(([, group]) => String(group).includes('.')) ? await definedPlurals(db) : undefined;
  const rows = kinds.flatMap(([no = null, group, name, plural]): Row[] => {
    const kind = { group: String(group), kind: String(name) };
    const word = defined?.get(kindKey(kind)) ?? pluralOf(kind.kind);
    return word === plural ? [] : [[no, word]];
  });
  await db.transaction(() => db.write(setPlural, rows));
}

/** Of all definitions that are there. */
async function definedPlurals(db: Database): Promise<ReadonlyMap<string, string>> {
  const { columns, join } = stored('v');
  const sql = `SELECT ${columns} FROM resource r JOIN kind k ON k.no = r.kind
    JOIN version v ON v.resource = r.no AND v.moment = (SELECT max(moment) FROM version WHERE resource = r.no) ${join}
    WHERE k.name = 'CustomResourceDefinition' AND k.pseudo = 0 AND r.until IS NULL`;
  const answer = await new Texts(db).of(() => db.rows(sql), [0]);
  const plurals = new Map<string, string>();
  for (const row of answer.rows) {
    const named = namedIn(() => answer.textOf(row, 0) ?? '{}');
    if (named) plurals.set(kindKey(named), named.plural);
  }
  return plurals;
}

interface Spec {
  readonly group?: unknown;
  readonly names?: { readonly kind?: unknown; readonly plural?: unknown };
}

/** Undefined for what is no definition, or cannot be read. */
function namedIn(
  text: () => string,
): { readonly group: string; readonly kind: string; readonly plural: string } | undefined {
  try {
    const { group, names: { kind, plural } = {} } = (objectOf(text())['spec'] ?? {}) as Spec;
    const isNamed = typeof group === 'string' && typeof kind === 'string' && typeof plural === 'string';
    return isNamed ? { group, kind, plural } : undefined;
  } catch {
    return undefined;
  }
}
