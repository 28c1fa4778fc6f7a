/** Where deployed things come from: Git, Helm, OCI and bucket addresses, as the pseudo resource Repository. */
import type { Found, Relation } from '../kind.ts';
import { namesPseudo } from '../relations.ts';

/** An address without credentials (`https://user:token@host/…`), so that the graph never carries them and two users' addresses are one. */
function addressOf({ value }: Found): string | undefined {
  if (typeof value !== 'string') return undefined;
  return value.trim().replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}

/** The field is the address of a repository that the object is synced from. */
export function repository(path: string, attributes?: Parameters<typeof namesPseudo>[3]): Relation {
  return namesPseudo('SYNCS_FROM', path, 'Repository', { read: addressOf, ...attributes });
}
