/**
 * Every field path of the kinds table stands in the API's own schema: Kubernetes' as its API server publishes it, other projects' as their
 * CustomResourceDefinitions say.
 */
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { genericRelations } from '../../src/kinds/generic.ts';
import { describer, kinds } from '../../src/kinds/index.ts';
import type { Relation } from '../../src/kinds/kind.ts';
import { kindKey } from '../../src/model/groups.ts';
import { scenarioDocuments, scenarioFrom } from '../scenarios/scenario.ts';
import { startCluster } from './components/kubernetes.ts';
import { run } from './runner.ts';
import { absent, alsoServedAs, type SchemaModule, schemaModules, uncheckable } from './schema-modules.ts';
import { alternatives, type Definition, type Document, placeOf, Schemas, type Verdict } from './schemas.ts';

const wanted = new Map(kinds.filter(({ relations = [] }) => relations.length > 0).map((kind) => [kindKey(kind), kind]));

describe('field paths', () => {
  let schemas: Schemas;
  before(async () => {
    await using cluster = await startCluster({
      name: 'paths',
      flags: {
        apiserver: [
          '--runtime-config=api/all=true',
          '--feature-gates=ClusterTrustBundle=true,PodCertificateRequest=true,GenericWorkload=true,StorageVersionMigrator=true',
        ],
      },
    });
    schemas = await Schemas.of(cluster.login());
    await readModules(schemaModules, schemas);
  });

  it('K100 every kind with relations has its schema checked, or a reason why not', () => {
    const unaccounted = [...wanted.keys()].filter((key) => !isKnown(key) && !reasonFor(key));
    assert.deepEqual(unaccounted, [], 'kinds without schema or reason');
    const needless = Object.keys(uncheckable).filter(
      (key) => ![...wanted.keys()].some((each) => !isKnown(each) && matches(key, each)),
    );
    assert.deepEqual(needless, [], 'reasons for nothing');
  });

  it('K101 every path of a relation is a field of the API, or its absence is intended', (test) => {
    const counts = { present: 0, open: 0, absent: 0, shared: 0 };
    const failures = new Set<string>();
    const excused = new Set<string>();
    const templates = new Map<string, boolean>();
    for (const [key, { path, via }] of rows()) {
      for (const pattern of alternatives(path)) {
        const verdict = verdictOf(key, pattern);
        const name = `${key} ${pattern}`;
        const root = via === 'template' ? templateOf(key, pattern) : undefined;
        if (root !== undefined) templates.set(root, verdict !== 'absent' || (templates.get(root) ?? false));
        counts[verdict === 'absent' && root !== undefined ? 'shared' : verdict]++;
        if (verdict !== 'absent' || root !== undefined) continue;
        if (name in absent) excused.add(name);
        else failures.add(name);
      }
    }
    test.diagnostic(JSON.stringify(counts));
    for (const [root, found] of templates) if (!found) failures.add(`no field of a pod at ${root}`);
    assert.deepEqual([...failures], []);
    assert.deepEqual(
      Object.keys(absent).filter((name) => !excused.has(name)),
      [],
      'excused, but there',
    );
  });

  function isKnown(key: string): boolean {
    return schemas.has(key) || schemas.has(otherName(key));
  }

  function verdictOf(key: string, pattern: string): Verdict {
    const verdict = schemas.verdict(key, pattern);
    return verdict === 'absent' ? schemas.verdict(otherName(key), pattern) : verdict;
  }

  function* rows(): Iterable<[key: string, Relation]> {
    for (const relation of genericRelations) yield ['/Pod', relation];
    for (const [key, { relations = [] }] of wanted) {
      if (isKnown(key)) for (const relation of relations) yield [key, relation];
    }
  }

  it('K102 every field that evidence names is a field of the API', async () => {
    const failures = new Set<string>();
    for (const [key, fields] of await evidenceOfScenarios()) {
      if (!isKnown(key)) continue;
      for (const field of fields) {
        const name = `${key} ${field}`;
        if (verdictOf(key, field) === 'absent' && !Object.keys(absent).some((known) => name.startsWith(known)))
          failures.add(name);
      }
    }
    assert.deepEqual([...failures], []);
  });
});

