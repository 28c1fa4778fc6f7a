/**
 * What a model can call: a name, a schema, a function. The answer is text for reading and, where there is one, the same as data; what went wrong
 * comes back as an answer too, so that the model reads what to do instead.
 */
import { type Problem, problemFrom, problems } from '../../model/problem.ts';
import type { Context } from '../../operations/operation.ts';

export interface Tool {
  /** Snake case, unique. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly inputSchema: { readonly type: 'object'; readonly [keyword: string]: unknown };
  /** Throws a Problem. */
  call(context: Context, input: Readonly<Record<string, unknown>>): Promise<ToolAnswer>;
}

export interface ToolAnswer {
  readonly text: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Longest answer, in characters of the text and, apart from it, of the data as JSON: about 7,500 tokens each. */
export const ANSWER_MAX = 30_000;

/** What every tool is: it reads what this program knows, and nothing else. */
export const annotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const;

/** The result of a call as the protocol has it. */
export interface ToolResult {
  [key: string]: unknown;
  readonly content: { readonly type: 'text'; readonly text: string }[];
  readonly structuredContent?: Record<string, unknown>;
  readonly isError?: true;
}

/** Calls a tool. Never rejects: what went wrong is an answer as well; a fault of our own is told to `failed` besides. */
export async function resultOf(
  tool: Tool,
  context: () => Context,
  input: Readonly<Record<string, unknown>>,
  failed: (problem: Problem) => void = () => undefined,
): Promise<ToolResult> {
  try {
    const { text, data } = await tool.call(context(), input);
    return { content: [{ type: 'text', text }], ...(data && { structuredContent: { ...data } }) };
  } catch (error) {
    const problem = problemFrom(error);
    if (problem.code === 'internal') failed(problem);
    return errorResult(problem);
  }
}

function errorResult({ code, message, details, retryable }: Problem): ToolResult {
  const more = details.filter((detail) => !message.includes(detail)).map((detail) => `- ${detail}`);
  const again = retryable ? ['The same call may succeed later.'] : [];
  return {
    isError: true,
    content: [{ type: 'text', text: [message || problems[code].title, ...more, ...again].join('\n') }],
    structuredContent: { code, message, details: [...details], retryable },
  };
}
