/** Whether the Neo4j of the configuration answers; the finding says what to do. Reads only. */
import { problemFrom } from '../model/problem.ts';
import { connect } from '../sinks/neo4j/connection.ts';
import type { Finding } from '../sources/kubernetes/doctor.ts';
import type { Neo4jSettings } from './mirror.ts';

/** Never throws. */
export async function diagnoseNeo4j({ uri, user, password, database }: Neo4jSettings): Promise<Finding> {
  const subject = 'Neo4j';
  const connection = connect({ uri, user: password === undefined ? undefined : user, password, database });
  try {
    // That a server is there says nothing of the database.
    for await (const _ of connection.read({ text: 'RETURN 1', params: {} }));
    return { status: 'ok', subject, message: `${uri} answers${password === undefined ? '' : ` to ${user}`}` };
  } catch (error) {
    return {
      status: 'fault',
      subject,
      message: `${uri}: ${problemFrom(error).message}`,
      remedy:
        'Start it, or correct neo4j.uri, neo4j.user, neo4j.password and neo4j.database. Until then "kube-kg serve" answers all the same, and the mirror stays as it is.',
    };
  } finally {
    await connection.close();
  }
}
