/** The generated documents by file name in docs/reference/. A test fails when one is stale. */
import { commandsDocument } from './commands.ts';
import { configurationDocument } from './configuration.ts';
import { operationsDocument } from './operations.ts';
import { relationshipsDocument } from './relationships.ts';

export const documents: Readonly<Record<string, () => string>> = {
  'relationships.md': relationshipsDocument,
  'configuration.md': configurationDocument,
  'operations.md': operationsDocument,
  'cli.md': commandsDocument,
};
