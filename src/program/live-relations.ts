/**
 * The file of users' relations while a server runs: looked at again and again, and taken over when it has changed and is whole.
 * Invariants: what is in force is one whole valid file at a time; a file that is faulty or gone changes nothing and is a standing fault until
 * it is mended; the content decides, so editors that replace the file and volumes that swap a link (`..data`) are like any other change.
 */
import { readFile } from 'node:fs/promises';
import type { UserRelations } from '../kinds/compiled-kinds.ts';
import type { KindDescriber } from '../kinds/describe.ts';
import { describerWith } from '../kinds/index.ts';
import { type Problem, problemFrom } from '../model/problem.ts';
import type { Config } from './config.ts';
import { readText, relationsFrom } from './relations-file.ts';

/** The relations in force: the table's and, where a file of them is configured, users' own. */
export interface Rules {
  readonly describer: KindDescriber;
  readonly relations?: LiveRelations;
}

/** Throws Problem `invalid-config` when the file is not valid. */
export function rulesOf({ graph: { relations: path } }: Config): Rules {
  if (path === undefined) return { describer: describerWith() };
  const relations = new LiveRelations(path);
  return { describer: describerWith(relations.relations), relations };
}

/** `changed`: other relations are in force. `faulty`: the file is not valid, and that is news. */
export type LookResult = 'same' | 'changed' | 'faulty';

export class LiveRelations {
  readonly path: string;
  #relations: UserRelations;
  #fault: Problem | undefined;
  /** Content judged last; undefined for a file that cannot be read. */
  #judged: string | undefined;
  /** Content at the last look: it is judged when two looks in a row see the same, for it may be half written. */
  #seen: string | undefined;

  /** Throws Problem `invalid-config` when the file is not valid to begin with. */
  constructor(path: string) {
    this.path = path;
    const text = readText(path);
    this.#relations = relationsFrom(text, path);
    this.#judged = text;
    this.#seen = text;
  }

  get relations(): UserRelations {
    return this.#relations;
  }

  /** What is wrong with the file as it is now; the relations in force are then those it had before. */
  get fault(): Problem | undefined {
    return this.#fault;
  }

  /** Looks at the file once. Never throws. */
  async look(): Promise<LookResult> {
    const text = await readFile(this.path, 'utf8').catch(() => undefined);
    const settled = text === this.#seen;
    this.#seen = text;
    if (!settled || text === this.#judged) return 'same';
    this.#judged = text;
    try {
      this.#relations = relationsFrom(text ?? readText(this.path), this.path);
      this.#fault = undefined;
      return 'changed';
    } catch (error) {
      this.#fault = problemFrom(error);
      return 'faulty';
    }
  }
}
