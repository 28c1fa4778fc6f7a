/**
 * Runs a scenario file: manifests, steps, and the whole graph expected after each step. Format: CONTRIBUTING.md, "Scenarios".
 * Every step is applied in several seeded orders of arrival; the graph must be the same after each.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Document, parseAllDocuments } from 'yaml';
import { Graph } from '../../src/graph/graph.ts';
import { describer, kinds } from '../../src/kinds/index.ts';
import type { Change, KubeObject } from '../../src/model/change.ts';
import type { Dangling } from '../../src/model/edge.ts';
import { isBuiltInGroup, kindTitle } from '../../src/model/groups.ts';
import { type Resource, resourceTitle } from '../../src/model/resource.ts';
import type { View } from '../../src/model/view.ts';
import { seededRandom } from '../support/random.ts';

export interface Expectation {
  readonly edges: readonly string[];
  readonly dangling: readonly string[];
}

interface Step {
  readonly apply?: readonly KubeObject[];
  readonly delete?: readonly string[];
  readonly expect?: Partial<Expectation>;
}

export interface Scenario {
  readonly title: string;
  readonly rule?: string;
  /** API groups that serve the same kinds as another group of the scenario, `{ this: that }`: everything holds for them as well. */
  readonly also?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

const AT = '2026-01-01T00:00:00Z';
const CLUSTER = 'c';
export const ORDERS = 5;

/** Group of a kind that is written without one: that of Kubernetes itself. */
const builtInGroups = new Map(
  kinds.filter(({ group }) => isBuiltInGroup(group)).map(({ kind, group }) => [kind, group]),
);

export function scenarioDocuments(path: string): Document[] {
  const documents = parseAllDocuments(readFileSync(path, 'utf8')) as Document[];
  for (const { errors } of documents) if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  return documents.filter((document) => document.contents !== null);
}

export function scenarioFrom(document: Document): Scenario {
  return document.toJS() as Scenario;
}

/** The scenario itself, and the same with other API groups that serve its kinds. */
export function variantsOf(scenario: Scenario): readonly Scenario[] {
  const variants = Object.entries(scenario.also ?? {}).map(([served, known]) => {
    const text = JSON.stringify(scenario)
      .replaceAll(`"apiVersion":"${known}/`, `"apiVersion":"${served}/`)
      .replaceAll(new RegExp(`\\b([A-Z]\\w*)\\.${known}/`, 'g'), `$1.${served}/`);
    return { ...JSON.parse(text), title: `${scenario.title} (as ${served})` } as Scenario;
  });
  return [scenario, ...variants];
}

/** What running a scenario tells: the expectation lines after each step, and the graph in the end with all objects that were ever in it. */
export interface Outcome {
  readonly objects: readonly KubeObject[];
  readonly steps: readonly Expectation[];
  readonly graph: Graph;
}

/** Runs a scenario in one order of arrival; `prove` hears the rule id of every edge. */
export function run(scenario: Scenario, seed: number, prove: (rule: string) => void): Outcome {
  const random = seededRandom(seed);
  const graph = new Graph({ describer });
  const steps = scenario.steps.map((step) => {
    const changes: Change[] = [
      ...(step.delete ?? []).map(
        (name): Change => ({ type: 'delete', at: AT, cluster: CLUSTER, object: refFrom(name) }),
      ),
      ...(step.apply ?? []).map((object): Change => ({ type: 'apply', at: AT, cluster: CLUSTER, object })),
    ];
    if (seed > 0) changes.sort(() => random.next() - 0.5);
    const { rejected } = graph.apply(changes);
    if (rejected[0]) throw new Error(`${rejected[0].subject}: ${rejected[0].reason}`);
    for (const object of step.apply ?? []) for (const rule of linked(graph.view, object)) prove(rule);
    return expectationOf(graph.view, prove);
  });
  return { objects: scenario.steps.flatMap(({ apply = [] }) => apply), steps, graph };
}

