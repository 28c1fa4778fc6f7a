/**
 * What Stakater Reloader reads from a workload's annotations: which ConfigMaps and Secrets restart it when they change.
 * `auto` means all that the pod template uses. `checksum/…` annotations hold a hash and name nothing.
 */
import type { KindRef, Outcome, Relation } from './kind.ts';
import { ConfigMap, Secret } from './refs.ts';
import { relation, textAt, valueAt } from './relations.ts';

interface Annotation {
  readonly kinds: readonly KindRef[];
  /** The value lists names; otherwise `true` means all that the template uses. */
  readonly lists: boolean;
}

const annotations: Readonly<Record<string, Annotation>> = {
  'configmap.reloader.stakater.com/reload': { kinds: [ConfigMap], lists: true },
  'secret.reloader.stakater.com/reload': { kinds: [Secret], lists: true },
  'reloader.stakater.com/auto': { kinds: [ConfigMap, Secret], lists: false },
  'configmap.reloader.stakater.com/auto': { kinds: [ConfigMap], lists: false },
  'secret.reloader.stakater.com/auto': { kinds: [Secret], lists: false },
};

/** What the annotations of a workload, or of its pod template at `template`, restart it with. */
export function reloaderRelation(template: string): Relation {
  return relation(
    'RESTARTS_WITH',
    `{metadata,${template}.metadata}.annotations`,
    'ConfigMap, Secret',
    { confidence: 'naming', note: `Stakater Reloader: ${Object.keys(annotations).join(', ')}` },
    (found) => {
      const outcomes = Object.entries(annotations).flatMap(([key, { kinds, lists }]) => {
        const value = textAt(found.value, key);
        if (value === undefined || (!lists && value !== 'true')) return [];
        const spec = valueAt(found.object, `${template}.spec`);
        return kinds.flatMap(({ group, kind }) => {
          const names = lists ? value.split(',').map((name) => name.trim()) : namesOf(kind, spec);
          return [...new Set(names)]
            .filter((name) => name !== '')
            .map((name): Outcome => {
              const target = { by: 'name', group, kind, namespace: found.namespace, name } as const;
              return { target, suffix: `["${key}"]` };
            });
        });
      });
      return outcomes.length === 0 ? undefined : outcomes;
    },
  );
}

function namesOf(kind: string, spec: unknown): Iterable<string> {
  return kind === Secret.kind ? secretsOf(spec) : configMapsOf(spec);
}

function* configMapsOf(spec: unknown): Iterable<string> {
  for (const volume of sourcesOf(spec)) yield* nameIn(valueAt(volume, 'configMap'));
  for (const container of containersOf(spec)) {
    for (const source of listAt(container, 'envFrom')) yield* nameIn(valueAt(source, 'configMapRef'));
    for (const variable of listAt(container, 'env')) yield* nameIn(valueAt(variable, 'valueFrom.configMapKeyRef'));
  }
}

function* secretsOf(spec: unknown): Iterable<string> {
  for (const volume of sourcesOf(spec)) {
    yield* nameIn(valueAt(volume, 'secret'), 'secretName');
    yield* nameIn(valueAt(volume, 'secret'));
  }
  for (const container of containersOf(spec)) {
    for (const source of listAt(container, 'envFrom')) yield* nameIn(valueAt(source, 'secretRef'));
    for (const variable of listAt(container, 'env')) yield* nameIn(valueAt(variable, 'valueFrom.secretKeyRef'));
  }
}

/** Volumes, and the sources of projected ones. */
function sourcesOf(spec: unknown): readonly unknown[] {
  const volumes = listAt(spec, 'volumes');
  return [...volumes, ...volumes.flatMap((volume) => listAt(valueAt(volume, 'projected'), 'sources'))];
}

function containersOf(spec: unknown): readonly unknown[] {
  return [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')];
}

function listAt(value: unknown, field: string): readonly unknown[] {
  const list = valueAt(value, field);
  return Array.isArray(list) ? list : [];
}

function* nameIn(value: unknown, field = 'name'): Iterable<string> {
  const name = textAt(value, field);
  if (name !== undefined) yield name;
}
