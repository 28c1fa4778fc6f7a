/** Which kinds a word means: `Pod`, `pods`, `po`, `apps/Deployment`, `deployments.apps`, whatever the case. */
import { nearest } from '../../lib/nearest.ts';
import { pluralOf } from '../../lib/plural.ts';
import { kindKey } from '../../model/groups.ts';
import { Problem } from '../../model/problem.ts';
import type { Context, KindInfo } from '../operation.ts';

export type KnownKind = Pick<KindInfo, 'group' | 'kind'> & Partial<KindInfo>;

/** Stands for every kind: of a group in the table, of a server in coverage. Nobody means it by that name. */
const EVERY = '*';

/** Every kind that is known beforehand, observed, or present in the view, each group and kind once. */
export function knownKinds({ view, kinds = [] }: Context): readonly KnownKind[] {
  const known = new Map<string, KnownKind>();
  for (const kind of kinds) if (kind.kind !== EVERY) known.set(kindKey(kind), kind);
  for (const observed of [view.coverage(), view.kinds()])
    for (const { group, kind } of observed) {
      const key = kindKey({ group, kind });
      if (kind !== EVERY && !known.has(key)) known.set(key, { group, kind });
    }
  return [...known.values()];
}

/** The kinds a word means; empty when it means none. What is known beforehand goes before what is only observed, and that before other names. */
export function kindsNamed(context: Context, word: string): readonly KnownKind[] {
  for (const kinds of [() => context.kinds ?? [], () => knownKinds(context), () => definedKinds(context)]) {
    const found = matching(kinds(), word);
    if (found.length > 0) return found;
  }
  return [];
}

/** Kinds as the CustomResourceDefinitions in the view name them. */
export function definedKinds({ view }: Context): readonly KnownKind[] {
  const kinds = new Map<string, KnownKind>();
  for (const { name, summary } of view.resources({ group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' })) {
    const dot = name.indexOf('.');
    const [plural, group] = [name.slice(0, dot), name.slice(dot + 1)];
    const { kind, shortNames = '' } = summary;
    if (typeof kind !== 'string') continue;
    kinds.set(kindKey({ group, kind }), { group, kind, plural, shortNames: String(shortNames).split(',') });
  }
  return [...kinds.values()];
}

/** The kinds that words mean. Throws `invalid-input` with the nearest known kinds. */
export function kindsFrom(context: Context, words: readonly string[]): readonly KnownKind[] {
  return words.flatMap((word) => {
    const kinds = kindsNamed(context, word);
    if (kinds.length > 0) return kinds;
    throw new Problem('invalid-input', noSuchKind(context, word));
  });
}

/** Letters from which a short name is near something only when it is meant. */
const TELLING = 4;

/** Says that a word means no kind, with the nearest that do. */
export function noSuchKind(context: Context, word: string): string {
  const names = new Map<string, string>();
  for (const { kind, shortNames = [] } of [...knownKinds(context), ...definedKinds(context)])
    for (const name of [kind, ...shortNames.filter(({ length }) => length >= TELLING)]) names.set(name, kind);
  const found = word.length < 3 ? [] : nearest(word, names.keys(), 5);
  const near = [...new Set(found.map((name) => names.get(name)))].slice(0, 3);
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : '`kinds` lists those that are known';
  return `no kind is called "${word}"; ${hint}`;
}

function matching(kinds: readonly KnownKind[], word: string): readonly KnownKind[] {
  const { group, name } = split(word);
  return kinds.filter((known) => (group === undefined || known.group === group) && answersTo(known, name));
}

/** `group/Kind`, `Kind.group` and `plural.group` name their group; a plain word does not. */
function split(word: string): { readonly group: string | undefined; readonly name: string } {
  const slash = word.lastIndexOf('/');
  if (slash >= 0) return { group: word.slice(0, slash), name: word.slice(slash + 1) };
  const dot = word.indexOf('.');
  if (dot >= 0) return { group: word.slice(dot + 1), name: word.slice(0, dot) };
  return { group: undefined, name: word };
}

function answersTo({ kind, plural, shortNames }: KnownKind, word: string): boolean {
  if (kind === EVERY) return false;
  const wanted = word.toLowerCase();
  const singular = kind.toLowerCase();
  return wanted === singular || wanted === (plural || pluralOf(singular)) || (shortNames?.includes(wanted) ?? false);
}
