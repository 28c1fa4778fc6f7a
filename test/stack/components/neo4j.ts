/** Neo4j Community on loopback, its data in a folder of its own, with little memory. Started, stopped, killed and started again. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, connect } from '../../../src/sinks/neo4j/connection.ts';
import { built } from '../build.ts';
import { listening, loopback, type Program, Runner, run } from '../runner.ts';

const NAME = 'neo4j';
const password = 'stack-password';

const javaOptions = [
  '-Xms512m',
  '-Xmx512m',
  '-XX:+UseG1GC',
  '-XX:+ExitOnOutOfMemoryError',
  ...['java.nio', 'java.io', 'sun.nio.ch', 'java.util.concurrent'].map(
    (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
  ),
  '-Dio.netty.tryReflectionSetAccessible=true',
  '-Dlog4j2.disable.jmx=true',
  '-Dfile.encoding=UTF-8',
];

export interface Neo4jServer extends AsyncDisposable {
  readonly uri: string;
  readonly user: string;
  readonly password: string;
  /** A connection of its own, which whoever asks for it closes. */
  connect(): Connection;
  /** Ends it as an administrator would, or at once; its data stays. */
  stop(how?: 'gently' | 'at once'): Promise<void>;
  /** After `stop`. */
  start(): Promise<void>;
}

/** Starts an empty one and returns when it answers; `await using` ends it and removes its folder. */
export async function startNeo4j(): Promise<Neo4jServer> {
  const directory = await mkdtemp(join(tmpdir(), 'kube-kg-neo4j-'));
  const port = await loopback.port(7687);
  const lib = join(await built('neo4j'), 'lib', '*');
  const conf = join(directory, 'conf');
  for (const folder of ['conf', 'data', 'logs', 'plugins', 'import', 'run', 'licenses'])
    await mkdir(join(directory, folder));
  await writeFile(join(conf, 'neo4j.conf'), configuration(port));
  const env = { NEO4J_HOME: directory, NEO4J_CONF: conf };
  await run(['java', '-cp', lib, 'org.neo4j.cli.AdminTool', 'dbms', 'set-initial-password', password], { env });
  const runner = new Runner(directory, loopback, false);
  const access = { uri: `bolt://127.0.0.1:${port}`, user: 'neo4j', password };
  const program: Program = {
    name: NAME,
    argv: [
      ...['env', `NEO4J_HOME=${directory}`, `NEO4J_CONF=${conf}`, 'java', ...javaOptions],
      ...['-cp', lib, 'org.neo4j.server.CommunityEntryPoint', `--home-dir=${directory}`, `--config-dir=${conf}`],
    ],
    ready: async () => (await listening('127.0.0.1', port)) && (await answers(access)),
    timeoutMs: 120_000,
  };
  const start = async (): Promise<void> => {
    await runner.start(program);
  };
  await start();
  return {
    ...access,
    connect: () => connect(access),
    stop: (how = 'gently') => (how === 'gently' ? runner.stop(NAME, 60_000) : runner.kill(NAME)),
    start,
    async [Symbol.asyncDispose]() {
      await runner.kill(NAME);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answers(access: Parameters<typeof connect>[0]): Promise<boolean> {
  const connection = connect(access);
  try {
    await connection.verify();
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

function configuration(port: number): string {
  return `server.default_listen_address=127.0.0.1
server.default_advertised_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:${port}
server.bolt.advertised_address=127.0.0.1:${port}
server.bolt.tls_level=DISABLED
server.http.enabled=false
server.https.enabled=false
dbms.usage_report.enabled=false
server.memory.pagecache.size=128m
server.memory.heap.initial_size=512m
server.memory.heap.max_size=512m
db.tx_log.rotation.retention_policy=1 files
db.tx_log.preallocate=false
`;
}
