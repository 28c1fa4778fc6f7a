/** Random objects of the made-up kinds, from a small universe of names, so that they collide, come again and miss each other. */

import type { KubeObject } from '../../src/model/change.ts';
import type { Random } from '../support/random.ts';

const pick = <T>(random: Random, list: readonly T[]): T => random.pick(list);
export const some = <T>(random: Random, list: readonly T[], max: number): T[] =>
  Array.from({ length: Math.floor(random.next() * (max + 1)) }, () => pick(random, list));

export const SPACES = ['n1', 'n2', 'n3'];
export const NAMES = ['a', 'b', 'c', 'd'];

export const keyOf = ({ kind, metadata }: KubeObject): string => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;

export function make(random: Random, kind: string, space: string, name: string): KubeObject {
  const wide = kind === 'Wide' || kind === 'Namespace';
  const called = kind === 'Namespace' ? space : name;
  const where = wide ? '' : space;
  const uid = (namespace: string, target: string): string =>
    `A-${namespace}-${target}-${Math.floor(random.next() * 2)}`;
  return {
    apiVersion: kind === 'Namespace' ? 'v1' : 't/v1',
    kind,
    metadata: {
      ...(!wide && { namespace: where }),
      name: called,
      ...(random.chance(0.8) && { uid: `${kind}-${where}-${called}-${random.int(2)}` }),
      ...(random.chance(0.7) && { creationTimestamp: `2026-01-0${1 + random.int(2)}T00:00:00Z` }),
      labels: labels(random),
      ...(random.next() < 0.3 && {
        ownerReferences: [
          {
            apiVersion: 't/v1',
            kind: 'A',
            name: pick(random, NAMES),
            uid: uid(pick(random, SPACES), pick(random, NAMES)),
          },
        ],
      }),
    },
    spec:
      kind === 'A'
        ? specOfA(random, uid)
        : kind === 'S'
          ? specOfS(random)
          : kind === 'G'
            ? specOfG(random)
            : specOfL(random),
  };
}

function labels(random: Random): Record<string, string> {
  const result: Record<string, string> = {};
  for (const key of some(random, ['a', 'b', 'c'], 3)) result[key] = pick(random, ['1', '2']);
  return result;
}

function specOfA(random: Random, uid: (namespace: string, name: string) => string): Record<string, unknown> {
  return {
    n: Math.floor(random.next() * 3),
    facts: random.next() < 0.3 ? { fact: pick(random, ['1', '2']) } : undefined,
    names: some(random, NAMES, 2),
    other: some(random, NAMES, 1),
    refs: some(random, NAMES, 2).map((name) => {
      const namespace = pick(random, SPACES);
      return {
        name,
        namespace,
        optional: random.next() < 0.3,
        ...(random.next() < 0.5 && { uid: uid(namespace, name) }),
      };
    }),
    owned: some(random, NAMES, 1),
    wide: random.next() < 0.3 ? pick(random, NAMES) : undefined,
    any: some(random, NAMES, 1).map((name) => ({ apiVersion: 't/v1', kind: pick(random, ['A', 'S', 'Wide']), name })),
    images: some(random, ['x', 'y'], 2),
    labelled: random.next() < 0.3 ? pick(random, NAMES) : undefined,
  };
}

function selector(random: Random): Record<string, unknown> {
  const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist'];
  return {
    ...(random.next() < 0.6 && { matchLabels: labels(random) }),
    ...(random.next() < 0.5 && {
      matchExpressions: some(random, ['a', 'b', 'c', 'fact'], 2).map((key) => ({
        key,
        operator: pick(random, operators),
        values: some(random, ['1', '2'], 2),
      })),
    }),
  };
}

function specOfS(random: Random): Record<string, unknown> {
  return {
    own: some(random, [0, 1], 2).map(() => selector(random)),
    everywhere: random.next() < 0.3 ? selector(random) : undefined,
    chosen: random.next() < 0.5 ? selector(random) : undefined,
    ns: random.next() < 0.7 ? selector(random) : undefined,
    reversed: random.next() < 0.3 ? selector(random) : undefined,
    near: some(random, [0, 1], 2).map(() => selector(random)),
    nearReversed: random.chance(0.3) ? selector(random) : undefined,
    nearNamed: some(random, NAMES, 2).map((name) => ({ name, optional: random.chance(0.7) })),
    preferredBy: some(random, NAMES, 1).map((name) => {
      const namespace = pick(random, SPACES);
      return { name, namespace, ...(random.chance(0.5) && { uid: `A-${namespace}-${name}-${random.int(2)}` }) };
    }),
    newest: random.chance(0.5) ? selector(random) : undefined,
    newestComputed: random.chance(0.3) ? selector(random) : undefined,
    routes: some(random, NAMES, 2).map((name) => ({ name, namespace: pick(random, SPACES) })),
    parents: some(random, NAMES, 2).map((name) => ({ name, namespace: pick(random, SPACES) })),
  };
}

function specOfG(random: Random): Record<string, unknown> {
  return { from: some(random, SPACES, 2), to: some(random, NAMES, 2) };
}

function specOfL(random: Random): Record<string, unknown> {
  return { from: pick(random, ['Same', 'All', 'None']), selector: random.chance(0.5) ? selector(random) : undefined };
}
