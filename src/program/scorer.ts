/**
 * Which scorer scores: a model behind HTTP where one is configured, else robust statistics in this process. A model that does not answer is left alone for a
 * while; then, and always, there is the other one. What is sent are numbers and ids, no names and no messages.
 */
import { z } from 'zod';
import { robustScores } from '../analysis/scoring/robust.ts';
import { Circuit } from '../lib/circuit.ts';
import { Problem } from '../model/problem.ts';
import type { Features, Score, Scorer } from '../model/scorer.ts';
import type { Config } from './config.ts';

const answerSchema = z.object({
  scores: z.array(z.object({ id: z.string(), score: z.number().min(0).max(1), feature: z.string().optional() })),
});

/** An answer is no longer than this. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const FAILURES = 5;
const OPEN_MS = 60_000;

export const robustScorer: Scorer = {
  name: 'robust',
  score: async (features) => robustScores(features),
};

/** The one that the configuration asks for. `now`: milliseconds of a clock that does not step back. */
export function scorerOf({ scorer }: Pick<Config, 'scorer'>, now: () => number): Scorer {
  const { url, timeoutMs, token } = scorer;
  if (url === undefined) return robustScorer;
  return withFallback(httpScorer({ url, timeoutMs, ...(token !== undefined && { token }) }), robustScorer, now);
}

export interface HttpScorerOptions {
  readonly url: string;
  readonly timeoutMs: number;
  readonly token?: string;
}

/** Asks by POST: `{features: [{id, values: {name: [numbers]}}]}` → `{scores: [{id, score, feature?}]}`. Rejects with `timeout` or `store-unreachable`. */
export function httpScorer({ url, timeoutMs, token }: HttpScorerOptions): Scorer {
  return {
    name: 'http',
    async score(features, stop) {
      const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]);
      const headers = {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      };
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers,
          body: JSON.stringify({ features }),
          signal,
          redirect: 'error',
        });
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        return answered(await bounded(response), features);
      } catch (error) {
        stop.throwIfAborted();
        const isLate = error instanceof Error && error.name === 'TimeoutError';
        const why = isLate
          ? `no answer within ${timeoutMs} ms`
          : error instanceof Error
            ? error.message
            : String(error);
        throw new Problem(isLate ? 'timeout' : 'store-unreachable', `The scorer could not be asked: ${why}`, {
          cause: error,
        });
      }
    },
  };
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > ANSWER_BYTES_MAX) throw new Error(`the answer is longer than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Scores of those that were asked for, each once. */
function answered(text: string, features: readonly Features[]): readonly Score[] {
  const { scores } = answerSchema.parse(JSON.parse(text));
  const asked = new Set(features.map(({ id }) => id));
  return [...new Map(scores.filter(({ id }) => asked.has(id)).map((one) => [one.id, one])).values()].map(
    ({ id, score, feature }) => ({ id, score, ...(feature !== undefined && { feature }) }),
  );
}

/** One, and another where that does not answer. The name is that of who answered last. */
export function withFallback(first: Scorer, second: Scorer, now: () => number): Scorer {
  const circuit = new Circuit({ failures: FAILURES, openMs: OPEN_MS, now });
  let name = first.name;
  return {
    get name() {
      return name;
    },
    async score(features, stop) {
      const scores = await circuit.call(() => first.score(features, stop)).catch(() => undefined);
      stop.throwIfAborted();
      name = scores ? first.name : second.name;
      return scores ?? second.score(features, stop);
    },
  };
}
