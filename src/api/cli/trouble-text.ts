/** Chains of trouble as an indented tree of lines, none wider than the terminal. */
import { edgeInfo } from '../../model/edges.ts';
import { type Resource, resourceTitle } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { cut, type Paint } from './io.ts';
import { type Branch, type Link, troubleOf } from './trouble.ts';

const ROOTS_MAX = 8;
const CHILDREN_MAX = 8;
const NAMED_MAX = 8;

/** Lines of text, each with its newline. */
export function* troubleLines(view: View, paint: Paint, width: number): Iterable<string> {
  const { roots, harmless } = troubleOf(view);
  if (roots.length === 0) yield `\n${paint('Everything that reports its health is healthy.', 'green')}\n`;
  else yield `\n${paint('What is broken, and who suffers from it', 'bold')}\n\n`;
  const tree: Tree = { view, paint, width };
  for (const branch of roots.slice(0, ROOTS_MAX)) yield* branchLines(tree, branch, '', '');
  if (roots.length > ROOTS_MAX) yield `… and ${roots.length - ROOTS_MAX} more that are not well\n`;
  if (harmless > 0)
    yield paint(`${harmless} more broken reference${harmless === 1 ? '' : 's'} that nobody suffers from\n`, 'dim');
}

interface Tree {
  readonly view: View;
  readonly paint: Paint;
  readonly width: number;
}

/** `lead` stands before the branch's first line, `rest` before all that follow. */
function* branchLines(tree: Tree, branch: Branch, lead: string, rest: string): Iterable<string> {
  const { paint, width, view } = tree;
  const { subject, unwell, because, children, atRisk } = branch;
  const isMissing = !('health' in subject);
  const critical = isMissing || unwell.some(({ health }) => health.status === 'critical');
  const head = `${critical ? '✗' : '!'} ${resourceTitle(subject).replace('/', ' ')} ${isMissing ? 'is missing' : reasonWords(because)}`;
  yield `${lead}${paint(cut(head.trimEnd(), width - lead.length), critical ? 'red' : 'yellow')}\n`;
  const shown = children.slice(0, CHILDREN_MAX);
  const below = shown.length > 0 || atRisk.length > 0;
  const detail = isMissing ? '' : stateOf(view, subject, unwell);
  const margin = `${rest}${below ? '│' : ' '} `;
  if (detail !== '') yield `${paint(margin, 'dim')}${cut(detail, width - margin.length)}\n`;
  for (const [index, child] of shown.entries()) {
    const last = index === shown.length - 1 && atRisk.length === 0 && children.length <= CHILDREN_MAX;
    yield* branchLines(tree, child, `${rest}${last ? '└─' : '├─'} `, `${rest}${last ? '  ' : '│ '} `);
  }
  if (children.length > CHILDREN_MAX)
    yield `${rest}${atRisk.length > 0 ? '├─' : '└─'} … and ${children.length - CHILDREN_MAX} more\n`;
  yield* atRiskLines(tree, atRisk, rest);
}

/** `selects its pods`, `routes to it (shop.example.com/checkout)`. */
function reasonWords(link: Link | undefined): string {
  if (link === undefined) return '';
  const { host = '', path = '' } = link.attributes ?? {};
  const where = host === '' && path === '' ? '' : ` (${host}${path})`;
  const whom = link.part ? `its ${link.part.kind.toLowerCase()}s` : 'it';
  return `${edgeInfo(link.type).sentence.replace(/ secret$/, '')} ${whom}${where}`;
}

/** `0/2 ready · CreateContainerConfigError: secret "db-credentials" not found`. */
function stateOf(view: View, { summary }: Resource, unwell: readonly Resource[]): string {
  const [telling] = unwell;
  if (telling === undefined) return '';
  const { reason = '', message = '' } = telling.health;
  const ready = typeof summary['ready'] === 'string' ? `${summary['ready']} ready` : '';
  const said = reason === 'NotReady' ? warningAbout(view, telling) : undefined;
  return [ready, said ?? [reason, message].filter((part) => part !== '').join(': ')]
    .filter((part) => part !== '')
    .join(' · ');
}

/** The latest warning about a resource, which says more than that it is not ready. */
function warningAbout(view: View, { id }: Resource): string | undefined {
  let latest: Resource | undefined;
  for (const { from } of view.in(id, 'ABOUT')) {
    const event = view.get(from);
    if (
      event?.summary['type'] !== 'Warning' ||
      String(event.summary['lastSeen']) < String(latest?.summary['lastSeen'] ?? '')
    )
      continue;
    latest = event;
  }
  return latest && String(latest.summary['message'] ?? '').split('\n')[0];
}

const running: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Job',
  'Pod',
  'ReplicaSet',
]);

function* atRiskLines({ paint, width }: Tree, atRisk: readonly Resource[], rest: string): Iterable<string> {
  const groups = [
    { words: 'still up, would not start again', members: atRisk.filter(({ kind }) => running.has(kind)) },
    { words: 'need it too', members: atRisk.filter(({ kind }) => !running.has(kind)) },
  ].filter(({ members }) => members.length > 0);
  for (const [index, { words, members }] of groups.entries()) {
    const lead = `${rest}${index === groups.length - 1 ? '└─' : '├─'} `;
    const margin = `${rest}${index === groups.length - 1 ? '  ' : '│ '}   `;
    yield `${lead}${paint(`○ ${words}:`, 'yellow')}\n`;
    const names = members.slice(0, NAMED_MAX).map((one) => resourceTitle(one).replace('/', ' '));
    if (members.length > NAMED_MAX) names.push(`… and ${members.length - NAMED_MAX} more`);
    for (const name of names) yield `${margin}${cut(name, width - margin.length)}\n`;
  }
}
