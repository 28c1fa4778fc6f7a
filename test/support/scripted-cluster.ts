/** A cluster to which a test does things while it is followed. */
import type { Change, KubeObject } from '../../src/model/change.ts';
import type { Input } from '../../src/program/inputs.ts';

export interface ScriptedCluster {
  readonly input: Input;
  /** The objects as they are from now on; all Pods are known then. */
  apply(...objects: readonly KubeObject[]): void;
}

export function scriptedCluster(cluster = 'c'): ScriptedCluster {
  const waiting: Change[] = [];
  let wake = (): void => undefined;
  const input: Input = {
    name: 'scripted',
    cluster,
    async *changes(stop) {
      while (!stop.aborted) {
        if (waiting.length > 0) yield waiting.splice(0);
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (waiting.length > 0) resolve();
          stop.addEventListener('abort', () => resolve(), { once: true });
        });
      }
    },
  };
  const at = (): string => new Date().toISOString();
  return {
    input,
    apply(...objects) {
      waiting.push(...objects.map((object): Change => ({ type: 'apply', at: at(), cluster, object })));
      waiting.push({ type: 'observe', at: at(), cluster, scope: { group: '', kind: 'Pod' }, coverage: 'ready' });
      wake();
    },
  };
}
