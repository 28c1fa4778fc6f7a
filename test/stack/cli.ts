/**
 * A cluster to play with: `npm run -s stack -- up | down | status | build [--name NAME] [--kwok N] [--real NODE]`.
 * `up` prints `KUBECONFIG=PATH` on standard output, so `export $(npm run -s stack -- up)` is all that a shell needs. It stays until `down`.
 */
import { parseArgs } from 'node:util';
import { built, testedArtifacts } from './build.ts';
import { openCluster, startCluster } from './components/kubernetes.ts';
import { postgresPrograms } from './components/postgres.ts';

const usage = `npm run -s stack -- up       start a cluster and print KUBECONFIG=…
                    down     stop it and remove its folder
                    status   print KUBECONFIG=… and exit with 0 when it runs, with 3 otherwise
                    build    build the components that are missing, as \`up\` and the tests do when they must
  --name NAME   of the cluster (default dev)
  --kwok N      nodes that kwok plays (default 2)
  --real NODE   a real node of that name beside them (needs root)
`;

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  return 2;
});

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      name: { type: 'string', default: 'dev' },
      kwok: { type: 'string', default: '2' },
      real: { type: 'string' },
    },
  });
  const { name, kwok, real } = values;
  const cluster = await openCluster(name);
  switch (positionals[0]) {
    case 'up': {
      if (cluster?.running()) return printed(cluster.kubeconfig);
      await cluster?.stop();
      const realNode = real === undefined ? {} : { realNode: real };
      return printed((await startCluster({ name, keep: true, kwokNodes: Number(kwok), ...realNode })).kubeconfig);
    }
    case 'down':
      await cluster?.stop();
      return 0;
    case 'status':
      return cluster?.running() ? printed(cluster.kubeconfig) : 3;
    case 'build':
      for (const artifact of testedArtifacts) await built(artifact);
      // Not built, but needed: said here rather than by the tests.
      await postgresPrograms();
      return 0;
    default:
      process.stderr.write(usage);
      return 2;
  }
}

function printed(kubeconfig: string): number {
  process.stdout.write(`KUBECONFIG=${kubeconfig}\n`);
  return 0;
}
