/** Errors of the driver and the server → Problems. Nothing else of Neo4j's knows their codes. */
import { Neo4jError } from 'neo4j-driver';
import { Problem, type ProblemCode, problemFrom } from '../../model/problem.ts';

/** The same transaction would take as much the next time. */
const MEMORY = 'A transaction takes more memory than Neo4j has for it; make neo4j.batchSize smaller';

/** Beginning of a code, what it means here, and what to do about it. First match counts. */
const MEANINGS: readonly (readonly [string, ProblemCode, string])[] = [
  ['ServiceUnavailable', 'store-unreachable', 'Neo4j does not answer; is it running at neo4j.uri?'],
  ['SessionExpired', 'store-unreachable', 'Neo4j ended the connection'],
  ['ProtocolError', 'store-unreachable', 'What answers at neo4j.uri does not speak Bolt; is the port that of Bolt?'],
  ['Neo.ClientError.Security.Unauthorized', 'unauthorized', 'Neo4j refuses neo4j.user and neo4j.password'],
  ['Neo.ClientError.Security.CredentialsExpired', 'unauthorized', 'Neo4j wants a new password for neo4j.user'],
  ['Neo.ClientError.Security.AuthenticationRateLimit', 'unauthorized', 'Neo4j refuses neo4j.user for a while'],
  ['Neo.ClientError.Security', 'forbidden', 'neo4j.user may not do this'],
  ['Neo.ClientError.Database.DatabaseNotFound', 'not-found', 'Neo4j has no database of the name in neo4j.database'],
  ['Neo.ClientError.Cluster', 'store-unreachable', 'This member of the Neo4j cluster takes no writes'],
  ['Neo.ClientError.Statement.SyntaxError', 'unsupported', 'This Neo4j is too old: 5.26 or later is needed'],
  ['Neo.TransientError.General.MemoryPoolOutOfMemoryError', 'too-large', MEMORY],
  ['Neo.ClientError.General.TransactionOutOfMemoryError', 'too-large', MEMORY],
  ['Neo.TransientError', 'store-unreachable', 'Neo4j asks to try again'],
  ['Neo.ClientError.Schema.ConstraintValidationFailed', 'store-unreachable', 'Somebody else wrote the same node'],
  // Anything else that a server says; what the driver says itself has other codes, or none.
  ['Neo.', 'internal', 'Neo4j failed'],
  ['', 'store-unreachable', 'Neo4j does not answer'],
];

export function problemFromNeo4j(error: unknown): Problem {
  if (!(error instanceof Neo4jError)) return problemFrom(error);
  const [, code = 'internal', meaning] = MEANINGS.find(([prefix]) => error.code.startsWith(prefix)) ?? [];
  const told = `${meaning} (${error.message.split('\n')[0]})`;
  return new Problem(code === 'internal' && error.retryable ? 'store-unreachable' : code, told, { cause: error });
}
