/** An investigation: a tool that answers a question of an on-call engineer about an interval in plain text. */
import { nearest } from '../../../lib/nearest.ts';
import { Problem, problemFrom } from '../../../model/problem.ts';
import type { Tool, ToolAnswer } from '../tool.ts';
import { type Scene, sceneFrom } from './window.ts';

type Input = Readonly<Record<string, unknown>>;

interface Argument {
  readonly description: string;
  readonly required?: true;
}

export interface Investigation {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Besides the interval, which all have. */
  readonly arguments?: Readonly<Record<string, Argument>>;
  /** Throws a Problem. */
  investigate(scene: Scene, input: Input): Promise<ToolAnswer>;
}

export const namespaceArgument: Argument = { description: 'only this namespace; default: all' };

const interval: Readonly<Record<string, Argument>> = {
  start_time: { description: 'begin of the interval, RFC 3339, for example 2026-11-20T10:00:00Z', required: true },
  end_time: { description: 'end of the interval, RFC 3339', required: true },
};

const cluster: Argument = { description: 'only this cluster; default: all' };

export function investigationTool({ name, title, description, arguments: own, investigate }: Investigation): Tool {
  const known = { ...interval, ...own, cluster };
  const all = Object.entries(known);
  return {
    name,
    title,
    description,
    inputSchema: {
      type: 'object',
      properties: Object.fromEntries(all.map(([key, { description }]) => [key, { type: 'string', description }])),
      required: all.filter(([, { required }]) => required).map(([key]) => key),
    },
    async call(context, input) {
      checkNames(Object.keys(input), Object.keys(known));
      try {
        return await investigate(sceneFrom(context, input), input);
      } catch (error) {
        throw asQueryFailure(problemFrom(error));
      }
    },
  };
}

/** Throws `invalid-input`: whoever asks for one namespace must not be answered for all. */
function checkNames(given: readonly string[], known: readonly string[]): void {
  const unknown = given.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const faults = unknown.map((name) => {
    const [near] = nearest(name, known, 1);
    return `${name}: no such argument; ${near === undefined ? `there are ${known.join(', ')}` : `did you mean ${near}?`}`;
  });
  throw new Problem('invalid-input', faults.join('\n'));
}

/** What is no fault of the question is told as clients know it. */
function asQueryFailure(problem: Problem): Problem {
  const { code, message, details } = problem;
  const known = 'Failed to query audit logs: ';
  if (code === 'invalid-input' || message.startsWith(known)) return problem;
  return new Problem(code, `${known}${message}`, { details, cause: problem });
}
