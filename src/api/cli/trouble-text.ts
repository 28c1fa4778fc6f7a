/** Chains of trouble as an indented tree of lines, none wider than the terminal. */
import { resourceTitle } from '../../model/resource.ts';
import type { TroubleAnswer, TroubleBranch } from '../../operations/find-trouble.ts';
import { cut, type Paint } from './io.ts';

const NAMED_MAX = 8;

/** Lines of text, each with its newline. */
export function* troubleLines({ items, left, harmless }: TroubleAnswer, paint: Paint, width: number): Iterable<string> {
  if (items.length === 0) yield `\n${paint('Everything that reports its health is healthy.', 'green')}\n`;
  else yield `\n${paint('What is broken, and who suffers from it', 'bold')}\n\n`;
  for (const branch of items) yield* branchLines({ paint, width }, branch, '', '');
  if (left > 0) yield `… and ${left} more that are not well: kube-kg trouble lists them all\n`;
  if (harmless > 0)
    yield paint(
      `${harmless} more broken reference${harmless === 1 ? '' : 's'} that nobody suffers from: kube-kg dangling\n`,
      'dim',
    );
}

interface Page {
  readonly paint: Paint;
  readonly width: number;
}

/** `lead` stands before the branch's first line, `rest` before all that follow. */
function* branchLines(page: Page, branch: TroubleBranch, lead: string, rest: string): Iterable<string> {
  const { paint, width } = page;
  const { state, says, because = '', suffering, hidden, atRisk } = branch;
  const style = state === 'warning' ? 'yellow' : 'red';
  const head = `${state === 'warning' ? '!' : '✗'} ${named(branch)} ${state === 'missing' ? says : because}`;
  yield `${lead}${paint(cut(head.trimEnd(), width - lead.length), style)}\n`;
  const margin = `${rest}${suffering.length + atRisk.length > 0 ? '│' : ' '} `;
  if (state !== 'missing' && says !== '') yield `${paint(margin, 'dim')}${cut(says, width - margin.length)}\n`;
  for (const [index, child] of suffering.entries()) {
    const last = index === suffering.length - 1 && atRisk.length === 0 && hidden === 0;
    yield* branchLines(page, child, `${rest}${last ? '└─' : '├─'} `, `${rest}${last ? '  ' : '│ '} `);
  }
  if (hidden > 0) yield `${rest}${atRisk.length > 0 ? '├─' : '└─'} … and ${hidden} more\n`;
  yield* atRiskLines(page, atRisk, rest);
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

function* atRiskLines({ paint, width }: Page, atRisk: TroubleBranch['atRisk'], rest: string): Iterable<string> {
  const groups = [
    { words: 'still up, would not start again', members: atRisk.filter(({ kind }) => running.has(kind)) },
    { words: 'need it too', members: atRisk.filter(({ kind }) => !running.has(kind)) },
  ].filter(({ members }) => members.length > 0);
  for (const [index, { words, members }] of groups.entries()) {
    const lead = `${rest}${index === groups.length - 1 ? '└─' : '├─'} `;
    const margin = `${rest}${index === groups.length - 1 ? '  ' : '│ '}   `;
    yield `${lead}${paint(`○ ${words}:`, 'yellow')}\n`;
    const names = members.slice(0, NAMED_MAX).map(named);
    if (members.length > NAMED_MAX) names.push(`… and ${members.length - NAMED_MAX} more`);
    for (const name of names) yield `${margin}${cut(name, width - margin.length)}\n`;
  }
}

function named(resource: Parameters<typeof resourceTitle>[0]): string {
  return resourceTitle(resource).replace('/', ' ');
}
