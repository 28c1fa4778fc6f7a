/** Which kinds a word means: `Pod`, `pods`, `po`, `apps/Deployment`, `deployments.apps`, whatever the case. */
import { nearest } from '../lib/nearest.ts';
import { Problem } from '../model/problem.ts';
import type { Context, KindInfo } from './operation.ts';

export type KnownKind = Pick<KindInfo, 'group' | 'kind'> & Partial<KindInfo>;

/** Every kind that is known beforehand, observed, or present in the view, each group and kind once. */
export function knownKinds({ view, kinds = [] }: Context): readonly KnownKind[] {
  const known = new Map<string, KnownKind>();
  for (const kind of kinds) known.set(`${kind.group}/${kind.kind}`, kind);
  for (const { group, kind } of view.coverage())
    if (!known.has(`${group}/${kind}`)) known.set(`${group}/${kind}`, { group, kind });
  for (const { group, kind } of view.resources())
    if (!known.has(`${group}/${kind}`)) known.set(`${group}/${kind}`, { group, kind });
  return [...known.values()];
}

/** The kinds a word means; empty when it means none. */
export function kindsNamed(context: Context, word: string): readonly KnownKind[] {
  const declared = matching(context.kinds ?? [], word);
  return declared.length > 0 ? declared : matching(knownKinds(context), word);
}

/** The kinds that words mean. Throws `invalid-input` with the nearest known kinds. */
export function kindsFrom(context: Context, words: readonly string[]): readonly KnownKind[] {
  return words.flatMap((word) => {
    const kinds = kindsNamed(context, word);
    if (kinds.length > 0) return kinds;
    throw new Problem('invalid-input', noSuchKind(context, word));
  });
}

/** Says that a word means no kind, with the nearest that do. */
export function noSuchKind(context: Context, word: string): string {
  const near = nearest(word, new Set(knownKinds(context).map(({ kind }) => kind)), 3);
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
  const wanted = word.toLowerCase();
  const singular = kind.toLowerCase();
  return wanted === singular || wanted === (plural || pluralOf(singular)) || (shortNames?.includes(wanted) ?? false);
}

/** The plural that the API conventions give a kind when nobody says otherwise. */
export function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (/(s|x|ch|sh)$/.test(word)) return /(endpoints|metrics)$/.test(word) ? word : `${word}es`;
  return /[^aeiou]y$/.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}
