/** Parts of the graph as text: what owns what as a tree by namespace, and below each what it points to. */
import type { z } from 'zod';
import type { clusterTopology } from '../../../operations/cluster-topology.ts';
import type { topology } from '../../../operations/topology.ts';
import { type Branch, type Cell, counted, heading, type Page, table, tree, wrap } from './layout.ts';
import { healthCell, relationText, titles } from './names.ts';

type Picture = z.output<typeof topology.output>;
type Node = Picture['nodes'][number];

/** What the tree itself shows. */
const shownByPlace: ReadonlySet<string> = new Set(['OWNS', 'IN_NAMESPACE']);

export function* topologyText({ nodes, edges, warnings }: Picture, page: Page): Iterable<string> {
  yield `${counted(nodes.length, 'resource')}, ${counted(edges.length, 'relation')}\n`;
  const titleOf = titles(nodes);
  const leaving = Map.groupBy(edges, ({ from }) => from);
  const owners = new Map(edges.filter(({ type }) => type === 'OWNS').map(({ from, to }) => [to, from]));
  const owned = Map.groupBy(nodes, ({ id }) => owners.get(id) ?? '');
  const branchOf = (node: Node): Branch => ({
    head: [`${node.kind}/${node.name}`, healthCell(node.health.status)],
    notes: notesOf(leaving.get(node.id) ?? [], titleOf, page),
    children: (owned.get(node.id) ?? []).map(branchOf),
  });
  const places = Map.groupBy(owned.get('') ?? [], ({ cluster, namespace, pseudo }) =>
    pseudo
      ? 'Only named (images, hosts, users)'
      : namespace === ''
        ? 'Cluster-scoped'
        : `Namespace ${namespace}${severalOf(nodes) ? ` of ${cluster}` : ''}`,
  );
  for (const [place, roots] of places) {
    yield heading(place, page);
    yield* tree(roots.map(branchOf), page, '  ');
  }
  for (const { message } of warnings) yield `\n${page.paint(message, 'yellow')}\n`;
}

function severalOf(nodes: readonly Node[]): boolean {
  return nodes.some(({ cluster }) => cluster !== nodes[0]?.cluster);
}

/** `calls Service/shop/cart, Service/shop/search`: a line a type of edge. */
function notesOf(edges: Picture['edges'], titleOf: (id: string) => string, { width }: Page): readonly Cell[] {
  const byType = Map.groupBy(
    edges.filter(({ type }) => !shownByPlace.has(type)),
    ({ type }) => type,
  );
  return [...byType].flatMap(([type, same]) => {
    const sentence = relationText(type);
    const lines = wrap(
      same.map(({ to }) => titleOf(to)),
      ', ',
      width - sentence.length - 24,
    );
    return lines.map(
      (text, index): Cell => ({
        text: `${index === 0 ? sentence : ' '.repeat(sentence.length)} ${text}${index < lines.length - 1 ? ',' : ''}`,
        style: 'dim',
      }),
    );
  });
}

export function* canonicalText(
  { nodes, edges, metadata }: z.output<typeof clusterTopology.output>,
  page: Page,
): Iterable<string> {
  yield `${counted(nodes.length, 'resource')}, ${counted(edges.length, 'relation')}\n\n`;
  yield* table(
    ['FROM', 'RELATION', 'TO'],
    edges.map(({ source, label, target }) => [source, label, target]),
    page,
  );
  for (const { message } of metadata.warnings) yield `\n${page.paint(message, 'yellow')}\n`;
}
