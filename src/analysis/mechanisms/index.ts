/** All mechanisms: every way of failing that is known, one file a family. Order does not matter. */
import { configuration } from './configuration.ts';
import { crash } from './crash.ts';
import { dependency, policies } from './dependency.ts';
import { images } from './images.ts';
import type { Mechanism } from './mechanism.ts';

export const mechanisms: readonly Mechanism[] = [images, configuration, crash, dependency, policies];
