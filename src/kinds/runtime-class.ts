/** RuntimeClass: how containers are run, and on which nodes that is possible. Source: node.k8s.io/v1. */
import type { V1RuntimeClass } from '@kubernetes/client-node';
import { kind } from './kind.ts';
import { tolerated } from './placement.ts';
import { Node } from './refs.ts';
import { relation, selects } from './relations.ts';

export const runtimeClass = kind<V1RuntimeClass>({
  group: 'node.k8s.io',
  name: 'RuntimeClass',
  plural: 'runtimeclasses',
  namespaced: false,
  summary: ({ handler }) => ({ handler }),
  relations: [
    selects('FITS_ON', 'scheduling.nodeSelector', Node, { form: 'map', empty: 'none' }),
    relation('TOLERATES', 'scheduling.tolerations[*]', 'Node', { confidence: 'selector' }, tolerated),
  ],
});
