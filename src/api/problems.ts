/** Problems as HTTP answers, RFC 9457 `application/problem+json`. Foreign errors are classified here, once. */
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Problem, type ProblemCode, problemFrom, problems } from '../model/problem.ts';

export const problemSchema = z
  .object({
    type: z.string().describe('address of what is known of this kind of problem'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('what is wrong here and what to do'),
    instance: z.string().describe('path of the request'),
    code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
    retryable: z.boolean().describe('the same request may succeed later'),
    details: z.array(z.string()).describe('single faults, candidates or near names'),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' });

export const PROBLEM_TYPE = 'application/problem+json';

export function problemBody({ code, message, details }: Problem, instance: string): z.input<typeof problemSchema> {
  const { title, status, retryable } = problems[code];
  return {
    type: `/api/v1/problems/${code}`,
    title,
    status,
    detail: message,
    instance,
    code,
    retryable,
    details: [...details],
  };
}

/** Answers with a problem. Query strings stay out of `instance`: they may carry a token. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const body = problemBody(problem, reply.request.url.split('?')[0] ?? '');
  if (body.status === 401) reply.header('www-authenticate', 'Bearer');
  if (problem.retryable) reply.header('retry-after', '5');
  return reply.code(body.status).type(PROBLEM_TYPE).send(JSON.stringify(body));
}

/** What an error thrown by the HTTP framework or by an operation is to a client. */
export function problemFromError(error: unknown): Problem {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  if (error instanceof Problem || typeof status !== 'number' || status >= 500) return problemFrom(error);
  const message = error instanceof Error ? error.message : String(error);
  return new Problem(status === 413 ? 'too-large' : 'invalid-input', message, { cause: error });
}
