/**
 * Labels, relationship types and names of indexes in the text of a statement. They cannot be parameters, so they are always in backticks.
 * Invariant: whatever the name, the server reads exactly that one name.
 */

/**
 * The name as Cypher text, never empty. The server reads `\u0060` as a backtick before it looks for names (Cypher manual, "Unicode escapes"), so
 * backslashes are written that way themselves.
 */
export function quoted(name: string): string {
  return `\`${tokenName(name).replaceAll('\\', '\\u005C').replaceAll('`', '``')}\``;
}

/** The name as the server takes it: neither empty nor with a null character, which no label, type or property may have. */
export function tokenName(name: string): string {
  return name === '' ? '_' : name.includes('\0') ? name.replaceAll('\0', '\uFFFD') : name;
}
