/** Rows of answers that begin with the names of a resource, and what stands in them. */
import type { Row } from './database.ts';
import type { Named } from './entries.ts';
import { idOf } from './identity.ts';
import { STORED_WIDTH } from './texts.ts';

/** The names of a resource, the first columns of many answers. */
export const NAMES = 'r.no, k.cluster, k.api_group, k.name, k.pseudo, r.namespace, r.name, r.uid';
export const NAMES_WIDTH = 8;

/** The names in a row that begins with NAMES. */
export function namedIn(row: Row): Named {
  const [, cluster, group, kind, pseudo, namespace, name, uid] = row as readonly [
    number,
    string,
    string,
    string,
    number,
    string,
    string,
    string,
  ];
  const names = { cluster, group, kind, pseudo: pseudo === 1, namespace, name, uid };
  return { id: idOf(names), ...names };
}

/** Where the columns of a version begin, after names and time; and those of the one before it. */
export const TEXT = NAMES_WIDTH + 1;
export const TEXT_BEFORE = TEXT + STORED_WIDTH;
