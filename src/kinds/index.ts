/** The table of kinds: everything the graph knows by name. Add a kind by copying a small file and adding it here. */
import { describerFor } from './describe.ts';
import type { Kind } from './kind.ts';
import { pod } from './pod.ts';

export const kinds: readonly Kind[] = [pod];

/** The describer over the built-in table. */
export const describer = describerFor(kinds);
