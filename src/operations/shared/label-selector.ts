/** Label selectors in kubectl's syntax: `app=web,tier in (front,back),!canary,rev>3`. Source: apimachinery labels.Parse. */
import { Problem } from '../../model/problem.ts';
import type { Requirement, Selector } from '../../model/selector.ts';

const KEY = '[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?';
const forms: readonly [RegExp, (match: RegExpExecArray) => Requirement][] = [
  [new RegExp(`^!\\s*(${KEY})$`), ([, key = '']) => ({ key, operator: 'DoesNotExist', values: [] })],
  [new RegExp(`^(${KEY})$`), ([, key = '']) => ({ key, operator: 'Exists', values: [] })],
  [
    new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`),
    ([, key = '', , operator, list = '']) => ({
      key,
      operator: operator === 'in' ? 'In' : 'NotIn',
      values: listOf(list),
    }),
  ],
  [
    new RegExp(`^(${KEY})\\s*!=\\s*([^=!<>(),\\s]*)$`),
    ([, key = '', , value = '']) => ({ key, operator: 'NotIn', values: [value] }),
  ],
  [
    new RegExp(`^(${KEY})\\s*==?\\s*([^=!<>(),\\s]*)$`),
    ([, key = '', , value = '']) => ({ key, operator: 'In', values: [value] }),
  ],
  [
    new RegExp(`^(${KEY})\\s*>\\s*(-?\\d+)$`),
    ([, key = '', , value = '']) => ({ key, operator: 'Gt', values: [value] }),
  ],
  [
    new RegExp(`^(${KEY})\\s*<\\s*(-?\\d+)$`),
    ([, key = '', , value = '']) => ({ key, operator: 'Lt', values: [value] }),
  ],
];

/** The selector. Throws `invalid-input` that names the part not understood. Empty text selects everything. */
export function selectorFromText(text: string): Selector {
  return splitOutsideParentheses(text).map(requirementFrom);
}

function requirementFrom(part: string): Requirement {
  for (const [form, read] of forms) {
    const match = form.exec(part);
    if (match) return read(match);
  }
  const help =
    'write for example app=web, tier!=back, env in (a,b), env notin (c), canary, !canary or rev>3, separated by commas';
  throw new Problem('invalid-input', `labels: "${part}" is not understood; ${help}`, { details: [`labels: ${part}`] });
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    const character = text[at];
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === undefined || (character === ',' && depth === 0)) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return parts.filter((part, index) => part !== '' || (index > 0 && index < parts.length - 1));
}

function listOf(text: string): string[] {
  return text.split(',').map((value) => value.trim());
}
