/** Small made-up kinds that use every feature of the linker; the fuzz test's estate. */
import { describerFor, type KindDescriber } from '../../src/kinds/describe.ts';
import { kind } from '../../src/kinds/kind.ts';
import { clusterScoped, namespaced } from '../../src/kinds/refs.ts';
import { names, namesPseudo, refersTo, relation, selects } from '../../src/kinds/relations.ts';
import { selectorFrom } from '../../src/model/selector.ts';

const A = namespaced('t', 'A');
const Wide = clusterScoped('t', 'Wide');

const namespacesOf = ({ object }: { object: unknown }) => {
  const selector = selectorFrom((object as { spec?: { ns?: unknown } }).spec?.ns);
  return selector && ({ type: 'labels', selector } as const);
};

const newest = (edge: 'USES_CLASS' | 'FITS_ON', path: string) =>
  relation(edge, path, 'A', { confidence: 'selector' }, ({ value }) => {
    const selector = selectorFrom(value);
    return selector && { target: { by: 'labels', ...A, selector, namespaces: { type: 'all' }, newest: true } };
  });

const table = [
  kind<Record<string, never>>({
    group: 't',
    name: 'A',
    plural: 'as',
    namespaced: true,
    selectable: (object) => (object as { spec?: { facts?: Record<string, string> } }).spec?.facts,
    summary: (object) => ({ n: (object as { spec?: { n?: number } }).spec?.n }),
    relations: [
      names('MOUNTS', 'spec.names[*]', A),
      names('MOUNTS', 'spec.other[*]', A, { optional: true, confidence: 'naming' }),
      names('READS', 'spec.refs[*]', A, { optional: 'optional', uid: 'uid', namespace: 'namespace' }),
      names('CLAIMS', 'spec.owned[*]', A, { owned: true }),
      names('USES_CLASS', 'spec.wide', Wide),
      refersTo('REFERS_TO', 'spec.any[*]', 'any'),
      namesPseudo('USES_IMAGE', 'spec.images[*]', 'Image'),
      names('BOUND_TO', 'spec.labelled', A, {
        confidence: 'naming',
        labels: () => selectorFrom({ matchLabels: { a: '1' } }),
      }),
    ],
  }),
  kind<Record<string, never>>({
    group: 't',
    name: 'S',
    plural: 'ss',
    namespaced: true,
    relations: [
      selects('SELECTS', 'spec.own[*]', A, { empty: 'none' }),
      selects('SELECTS', 'spec.everywhere', A, { empty: 'all', namespaces: () => ({ type: 'all' }) }),
      selects('APPLIES_TO', 'spec.chosen', A, { empty: 'all', namespaces: namespacesOf }),
      selects('OWNS', 'spec.reversed', A, { empty: 'all', reverse: true }),
      selects('NEAR', 'spec.near[*]', A, { empty: 'all' }),
      selects('NEAR', 'spec.nearReversed', A, { empty: 'all', reverse: true }),
      names('NEAR', 'spec.nearNamed[*]', A, { optional: 'optional' }),
      names('PREFERS', 'spec.preferredBy[*]', A, { reverse: true, uid: 'uid', namespace: 'namespace' }),
      newest('USES_CLASS', 'spec.newest'),
      newest('FITS_ON', 'spec.newestComputed'),
      names('ROUTES_TO', 'spec.routes[*]', A, { namespace: 'namespace', guard: 'grant' }),
      names('ATTACHES_TO', 'spec.parents[*]', namespaced('t', 'L'), { namespace: 'namespace', guard: 'listener' }),
    ],
  }),
  kind<Record<string, never>>({
    group: 't',
    name: 'G',
    plural: 'gs',
    namespaced: true,
    grants: (object) => {
      const { from = [], to = [] } = (object as { spec?: { from?: string[]; to?: string[] } }).spec ?? {};
      return [
        {
          from: from.map((namespace) => ({ group: 't', kind: 'S', namespace })),
          to: to.map((name) => ({ group: 't', kind: 'A', name })),
        },
      ];
    },
  }),
  kind<Record<string, never>>({
    group: 't',
    name: 'L',
    plural: 'ls',
    namespaced: true,
    listeners: (object) => {
      const { from = 'Same', selector } =
        (object as { spec?: { from?: 'Same' | 'All'; selector?: unknown } }).spec ?? {};
      const chosen = selectorFrom(selector);
      return [{ section: 'x', from: chosen ? { selector: chosen } : from }];
    },
  }),
  kind<Record<string, never>>({ group: 't', name: 'Wide', plural: 'wides', namespaced: false }),
  kind<Record<string, never>>({ group: '', name: 'Namespace', plural: 'namespaces', namespaced: false }),
];

/** A describer of its own, as another process has one. */
export const newFuzzDescriber = (): KindDescriber => describerFor(table);

export const fuzzDescriber = newFuzzDescriber();
