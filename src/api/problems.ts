/** Problems as HTTP answers, RFC 9457 `application/problem+json`. Foreign errors are classified here, once. */
import type { Socket } from 'node:net';
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

/** Answers a request that is not even HTTP, or too long to be read, and ends the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy(error);
  const problem =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new Problem('too-large', 'the address and headers of the request are too long; send less, or a body')
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new Problem('timeout', 'the request did not arrive in time')
        : new Problem('invalid-input', 'this is not a request in HTTP that can be understood');
  const body = JSON.stringify(problemBody(problem, ''));
  const head = [
    `HTTP/1.1 ${problem.status} ${problems[problem.code].title}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** What an error thrown by the HTTP framework or by an operation is to a client. */
export function problemFromError(error: unknown): Problem {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  if (error instanceof Problem || typeof status !== 'number' || status >= 500) return problemFrom(error);
  const message = error instanceof Error ? error.message : String(error);
  return new Problem(status === 413 ? 'too-large' : 'invalid-input', message, { cause: error });
}
