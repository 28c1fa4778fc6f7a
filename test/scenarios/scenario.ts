/**
 * Runs a scenario file: manifests, steps, and the whole graph expected after each step. Format: CONTRIBUTING.md, "Scenarios".
 * Every step is applied in several seeded orders of arrival; the graph must be the same after each.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Document, parseAllDocuments } from 'yaml';
import { Graph } from '../../src/graph/graph.ts';
import { describer, kinds } from '../../src/kinds/index.ts';
import { seededRandom } from '../../src/lib/random.ts';
import type { Change, KubeObject } from '../../src/model/change.ts';
import type { Resource } from '../../src/model/resource.ts';
import type { View } from '../../src/model/view.ts';

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
  readonly steps: readonly Step[];
}

const AT = '2026-01-01T00:00:00Z';
const CLUSTER = 'c';
export const ORDERS = 5;

const groupsOf = new Map<string, Set<string>>();
for (const { group, kind } of kinds) groupsOf.set(kind, (groupsOf.get(kind) ?? new Set()).add(group));

export function scenarioDocuments(path: string): Document[] {
  const documents = parseAllDocuments(readFileSync(path, 'utf8')) as Document[];
  for (const { errors } of documents) if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  return documents.filter((document) => document.contents !== null);
}

export function scenarioFrom(document: Document): Scenario {
  return document.toJS() as Scenario;
}

/** The graph's expectation lines after each step, for one order of arrival; `prove` hears every rule id that made an edge or a dangling line. */
export function run(scenario: Scenario, seed: number, prove: (rule: string) => void): Expectation[] {
  const random = seededRandom(seed);
  const graph = new Graph({ describer });
  return scenario.steps.map((step) => {
    const changes: Change[] = [
      ...(step.delete ?? []).map(
        (name): Change => ({ type: 'delete', at: AT, cluster: CLUSTER, object: refFrom(name) }),
      ),
      ...(step.apply ?? []).map((object): Change => ({ type: 'apply', at: AT, cluster: CLUSTER, object })),
    ];
    if (seed > 0) changes.sort(() => random.next() - 0.5);
    const { rejected } = graph.apply(changes);
    if (rejected[0]) throw new Error(`${rejected[0].subject}: ${rejected[0].reason}`);
    return expectationOf(graph.view, prove);
  });
}

/** `Kind[.group]/namespace/name` or `Kind[.group]/name`. */
function refFrom(text: string): Extract<Change, { type: 'delete' }>['object'] {
  const [kindText = '', ...path] = text.split('/');
  const dot = kindText.indexOf('.');
  const kind = dot < 0 ? kindText : kindText.slice(0, dot);
  const group = dot < 0 ? ([...(groupsOf.get(kind) ?? [''])][0] ?? '') : kindText.slice(dot + 1);
  const [namespace, name] = path.length > 1 ? [path[0], path.slice(1).join('/')] : [undefined, path[0]];
  return {
    apiVersion: group === '' ? 'v1' : `${group}/v1`,
    kind,
    metadata: { name: name ?? '', ...(namespace && { namespace }) },
  };
}

function expectationOf(view: View, prove: (rule: string) => void): Expectation {
  const titleOf = (id: string): string => {
    const resource = view.get(id);
    return resource ? title(resource) : id;
  };
  const edges = [...view.edges()].map(({ type, from, to, detail }) => {
    prove(detail.rule);
    return `${titleOf(from)} ${type} ${titleOf(to)}`;
  });
  const dangling = [...view.dangling()].map(({ type, from, target, detail }) => {
    prove(detail.rule);
    return `${titleOf(from)} ${type} ${title({ ...target, pseudo: false })} ${detail.reason}`;
  });
  return { edges: edges.sort(), dangling: dangling.sort() };
}

function title({
  group,
  kind,
  namespace,
  name,
  pseudo,
}: Pick<Resource, 'group' | 'kind' | 'namespace' | 'name' | 'pseudo'>): string {
  const several = !pseudo && (groupsOf.get(kind)?.size ?? 0) > 1;
  const shown = several && group !== '' ? `${kind}.${group}` : kind;
  return [shown, ...(namespace === '' ? [] : [namespace]), name].join('/');
}

/** Writes what the graph says into the file. Review every line: the file is the claim, not the graph. */
export function rewrite(path: string, documents: readonly Document[]): void {
  for (const document of documents) {
    const scenario = scenarioFrom(document);
    for (const [index, expected] of run(scenario, 0, () => undefined).entries()) {
      document.setIn(['steps', index, 'expect'], document.createNode(expected));
    }
  }
  writeFileSync(
    path,
    documents.map((document) => document.toString({ lineWidth: 160, directives: false })).join('---\n'),
  );
}
