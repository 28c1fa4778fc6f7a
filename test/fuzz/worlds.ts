/** Supplies of objects for random histories: made-up kinds, real kinds, and the objects of all scenarios. */
import { readdirSync } from 'node:fs';
import type { KindDescriber } from '../../src/kinds/describe.ts';
import { describer, describerWith } from '../../src/kinds/index.ts';
import type { KubeObject } from '../../src/model/change.ts';
import { scenarioDocuments, scenarioFrom } from '../scenarios/scenario.ts';
import type { Random } from '../support/random.ts';
import { fuzzDescriber, newFuzzDescriber } from './fuzz-kinds.ts';
import { make, NAMES, SPACES } from './fuzz-objects.ts';
import { realObject } from './real-objects.ts';

type Draw = (random: Random) => KubeObject;
export interface World {
  readonly describer: KindDescriber;
  /** A describer of the same kinds, as another process has one. */
  anew(): KindDescriber;
  /** The supply of objects for one history. */
  supply(random: Random): Draw;
}

const MADE_UP = ['A', 'A', 'A', 'A', 'S', 'S', 'G', 'L', 'Wide', 'Namespace'];
const corpus = readdirSync(`${import.meta.dirname}/../scenarios`)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => scenarioDocuments(`${import.meta.dirname}/../scenarios/${name}`))
  .map((document) => scenarioFrom(document).steps.flatMap(({ apply = [] }) => apply))
  .filter((objects) => objects.length > 0);

export const worlds: Readonly<Record<string, World>> = {
  'made-up kinds': {
    describer: fuzzDescriber,
    anew: newFuzzDescriber,
    supply: () => (random) => make(random, random.pick(MADE_UP), random.pick(SPACES), random.pick(NAMES)),
  },
  'real kinds': { describer, anew: describerWith, supply: () => realObject },
  'objects of scenarios': {
    describer,
    anew: describerWith,
    supply(random) {
      const objects = Array.from({ length: 6 }, () => random.pick(corpus)).flat();
      return (again) => again.pick(objects);
    },
  },
};
