/**
 * `resources.yaml`, the configuration of a watch-event service, as settings of this program. It is known by its keys, which no configuration of
 * our own has. Invariant: every key of it is a setting, or is said to be none; nothing is passed over silently.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { nearest } from '../lib/nearest.ts';
import { placeOf, plainWords } from '../lib/plain-words.ts';

const resource = z.strictObject({
  group: z.string().nullish(),
  version: z.string().optional(),
  kind: z.string().min(1),
  plural: z.string().optional(),
  namespaced: z.boolean().optional(),
});

const schema = z.strictObject({
  resources: z.array(resource).optional(),
  discoverCRDs: z.boolean().optional(),
  storagePath: z.string().min(1).optional(),
  retentionDays: z.int().positive().optional(),
  serverPort: z.int().min(0).max(65_535).optional(),
  maxQueryLimit: z.int().positive().optional(),
});

/** What each key becomes, for the reference. */
export const resourcesFileKeys: Readonly<Record<keyof z.infer<typeof schema>, string>> = {
  resources: '`kubernetes.include`, as `group/Kind`; the version is the one that the API server prefers',
  discoverCRDs: '`kubernetes.include` with `custom`: every custom resource besides',
  storagePath: '`history.url`, as `history.db` in that folder; what another program keeps there is not read',
  retentionDays: '`history.days`',
  serverPort: '`server.port`',
  maxQueryLimit: '`history.queryMax`',
};

/** Whether a document is such a file: one of its keys is at its top. */
export function isResourcesFile(content: object): boolean {
  return Object.keys(content).some((key) => Object.hasOwn(schema.shape, key));
}

/** Settings as `section.key`, and every fault. */
export function settingsOfResources(content: object): {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly faults: readonly string[];
} {
  const { data, error } = schema.safeParse(content, { error: plainWords });
  if (data === undefined) return { settings: {}, faults: error.issues.flatMap(faultsOf) };
  const { resources = [], discoverCRDs, storagePath, retentionDays, serverPort, maxQueryLimit } = data;
  const kinds = resources.map(({ group, kind }) => `${group || 'core'}/${kind}`);
  return {
    settings: {
      ...(kinds.length > 0 && { 'kubernetes.include': discoverCRDs ? [...kinds, 'custom'] : kinds }),
      ...(storagePath !== undefined && { 'history.url': historyIn(storagePath) }),
      ...(retentionDays !== undefined && { 'history.days': retentionDays }),
      ...(serverPort !== undefined && { 'server.port': serverPort }),
      ...(maxQueryLimit !== undefined && { 'history.queryMax': maxQueryLimit }),
    },
    faults: [],
  };
}

/** The history in a folder that is meant for one. */
export function historyIn(folder: string): string {
  return join(folder, 'history.db');
}

function faultsOf(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code !== 'unrecognized_keys') return [`${placeOf(issue.path)}: ${issue.message}`];
  const known = Object.keys(issue.path.length === 0 ? schema.shape : resource.shape);
  return issue.keys.map((key) => {
    const [near] = nearest(key, known);
    const hint = near === undefined ? `there are ${known.join(', ')}` : `did you mean ${near}?`;
    return `${placeOf([...issue.path, key])}: no such setting of a resources.yaml; ${hint}`;
  });
}
