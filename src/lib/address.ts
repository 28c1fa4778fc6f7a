/** Addresses as people may see them. */

/** The text of an address with `***` for the password that a URL holds, before its host or among its parameters. Never fails: what is no URL stays. */
export function withoutPassword(text: string): string {
  // Up to the last @: a password may hold one that was not escaped.
  return text
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^:@/?#]*:).*@/is, '$1***@')
    .replaceAll(/([?&](?:ssl)?password=)[^&#]*/gi, '$1***');
}
