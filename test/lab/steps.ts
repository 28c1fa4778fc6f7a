/** Does what cases say is to be done. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Step } from './fault.ts';
import type { Place } from './place.ts';

export async function perform({ cluster, shell }: Place, namespace: string, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if ('apply' in step) await cluster.apply(...step.apply);
    else if ('kubectl' in step)
      await cluster.kubectl(...inNamespace(namespace, step.kubectl)).catch((error: unknown) => {
        if (!step.refused) throw error;
      });
    else if ('stop' in step) await cluster.kill(step.stop);
    else if ('hang' in step) await cluster.kill(step.hang, 'SIGSTOP');
    else if ('resume' in step) await cluster.kill(step.resume, 'SIGCONT');
    else if ('start' in step) await cluster.start(step.start, step.flags);
    else if ('node' in step) await shell(`CLUSTER=${cluster.directory}; ${step.node}`);
    else await sleep(step.wait * 1_000);
  }
}

function inNamespace(namespace: string, args: readonly string[]): readonly string[] {
  return args.includes('-n') ? args : ['-n', namespace, ...args];
}
