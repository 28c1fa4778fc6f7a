/** The thread that answers about the past: it reads beside the writer, and what takes long there keeps nobody else waiting. */
import { parentPort, workerData } from 'node:worker_threads';
import { problemFrom } from '../model/problem.ts';
import { JsonText } from '../operations/operation.ts';
import { openDatabase } from '../sinks/history/open.ts';
import { rulesOf } from './live-relations.ts';
import { openPast } from './open.ts';
import type { PastAnswers } from './past-answers.ts';
import type { Answered, Asked, PastThreadData, Question } from './past-protocol.ts';

const { config, url, ended } = workerData as PastThreadData;
let opened: Promise<PastAnswers> | undefined;

/** Opened by the first question, and by the next one when that failed. */
function past(): Promise<PastAnswers> {
  opened ??= open().catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

async function open(): Promise<PastAnswers> {
  const database = await openDatabase(url, { readOnly: true });
  return openPast(config, { rules: rulesOf(config), now: Date.now, database, ended });
}

async function answer(question: Question): Promise<Pick<Answered, 'value' | 'pieces'>> {
  const answers = await past();
  if (question.type === 'query') {
    const method = answers.history[question.method] as (...values: readonly unknown[]) => Promise<unknown>;
    return { value: await method.apply(answers.history, [...question.values]) };
  }
  const value = await answers.answer(question.operation, question.at, question.input);
  return value instanceof JsonText ? { pieces: [...value.pieces] } : { value };
}

parentPort?.on('message', ({ id, question }: Asked) => {
  const reply = (answered: Omit<Answered, 'id'>): void =>
    parentPort?.postMessage({ id, ...answered } satisfies Answered);
  answer(question).then(reply, (error: unknown) => {
    const { code, message, details } = problemFrom(error);
    reply({ problem: { code, message, details } });
  });
});
