/** What is wrong with the estate: broken references by what they lack, findings by check with what to do about them. */
import type { z } from 'zod';
import type { findDangling } from '../../../operations/find-dangling.ts';
import type { findFindings } from '../../../operations/find-findings.ts';
import { line, type Page, paragraph, table } from './layout.ts';
import { relationText, state, title } from './names.ts';

const reasons = {
  missing: 'is missing',
  refused: 'may not be used from there',
  stale: 'is another object now',
} as const;

type Broken = z.output<typeof findDangling.output>;

export function* danglingText({ items }: Broken, page: Page): Iterable<string> {
  if (items.length === 0) return yield 'No broken references.\n';
  const targets = Map.groupBy(
    items,
    ({ target, detail, resource }) => `${detail.reason} ${resource.cluster} ${target.group} ${title(target)}`,
  );
  let first = true;
  for (const references of [...targets.values()].sort((a, b) => b.length - a.length)) {
    const [one] = references;
    if (one === undefined) continue;
    const {
      target,
      detail: { reason },
    } = one;
    yield `${first ? '' : '\n'}${line([title(target), state(reason, reasons[reason])], page, ' ')}\n`;
    first = false;
    const rows = references.map(({ resource, type, detail }) => [
      title(resource),
      `${relationText(type)} it${detail.optional ? ', optionally' : ''}`,
      { text: detail.field, style: 'dim' as const },
    ]);
    yield* table([], rows, page, '  ');
  }
}

type Findings = z.output<typeof findFindings.output>;

export function* findingsText({ items, total }: Findings, page: Page): Iterable<string> {
  if (items.length === 0) return yield 'Nothing was found.\n';
  const counts = Object.entries(total).filter(([, count]) => count > 0);
  yield `${counts.map(([severity, count]) => `${count} ${severity}`).join(' · ')}\n`;
  const groups = Map.groupBy(items, ({ severity, check, todo }) => `${severity} ${check} ${todo}`);
  for (const findings of groups.values()) {
    const [first] = findings;
    if (first === undefined) continue;
    const { severity, title: what, check, todo } = first;
    yield '\n';
    yield `${line([state(severity, severity.toUpperCase()), { text: what, style: 'bold' }, { text: check, style: 'dim' }], page)}\n`;
    yield* paragraph(`→ ${todo}`, page, '  ');
    for (const { resource, message } of findings) yield* paragraph(`${title(resource)}: ${message}`, page, '  ');
  }
}
