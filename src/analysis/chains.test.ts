import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Resource } from '../model/resource.ts';
import { causesOfAll } from './chains.ts';
import type { Hypothesis } from './hypothesis.ts';
import { standIn } from './subjects.ts';
import type { Symptom } from './symptoms.ts';

const thing = (name: string): Resource => standIn({ cluster: 'test', kind: 'Deployment', namespace: 'shop', name });

function symptom(name: string): Symptom {
  const resource = thing(name);
  return { resource, whole: resource, reason: 'Errors', message: '', since: 0, severity: 'warning', alike: [] };
}

/** That one is why; `because`: as far as something else is why that one suffers. */
function why(subject: string, weight: number, because?: string): Hypothesis {
  return {
    subject: thing(subject),
    reason: 'Fails',
    summary: '',
    evidence: [{ kind: 'state', text: '', weight }],
    path: [subject],
    remedy: { summary: '', commands: [] },
    ...(because !== undefined && { because: thing(because) }),
  };
}

/** Causes by symptom, `name confidence` to one digit, best first. */
function causes(
  hypotheses: Readonly<Record<string, readonly Hypothesis[]>>,
): Readonly<Record<string, readonly string[]>> {
  const symptoms = Object.keys(hypotheses).map(symptom);
  const found = causesOfAll(symptoms, new Map(symptoms.map((one) => [one, hypotheses[one.whole.name] ?? []])));
  return Object.fromEntries(
    [...found].map(([{ whole }, all]) => [
      whole.name,
      all.map(({ subject, confidence }) => `${subject.name} ${confidence.toFixed(1)}`),
    ]),
  );
}

test('CA177 causes are handed on along chains, less sure with every step, by the best way', () => {
  const chain = { a: [why('b', 5, 'b')], b: [why('c', 5, 'c')], c: [why('root', 5), why('c', 1)] };
  assert.deepEqual(causes(chain), { a: ['root 0.9', 'c 0.2'], b: ['root 0.9', 'c 0.3'], c: ['root 1.0', 'c 0.3'] });
});

test('CA177 who is not explained is the end of the chain, and circles explain nothing', () => {
  assert.deepEqual(causes({ a: [why('b', 5, 'b')], b: [] }), { a: ['b 1.0'], b: [] });
  assert.deepEqual(causes({ a: [why('b', 5, 'b')], b: [why('a', 5, 'a')] }), { a: ['b 1.0'], b: ['a 1.0'] });
  assert.deepEqual(causes({ a: [why('b', 5, 'b')], b: [why('a', 5, 'a'), why('root', 3)] }), {
    a: ['root 0.7'],
    b: ['root 0.7'],
  });
});

test('CA177 many who all call each other are explained at once', () => {
  const names = Array.from({ length: 60 }, (_, index) => `app${index}`);
  const all = Object.fromEntries(
    names.map((name) => [name, names.filter((one) => one !== name).map((one) => why(one, 4, one))]),
  );
  const first = all['app0'] ?? [];
  const explained = causes({ ...all, app0: [...first, why('root', 6)] });
  for (const name of names) assert.match(explained[name]?.[0] ?? '', /^root/);
});
