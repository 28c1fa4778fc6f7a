/** The table of operations as tools: the same questions, asked by a model. Answers are bounded, and say how to get what they leave out. */
import { stringify } from 'yaml';
import { z } from 'zod';
import { JsonText, type Operation, perform } from '../../operations/operation.ts';
import { inputFromStrings } from '../../operations/shared/from-strings.ts';
import { painter } from '../cli/text/layout.ts';
import { texts } from '../cli/text/texts.ts';
import { boundedLines, boundedValue, type Cut, listsIn, sizeOf } from './bounded.ts';
import { ANSWER_MAX, type Tool, type ToolAnswer } from './tool.ts';

/** Stands before the name of an operation, so that it is told from other servers' tools: `kubekg_what_if`. */
const PREFIX = 'kubekg_';
/** Most resources of an export to a model: more would be cut anyway. */
const EXPORT_MAX = 2_000;
/** Times that a question is asked again for fewer items. */
const ATTEMPTS_MAX = 4;

type Input = Readonly<Record<string, unknown>>;
type Answer = Readonly<Record<string, unknown>>;

export function operationTool(operation: Operation): Tool {
  const { name, title, description, input } = operation;
  return {
    name: toolName(name),
    title,
    description,
    inputSchema: schemaOf(input),
    async call(context, given) {
      const asked = withTypes(operation, given);
      const ask = async (input: Input): Promise<Answer> =>
        plain(await perform(operation, { exportMax: EXPORT_MAX, ...context }, input));
      const answer = await fitting(operation, ask, asked);
      const { value, cuts } = boundedValue(answer, ANSWER_MAX);
      return textual(name, cuts.some(isOfPage) ? withoutNext(value) : value, cuts);
    },
  };
}

/** `what-if` → `kubekg_what_if`. */
export function toolName(operation: string): string {
  return `${PREFIX}${operation.replaceAll('-', '_')}`;
}

function schemaOf(input: z.ZodObject): Tool['inputSchema'] {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  return { ...schema, type: 'object' };
}

/** Models write `"kinds": "Pod"` and `"limit": "5"`: text where another type is meant is read as on a command line. */
function withTypes(operation: Operation, given: Input): Input {
  const texts = Object.entries(given).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const others = Object.entries(given).filter(([, value]) => typeof value !== 'string' && value !== null);
  return { ...Object.fromEntries(others), ...inputFromStrings(operation, Object.fromEntries(texts)) };
}

function plain(answer: unknown): Answer {
  const value: unknown = answer instanceof JsonText ? JSON.parse([...answer.pieces].join('')) : answer;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Answer) : { answer: value };
}

/**
 * The answer, asked for with a smaller limit where it is too long: so its cursor and its notes are about what is shown. Rows of a query are cut
 * afterwards instead of running it again.
 */
async function fitting(
  { input: { shape } }: Operation,
  ask: (input: Input) => Promise<Answer>,
  input: Input,
): Promise<Answer> {
  let answer = withFewScopes(await ask(input));
  if (!Object.hasOwn(shape, 'limit') || Array.isArray(answer['rows'])) return answer;
  for (let attempt = 0; attempt < ATTEMPTS_MAX && sizeOf(answer) > ANSWER_MAX; attempt++) {
    const pages = listsIn(answer).filter(({ path }) => path[0] !== INCOMPLETE);
    const longest = Math.max(0, ...pages.map(({ list }) => list.length));
    if (longest < 2) break;
    const size = pages.reduce((sum, page) => sum + page.size, 0);
    const room = ANSWER_MAX * 0.9 - (sizeOf(answer) - size);
    // Never more than before, whatever else is long.
    const limit = Math.min(longest - 1, Math.floor((longest * room) / size));
    answer = withFewScopes(await ask({ ...input, limit: Math.max(1, limit) }));
  }
  return answer;
}

/** Where answers say what was not observed, a row a scope; the notes say it by kind. */
const INCOMPLETE = 'incomplete';
const SCOPES_MAX = 50;

function withFewScopes(answer: Answer): Answer {
  const scopes = answer[INCOMPLETE];
  if (!Array.isArray(scopes) || scopes.length <= SCOPES_MAX) return answer;
  const left = Number(answer['incompleteLeft'] ?? 0) + scopes.length - SCOPES_MAX;
  return { ...answer, [INCOMPLETE]: scopes.slice(0, SCOPES_MAX), incompleteLeft: left };
}

/** Whether items of a page are lost: then its cursor, which leads behind them, would lead past them. */
function isOfPage({ path, unit }: Cut): boolean {
  return unit !== 'characters' && path !== INCOMPLETE && !/\.\d+(?:\.|$)/.test(path);
}

function withoutNext({ next: _, ...answer }: Answer): Answer {
  return answer;
}

const page = { paint: painter(false), width: Number.POSITIVE_INFINITY };

/** The answer as text, as on a terminal, with what it may lack and how to get the rest below. */
function textual(name: string, answer: Answer, cuts: readonly Cut[]): ToolAnswer {
  const text = texts.get(name);
  const whole = text ? [...text(answer, page)].join('') : stringify(answer, { lineWidth: 0 });
  const notes = [...notesOf(answer, cuts)];
  const room = ANSWER_MAX - notes.reduce((size, note) => size + note.length + 1, 200);
  const { text: shown, left } = boundedLines(whole.trim().split('\n'), room);
  if (left > 0) notes.push(`The text is cut: ${left} more lines. Ask for less: a smaller limit, a narrower question.`);
  return { text: [shown, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n'), data: answer };
}

const KINDS_MAX = 8;
const CUTS_MAX = 5;

interface Told {
  readonly hints?: readonly string[];
  readonly incomplete?: readonly { readonly coverage: string; readonly group: string; readonly kind: string }[];
  readonly next?: string;
  readonly left?: number;
  readonly truncated?: boolean;
  /** Instants of the past that the answer is about. */
  readonly asOf?: string;
  readonly from?: string;
}

function* notesOf(answer: Answer, cuts: readonly Cut[]): Iterable<string> {
  const { hints = [], incomplete = [], next, left, truncated, asOf, from = asOf } = answer as Told;
  const then = from === undefined ? '' : ` with at "${from}"`;
  yield* hints;
  for (const [coverage, scopes] of Map.groupBy(incomplete, (scope) => scope.coverage)) {
    const kinds = [...new Set(scopes.map(({ group, kind }) => (kind === '*' ? `all of ${group}` : kind)))];
    const more = kinds.length > KINDS_MAX ? ` and ${kinds.length - KINDS_MAX} more` : '';
    yield `The answer may lack what is ${coverage}: ${kinds.slice(0, KINDS_MAX).join(', ')}${more}; ${toolName('clusters')}${then} tells why.`;
  }
  for (const { path, shown, of, unit } of cuts.slice(0, CUTS_MAX)) {
    const what = unit === 'items' ? path : `${unit} of ${path}`;
    yield `Cut: ${shown} of ${of} ${what} are shown; ask a narrower question, or for fewer at a time.`;
  }
  if (cuts.length > CUTS_MAX) yield `Cut: ${cuts.length - CUTS_MAX} more places.`;
  if (next !== undefined) yield `${left ?? 'Some'} more: call again with cursor "${next}".`;
  if (truncated) yield 'There is more than was looked at: raise the limit, or narrow the question.';
}