/** Rules of an object's statements that name one target and have an edge to it: the evidence of an edge tells only the first of them. */
function* linked(view: View, object: KubeObject): Iterable<string> {
  const description = describer.object(CLUSTER, object);
  if ('reason' in description) return;
  for (const { rule, target } of description.references) {
    if (target.by === 'labels') continue;
    const id =
      target.by === 'pseudo'
        ? `${CLUSTER}/~${target.kind}/${target.namespace}/${target.name}`
        : target.by === 'id'
          ? `${CLUSTER}/${target.uid}`
          : (view.byName({ cluster: CLUSTER, ...target })?.id ?? '');
    const [from, to] = rule.reverse ? [id, description.resource.id] : [description.resource.id, id];
    if (view.edge(rule.edge, from, to)) yield rule.id;
  }
}

const rows = new Map(kinds.map((kind) => [kindTitle(kind), kind]));

/**
 * Makes everything that is missing in the end, each where its kind lives by the table, and returns the references that miss it still: whoever
 * points to the wrong scope would never be linked, and nobody would notice as long as the target is never there.
 */
export function complete({ objects, graph }: Outcome, prove: (rule: string) => void): readonly string[] {
  const missing = [...graph.view.dangling()].filter(({ detail }) => detail.reason === 'missing');
  graph.apply(
    missing.map(({ target: { group, kind, namespace, name, uid } }): Change => {
      const { namespaced = namespace !== '' } = rows.get(kindTitle({ group, kind })) ?? {};
      const metadata = { name, ...(uid && { uid }), ...(namespaced && { namespace: namespace || 'somewhere' }) };
      return { type: 'apply', at: AT, cluster: CLUSTER, object: { apiVersion: `${group}/v1`, kind, metadata } };
    }),
  );
  for (const object of objects) for (const rule of linked(graph.view, object)) prove(rule);
  const still = new Set(expectationOf(graph.view, prove).dangling);
  return missing.map((reference) => danglingLine(graph.view, reference)).filter((line) => still.has(line));
}

/** `Kind[.group]/namespace/name` or `Kind[.group]/name`. */
function refFrom(text: string): Extract<Change, { type: 'delete' }>['object'] {
  const [kindText = '', ...path] = text.split('/');
  const dot = kindText.indexOf('.');
  const kind = dot < 0 ? kindText : kindText.slice(0, dot);
  const group = dot < 0 ? (builtInGroups.get(kind) ?? '') : kindText.slice(dot + 1);
  const [namespace, name] = path.length > 1 ? [path[0], path.slice(1).join('/')] : [undefined, path[0]];
  return {
    apiVersion: group === '' ? 'v1' : `${group}/v1`,
    kind,
    metadata: { name: name ?? '', ...(namespace && { namespace }) },
  };
}

function expectationOf(view: View, prove: (rule: string) => void): Expectation {
  const edges = [...view.edges()].map(({ type, from, to, detail }) => {
    prove(detail.rule);
    return `${titleOf(view, from)} ${type} ${titleOf(view, to)}`;
  });
  const dangling = [...view.dangling()].map((reference) => danglingLine(view, reference));
  return { edges: edges.sort(), dangling: dangling.sort() };
}

function danglingLine(view: View, { type, from, target, detail }: Dangling): string {
  return `${titleOf(view, from)} ${type} ${title({ ...target, pseudo: false })} ${detail.reason}`;
}

function titleOf(view: View, id: string): string {
  const resource = view.get(id);
  return resource ? title(resource) : id;
}

function title(of: Pick<Resource, 'group' | 'kind' | 'namespace' | 'name' | 'pseudo'>): string {
  return resourceTitle({ ...of, kind: of.pseudo ? of.kind : kindTitle(of) });
}

/** Writes what the graph says into the file. Review every line: the file is the claim, not the graph. */
export function rewrite(path: string, documents: readonly Document[]): void {
  for (const document of documents) {
    const scenario = scenarioFrom(document);
    for (const [index, expected] of run(scenario, 0, () => undefined).steps.entries()) {
      document.setIn(['steps', index, 'expect'], document.createNode(expected));
    }
  }
  writeFileSync(
    path,
    documents.map((document) => document.toString({ lineWidth: 160, directives: false })).join('---\n'),
  );
}
