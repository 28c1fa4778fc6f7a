/** Chains of trouble as trees: from the cause to those who suffer. */
import type { TroubleAnswer, TroubleBranch } from '../../../operations/find-trouble.ts';
import { type Branch, type Cell, counted, type Page, tree } from './layout.ts';
import { named } from './names.ts';

const NAMED_MAX = 8;

/** Lines of text, each with its newline. */
export function* troubleLines({ items, left, harmless }: TroubleAnswer, page: Page): Iterable<string> {
  const { paint } = page;
  if (items.length === 0) yield `\n${paint('Everything that reports its health is healthy.', 'green')}\n`;
  else yield `\n${paint('What is broken, and who suffers from it', 'bold')}\n\n`;
  yield* tree(items.map(branchOf), page);
  if (left > 0) yield `… and ${left} more that are not well: kube-kg trouble lists them all\n`;
  if (harmless > 0)
    yield `${paint(`${counted(harmless, 'more broken reference')} that nobody suffers from: kube-kg dangling`, 'dim')}\n`;
}

function branchOf(branch: TroubleBranch): Branch {
  const { state, says, because = '', suffering, hidden, atRisk } = branch;
  const head = `${state === 'warning' ? '!' : '✗'} ${named(branch)} ${state === 'missing' ? says : because}`;
  return {
    head: [{ text: head.trimEnd(), style: state === 'warning' ? 'yellow' : 'red' }],
    notes: state === 'missing' || says === '' ? [] : [says],
    children: [
      ...suffering.map(branchOf),
      ...(hidden > 0 ? [{ head: [`… and ${hidden} more`], children: [] }] : []),
      ...atRiskOf(atRisk),
    ],
  };
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

function atRiskOf(atRisk: TroubleBranch['atRisk']): readonly Branch[] {
  return [
    {
      words: 'still up, would not start again',
      members: atRisk.filter((one) => running.has(one.kind) && one.health !== 'critical'),
    },
    {
      words: 'down for another reason, would not start again',
      members: atRisk.filter((one) => running.has(one.kind) && one.health === 'critical'),
    },
    { words: 'need it too', members: atRisk.filter(({ kind }) => !running.has(kind)) },
  ].flatMap(({ words, members }) => {
    if (members.length === 0) return [];
    const notes: Cell[] = members.slice(0, NAMED_MAX).map(named);
    if (members.length > NAMED_MAX) notes.push(`… and ${members.length - NAMED_MAX} more`);
    return [{ head: [{ text: `○ ${words}:`, style: 'yellow' as const }], notes, children: [] }];
  });
}
