/**
 * Every field path of the kinds table stands in the API's own schema: Kubernetes' as its API server publishes it, other projects' as their
 * CustomResourceDefinitions say once they are installed there.
 */
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { genericRelations } from '../../src/kinds/generic.ts';
import { describer, kinds } from '../../src/kinds/index.ts';
import { scenarioDocuments, scenarioFrom } from '../scenarios/scenario.ts';
import { type Cluster, startCluster } from './components/kubernetes.ts';
import { run, waitFor } from './runner.ts';
import { absent, type SchemaModule, schemaModules, uncheckable } from './schema-modules.ts';
import { alternatives, placeOf, Schemas, type Verdict } from './schemas.ts';

const keyOf = ({ group, kind }: { group: string; kind: string }): string => `${group}/${kind}`;
const wanted = new Map(kinds.filter(({ relations = [] }) => relations.length > 0).map((kind) => [keyOf(kind), kind]));

describe('field paths', () => {
  let cluster: Cluster;
  let schemas: Schemas;
  before(async () => {
    const flags = { apiserver: ['--runtime-config=api/all=true'] };
    cluster = await startCluster({ name: 'paths', flags });
    const definitions = await definitionsOf(schemaModules);
    await cluster.apply(...definitions);
    await waitFor('every definition to be published', async () => {
      schemas = await Schemas.of(cluster.login());
      return definitions.every(({ spec: { group, names } }) => schemas.has(`${group}/${names.kind}`));
    });
  });
  after(() => cluster?.stop());

  it('K100 every kind with relations has its schema checked, or a reason why not', () => {
    const unaccounted = [...wanted.keys()].filter((key) => !schemas.has(key) && !reasonFor(key));
    assert.deepEqual(unaccounted, [], 'kinds without schema or reason');
    const needless = Object.keys(uncheckable).filter(
      (key) => ![...wanted.keys()].some((each) => !schemas.has(each) && matches(key, each)),
    );
    assert.deepEqual(needless, [], 'reasons for nothing');
  });

  it('K101 every relation’s path is a field of the API, or its absence is intended', (test) => {
    const verdicts: Verdict[] = [];
    const failures: string[] = [];
    const excused = new Set<string>();
    const check = (key: string, path: string): void => {
      for (const pattern of alternatives(path)) {
        const verdict = schemas.verdict(key, pattern);
        verdicts.push(verdict);
        if (verdict !== 'absent') continue;
        const name = `${key} ${pattern}`;
        if (name in absent) excused.add(name);
        else failures.push(name);
      }
    };
    for (const { path } of genericRelations) check('/Pod', path);
    for (const [key, { relations = [] }] of wanted) {
      if (schemas.has(key)) for (const { path } of relations) check(key, path);
    }
    test.diagnostic(
      JSON.stringify(
        Object.groupBy(verdicts, (verdict) => verdict),
        (_, value) => (Array.isArray(value) && typeof value[0] === 'string' ? value.length : value),
      ),
    );
    assert.deepEqual([...new Set(failures)], []);
    assert.deepEqual(
      Object.keys(absent).filter((name) => !excused.has(name)),
      [],
      'excused, but there',
    );
  });

  it('K102 every field that evidence names is a field of the API', async () => {
    const failures = new Set<string>();
    for (const [key, fields] of await evidenceOfScenarios()) {
      if (!schemas.has(key)) continue;
      for (const field of fields) {
        if (schemas.verdict(key, field) === 'absent' && !(`${key} ${field}` in absent)) failures.add(`${key} ${field}`);
      }
    }
    assert.deepEqual([...failures], []);
  });
});

const matches = (pattern: string, key: string): boolean =>
  pattern === key || (pattern.endsWith('/*') && key.startsWith(pattern.slice(0, -1)));
const reasonFor = (key: string): string | undefined =>
  Object.entries(uncheckable).find(([pattern]) => matches(pattern, key))?.[1];

/** The places that references of all scenarios' objects were found at, by `group/Kind`. */
async function evidenceOfScenarios(): Promise<Map<string, Set<string>>> {
  const folder = join(import.meta.dirname, '..', 'scenarios');
  const places = new Map<string, Set<string>>();
  for (const file of await readdir(folder)) {
    if (!file.endsWith('.yaml')) continue;
    for (const { steps } of scenarioDocuments(join(folder, file)).map(scenarioFrom)) {
      for (const object of steps.flatMap(({ apply = [] }) => apply)) {
        const description = describer.object('c', object);
        if ('reason' in description || !wanted.has(keyOf(description.resource))) continue;
        const key = keyOf(description.resource);
        const known = places.get(key) ?? new Set();
        for (const { field } of description.references) known.add(placeOf(field));
        places.set(key, known);
      }
    }
  }
  return places;
}

interface Definition {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: object };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly object[];
  };
}

/** The definitions of the kinds we want, from the modules' folders, each once: the first module that has it. */
async function definitionsOf(modules: readonly SchemaModule[]): Promise<Definition[]> {
  const names = modules.map(({ module, version }) => `${module}@${version}`);
  const output = await run(['go', 'mod', 'download', '-json', ...names], { cwd: tmpdir(), env: { GOWORK: 'off' } });
  const downloaded = JSON.parse(`[${output.replaceAll(/^}\n\{/gm, '},\n{')}]`) as { Path: string; Dir: string }[];
  const directories = new Map(downloaded.map(({ Path, Dir }) => [Path, Dir]));
  const found = new Map<string, Definition>();
  for (const { module, folders } of modules) {
    for (const folder of folders) {
      for (const path of await yamlFiles(join(directories.get(module) ?? '', folder))) {
        for (const document of parseAllDocuments(await readFile(path, 'utf8'), { logLevel: 'silent' })) {
          const definition = document.toJS() as Definition | null;
          if (definition?.kind !== 'CustomResourceDefinition') continue;
          const key = `${definition.spec.group}/${definition.spec.names.kind}`;
          if (wanted.has(key) && !found.has(key)) found.set(key, slim(definition));
        }
      }
    }
  }
  return [...found.values()];
}

async function yamlFiles(path: string): Promise<string[]> {
  if ((await stat(path)).isFile()) return [path];
  return (await readdir(path)).filter((name) => /\.ya?ml$/.test(name)).map((name) => join(path, name));
}

/** Only the fields count: descriptions, validations and conversions go, or the installation takes minutes. */
function slim({ apiVersion, kind, metadata, spec }: Definition): Definition {
  const approval = { 'api-approved.kubernetes.io': 'https://github.com/kubernetes/enhancements' };
  const { conversion: _, ...rest } = spec as Definition['spec'] & { conversion?: unknown };
  return {
    apiVersion,
    kind,
    metadata: { name: metadata.name, annotations: approval },
    spec: withoutProse(rest) as Definition['spec'],
  };
}

function withoutProse(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutProse);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key, inner]) => key !== 'x-kubernetes-validations' && !(key === 'description' && typeof inner === 'string'),
  );
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutProse(inner)]));
}
