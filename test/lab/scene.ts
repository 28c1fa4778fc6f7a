/** A recording as the scene that it ends with: whether what is to show does, can be asked of it at any time. */
import type { Change, KubeObject } from '../../src/model/change.ts';
import type { Scene } from './fault.ts';

export function sceneOf(changes: readonly Change[]): Scene {
  const begun = changes[0]?.at ?? '';
  const objects = new Map<string, KubeObject>();
  const logs = new Map<string, string[]>();
  const keyOf = ({ kind, metadata: { namespace = '', name } }: Pick<KubeObject, 'kind' | 'metadata'>): string =>
    `${kind}/${namespace}/${name}`;
  for (const change of changes) {
    if (change.type === 'apply') objects.set(keyOf(change.object), change.object);
    if (change.type === 'delete') objects.delete(keyOf(change.object));
    if (change.type !== 'occur') continue;
    const { subject, message = '' } = change.occurrence;
    logs.set(subject.name, [...(logs.get(subject.name) ?? []), message]);
  }
  const first = changes.flatMap((change) => (change.type === 'apply' && change.at === begun ? [change.object] : []));
  return { begun, objects: [...objects.values()], before: first.filter(({ kind }) => kind === 'Pod'), logs };
}