const matches = (pattern: string, key: string): boolean =>
  pattern === key || (pattern.endsWith('/*') && key.startsWith(pattern.slice(0, -1)));
const otherName = (key: string): string =>
  alsoServedAs[key] ?? key.replace(/^.*(?=\/)/, (group) => alsoServedAs[`${group}/*`]?.slice(0, -2) ?? group);
const reasonFor = (key: string): string | undefined =>
  Object.entries(uncheckable).find(([pattern]) => matches(pattern, key))?.[1];

const podTails = alternativesOf(kinds.find((kind) => kindKey(kind) === '/Pod')?.relations ?? []);

function alternativesOf(relations: readonly Relation[]): string[] {
  return relations
    .flatMap(({ path }) => alternatives(path))
    .filter((pattern) => pattern.startsWith('spec.'))
    .map((pattern) => pattern.slice('spec'.length));
}

/**
 * The place of the pod spec in a path that templates share with Pod; Pod's own schema proves such paths. A kind may embed an older or
 * narrower pod spec: that none of its fields is there would be a fault.
 */
function templateOf(key: string, pattern: string): string | undefined {
  const tail = podTails.find((each) => pattern.endsWith(each));
  return tail === undefined ? undefined : `${key} ${pattern.slice(0, -tail.length)}`;
}

/** The places that references of all scenarios' objects were found at, by `group/Kind`. */
async function evidenceOfScenarios(): Promise<Map<string, Set<string>>> {
  const folder = join(import.meta.dirname, '..', 'scenarios');
  const places = new Map<string, Set<string>>();
  for (const file of await readdir(folder)) {
    if (!file.endsWith('.yaml')) continue;
    for (const { steps } of scenarioDocuments(join(folder, file)).map(scenarioFrom)) {
      for (const object of steps.flatMap(({ apply = [] }) => apply)) {
        const description = describer.object('c', object);
        if ('reason' in description || !wanted.has(kindKey(description.resource))) continue;
        const key = kindKey(description.resource);
        const known = places.get(key) ?? new Set();
        for (const { field } of description.references) known.add(placeOf(field));
        places.set(key, known);
      }
    }
  }
  return places;
}

/** Reads what the modules say of the kinds we want. */
async function readModules(modules: readonly SchemaModule[], schemas: Schemas): Promise<void> {
  const names = modules.map(({ module, version }) => `${module}@${version}`);
  const env = { GOWORK: 'off', GOTOOLCHAIN: 'auto' };
  const output = await run(['go', 'mod', 'download', '-json', ...names], { cwd: tmpdir(), env });
  const downloaded = JSON.parse(`[${output.replaceAll(/^}\n\{/gm, '},\n{')}]`) as {
    Path: string;
    Version: string;
    Dir: string;
  }[];
  const directories = new Map(downloaded.map(({ Path, Version, Dir }) => [`${Path}@${Version}`, Dir]));
  for (const { module, version, sources } of modules) {
    for (const source of sources)
      await readSource(join(directories.get(`${module}@${version}`) ?? '', source), schemas);
  }
}

async function readSource(path: string, schemas: Schemas): Promise<void> {
  if (path.endsWith('.json')) {
    schemas.takeTypes(JSON.parse(await readFile(path, 'utf8')) as Document);
    return;
  }
  const folder = (await stat(path)).isDirectory();
  const files = folder ? (await readdir(path)).map((name) => join(path, name)) : [path];
  for (const file of files.filter((name) => /\.ya?ml$/.test(name))) {
    for (const text of (await readFile(file, 'utf8')).split(/^---$/m)) {
      const [, group = ''] = /^ {2}group: ["']?([^\s"']+)/m.exec(text) ?? [];
      const [, kind = ''] = /^ {4}kind: ["']?(\w+)/m.exec(text) ?? [];
      if (/^apiVersion: apiextensions.k8s.io\/v1$/m.test(text) && wanted.has(kindKey({ group, kind })))
        schemas.define(parse(text, { logLevel: 'silent' }) as Definition);
    }
  }
}
