/** Errors as clients of root-cause APIs expect them: `{"error": {"code", "message", "details", "timestamp"}}`. Who accepts problems gets problems. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ProblemCode } from '../../model/problem.ts';
import { validInput } from '../../operations/operation.ts';
import { inputFromStrings } from '../../operations/shared/from-strings.ts';
import { PROBLEM_TYPE, problemFromError } from '../problems.ts';
import type { Route } from '../routes.ts';

const codes: Partial<Record<ProblemCode, string>> = {
  'not-found': 'RESOURCE_NOT_FOUND',
  'invalid-input': 'VALIDATION_ERROR',
  'invalid-query': 'VALIDATION_ERROR',
  ambiguous: 'VALIDATION_ERROR',
  'too-large': 'VALIDATION_ERROR',
  unauthorized: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  'read-only': 'FORBIDDEN',
  'limit-reached': 'RATE_LIMIT_EXCEEDED',
  internal: 'INTERNAL_ERROR',
  'invalid-config': 'INTERNAL_ERROR',
  'store-damaged': 'INTERNAL_ERROR',
};

export const kgErrorSchema = z
  .object({
    error: z.object({
      code: z
        .string()
        .describe(
          '`RESOURCE_NOT_FOUND`, `VALIDATION_ERROR`, `FORBIDDEN`, `RATE_LIMIT_EXCEEDED`, `SERVICE_UNAVAILABLE`, `INTERNAL_ERROR`',
        ),
      message: z.string(),
      details: z.record(z.string(), z.unknown()).optional(),
      timestamp: z.string(),
    }),
  })
  .meta({ id: 'KgError' });

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** The handler with its errors in that form. */
export function withKgErrors(answer: Handler): Route['handler'] {
  return async (request, reply) => {
    try {
      return await answer(request, reply);
    } catch (error) {
      if (request.headers.accept?.includes(PROBLEM_TYPE)) throw error;
      const { code, message, details, status, retryable } = problemFromError(error);
      if (status === 500) throw error;
      if (retryable) reply.header('retry-after', '5');
      return reply.code(status).send({
        error: {
          code: codes[code] ?? 'SERVICE_UNAVAILABLE',
          message,
          ...(details.length > 0 && { details: { problems: [...details] } }),
          timestamp: new Date().toISOString(),
        },
      } satisfies z.input<typeof kgErrorSchema>);
    }
  };
}

type Texts = Readonly<Record<string, string | readonly string[]>>;

/** What a body says, by its schema. Fields that nothing knows are refused, with the nearest that is known. Throws `invalid-input`. */
export function bodyOf<I extends z.ZodObject>(schema: I, { body }: Pick<FastifyRequest, 'body'>): z.output<I> {
  return validInput({ input: schema }, body ?? {});
}

/** What query and path say, by a schema. Throws `invalid-input`. */
export function queryOf<I extends z.ZodObject>(
  schema: I,
  { query, params }: Pick<FastifyRequest, 'query' | 'params'>,
): z.output<I> {
  return validInput(
    { input: schema },
    inputFromStrings({ input: schema }, { ...(query as Texts), ...(params as Texts) }),
  );
}
