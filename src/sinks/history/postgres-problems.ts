/** What PostgreSQL and the way to it say when something is wrong, as Problems that say what to do. */
import { Problem } from '../../model/problem.ts';

/** SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html. Codes of two characters stand for their class. */
const remedies: Readonly<Record<string, string>> = {
  '22': '',
  '23': '',
  // Numbers that were given away by another: the writer reads where the history ends, and goes on from there.
  '23505': 'somebody else has written to it; it is tried again from where it ends now',
  '25006': 'it only takes reads at present, as a standby does; name the server that takes writes',
  '28': 'correct user and password of history.url, or what pg_hba.conf lets in',
  '3D000': 'make that database, or correct the name in history.url',
  '3F000': 'start "kube-kg serve" with this history.url, which makes it',
  '42': '',
  '42501': 'let the user make and write tables there: GRANT CREATE ON DATABASE … TO …, or make the schema for it',
  '42P01': 'start "kube-kg serve" with this history.url, which makes the tables',
  '53300': 'it has no connection left; raise max_connections, or end what is not needed',
  '57P01': 'it shuts down; everything goes on when it is back',
  '57P02': 'it failed and starts again; everything goes on when it is back',
  '57P03': 'it is about to start or to stop; everything goes on when it is back',
};

/** Of tables, and of indexes. */
const DAMAGED = new Set(['XX001', 'XX002']);

interface Foreign {
  readonly message?: string;
  readonly code?: string;
  /** Of several attempts, one an address of the host. */
  readonly errors?: readonly Foreign[];
}

/**
 * The error as a Problem. `where` names the store, without its password. What the server refuses although it can be reached, its right is there and
 * it has space (a value that does not fit, a column that is missing) will be refused again: that is `internal`.
 */
export function problemFromPostgres(error: unknown, where: string): Problem {
  if (error instanceof Problem) return error;
  const { message, code = '', errors = [] } = error as Foreign;
  const text = message || errors.map((each) => each.message).join('; ') || code;
  if (code === '53100')
    return new Problem(
      'store-full',
      `${where}: no space left (${text}); what is known goes on, history waits until there is space`,
      { cause: error },
    );
  if (DAMAGED.has(code))
    return new Problem(
      'store-damaged',
      `${where} is damaged (${text}); restore a backup, or have PostgreSQL repaired`,
      {
        cause: error,
      },
    );
  const remedy = remedies[code] ?? remedies[code.slice(0, 2)];
  if (remedy === '') return new Problem('internal', `${where}: ${text} (${code})`, { cause: error });
  return new Problem(
    'store-unreachable',
    `${where}: ${text}; ${remedy ?? 'see whether the server runs and can be reached'}`,
    { cause: error },
  );
}
