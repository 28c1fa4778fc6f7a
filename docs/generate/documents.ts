/** The generated documents by file name in docs/reference/. A test fails when one is stale. */
import { configurationDocument } from './configuration.ts';
import { relationshipsDocument } from './relationships.ts';

export const documents: Readonly<Record<string, () => string>> = {
  'relationships.md': relationshipsDocument,
  'configuration.md': configurationDocument,
};
