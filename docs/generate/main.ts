/** `npm run docs`: writes docs/reference/ from the program's own tables. */
import { writeFileSync } from 'node:fs';
import { documents } from './documents.ts';

for (const [name, make] of Object.entries(documents))
  writeFileSync(new URL(`../reference/${name}`, import.meta.url), make());
