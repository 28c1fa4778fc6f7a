/**
 * Text for people: painted, in columns, in trees. A page says how wide a line may be; what does not fit is cut and ends in `…`.
 * Away from a terminal the width is Infinity, so that nothing is lost on the way into another program.
 */

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

export type Style = keyof typeof codes;
export type Paint = (text: string, style: Style) => string;

export interface Page {
  readonly paint: Paint;
  /** Columns of a line. */
  readonly width: number;
}

/** Text that is measured before it is painted. */
export type Cell = string | { readonly text: string; readonly style: Style };

/** Colours for a terminal; plain text otherwise. */
export function painter(enabled: boolean): Paint {
  return enabled ? (text, style) => `\u001b[${codes[style]}m${text}\u001b[0m` : (text) => text;
}

/** The text, its end replaced by `…` where it would be longer than so many columns. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Cells joined into as few lines as fit so many columns; a line has one cell at least. */
export function wrap(cells: readonly string[], separator: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const cell of cells) {
    const longer = lines.length === 0 ? cell : `${lines.at(-1)}${separator}${cell}`;
    if (lines.length > 0 && longer.length <= width) lines.pop();
    lines.push(lines.length === 0 || longer.length <= width ? longer : cell);
  }
  return lines;
}

export function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** Cells side by side, cut where the line would be longer than the page. */
export function line(cells: readonly Cell[], { paint, width }: Page, separator = '  '): string {
  let left = width;
  const shown: string[] = [];
  for (const cell of cells) {
    const text = textOf(cell);
    if (text === '' || left <= 0) continue;
    const fitting = cut(text, left);
    shown.push(typeof cell === 'string' ? fitting : paint(fitting, cell.style));
    left -= fitting.length + separator.length;
  }
  return shown.join(separator);
}

const GAP = 2;
/** What a column keeps at least, unless it never needs as much. */
const NARROWEST = 12;

/** Aligned columns below their names. A column in which no row says anything is left out. */
export function* table(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  { paint, width }: Page,
  indent = '',
): Iterable<string> {
  const columns = [...(head.length > 0 ? head : (rows[0] ?? [])).keys()].filter((column) =>
    rows.some((row) => textOf(row[column] ?? '') !== ''),
  );
  const titled = head.some((name) => name !== '');
  const all: readonly (readonly Cell[])[] = titled ? [head.map((text) => ({ text, style: 'dim' })), ...rows] : rows;
  const widths = fitted(
    columns.map((column) => all.reduce((most, row) => Math.max(most, textOf(row[column] ?? '').length), 0)),
    width - indent.length,
  );
  for (const row of all) {
    const cells = columns.map((column, place) => {
      const cell = row[column] ?? '';
      const text = cut(textOf(cell), widths[place] ?? 0);
      const filling = ' '.repeat(Math.max(0, (widths[place] ?? 0) - text.length));
      return { text: typeof cell === 'string' ? text : paint(text, cell.style), filling, empty: text === '' };
    });
    const last = cells.findLastIndex(({ empty }) => !empty);
    const shown = cells.slice(0, last + 1).map(({ text, filling }, place) => (place === last ? text : text + filling));
    yield `${indent}${shown.join(' '.repeat(GAP))}\n`;
  }
}

/** The widest that a column need be shown for the table to be readable. */
const READABLE = 24;

/** How many of the columns fit side by side, `least` at the least. */
export function shownColumns(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  width: number,
  least: number,
): number {
  let taken = -GAP;
  const beyond = head.findIndex((name, column) => {
    const widest = rows.reduce((most, row) => Math.max(most, textOf(row[column] ?? '').length), 0);
    if (widest > 0) taken += Math.max(name.length, column < least ? widest : Math.min(widest, READABLE)) + GAP;
    return column >= least && taken > width;
  });
  return beyond < 0 ? head.length : beyond;
}

/** Widths that fit into a line: the last columns give way first. */
function fitted(wanted: readonly number[], width: number): readonly number[] {
  let excess = wanted.reduce((sum, one) => sum + one + GAP, -GAP) - width;
  return wanted
    .toReversed()
    .map((one) => {
      const taken = Math.min(Math.max(0, excess), Math.max(0, one - NARROWEST));
      excess -= taken;
      return one - taken;
    })
    .toReversed();
}

/** A word in as many pieces as it needs. */
export function broken(word: string, width: number): readonly string[] {
  return word.length <= width ? [word] : [word.slice(0, width), ...broken(word.slice(width), width)];
}

/** Words on as many lines as they need, all but the first moved in by two more columns. */
export function* paragraph(text: string, page: Page, indent = ''): Iterable<string> {
  const width = Math.max(1, page.width - indent.length - 2);
  const words = text.split(' ').flatMap((word) => broken(word, width));
  const lines = Number.isFinite(width) ? wrap(words, ' ', width) : [text];
  for (const [index, words] of lines.entries()) yield `${indent}${index === 0 ? '' : '  '}${words}\n`;
}

/** A line of a tree with what hangs below it. */
export interface Branch {
  readonly head: readonly Cell[];
  /** Lines of its own below the head. */
  readonly notes?: readonly Cell[];
  readonly children: readonly Branch[];
}

/** A tree of lines. */
export function* tree(branches: readonly Branch[], page: Page, indent = ''): Iterable<string> {
  for (const branch of branches) yield* treeOf(branch, page, indent, indent);
}

/** `lead` stands before the branch's first line, `rest` before all that follow. */
function* treeOf({ head, notes = [], children }: Branch, page: Page, lead: string, rest: string): Iterable<string> {
  const { paint, width } = page;
  yield `${lead === '' ? '' : paint(lead, 'dim')}${line(head, { paint, width: width - lead.length }, ' ')}\n`;
  const margin = `${rest}${children.length > 0 ? '│' : ' '} `;
  for (const note of notes) yield `${paint(margin, 'dim')}${line([note], { paint, width: width - margin.length })}\n`;
  for (const [index, child] of children.entries()) {
    const last = index === children.length - 1;
    yield* treeOf(child, page, `${rest}${last ? '└─' : '├─'} `, `${rest}${last ? '  ' : '│ '} `);
  }
}

/** Names with what they stand for, aligned; what has several values takes a line for each. Nothing for what has none. */
export function* fields(
  pairs: readonly (readonly [name: string, values: Cell | readonly Cell[] | undefined])[],
  page: Page,
): Iterable<string> {
  const rows = pairs.flatMap(([name, values]): readonly (readonly Cell[])[] => {
    const list = (values === undefined ? [] : Array.isArray(values) ? values : [values]) as readonly Cell[];
    return list.filter((cell) => textOf(cell) !== '').map((cell, index) => [index === 0 ? `${name}:` : '', cell]);
  });
  yield* table([], rows, page);
}

/** A heading, after an empty line. */
export function heading(text: string, { paint, width }: Page): string {
  return `\n${paint(cut(text, width), 'bold')}\n`;
}

/** `1 pod`, `3 pods`, `2 dependencies`. */
export function counted(count: number, one: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${plural(one)}`;
}

/** The plural of an English word or of a Kind. */
export function plural(one: string): string {
  if (/(?:s|x|ch)$/.test(one)) return `${one}es`;
  return /[^aeiou]y$/.test(one) ? `${one.slice(0, -1)}ies` : `${one}s`;
}
