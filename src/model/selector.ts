/** Label selectors with the semantics of `meta/v1 LabelSelector` and `core/v1 NodeSelectorRequirement`. */

/** `Like` and `NotLike` compare with patterns in which `*` stands for any text; no Kubernetes selector has them, expression languages do. */
export type Operator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt' | 'Like' | 'NotLike';

export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

/** All requirements must hold; no requirement at all matches everything. */
export type Selector = readonly Requirement[];

export type Labels = Readonly<Record<string, string>>;

/** Selects everything: the meaning of `{}` where the API says "empty selects all". */
export const everything: Selector = [];

const NUMBER = /^-?\d+$/;

/** Whether labels satisfy every requirement. NotIn holds when the key is absent (apimachinery `labels.Requirement.Matches`). */
export function matches(selector: Selector, labels: Labels): boolean {
  for (const requirement of selector) if (!holds(requirement, labels)) return false;
  return true;
}

function holds({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Like':
      return value !== undefined && values.some((pattern) => isLike(value, pattern));
    case 'NotLike':
      return value === undefined || !values.some((pattern) => isLike(value, pattern));
    case 'Gt':
    case 'Lt': {
      const bound = values[0];
      if (value === undefined || bound === undefined || !NUMBER.test(value) || !NUMBER.test(bound)) return false;
      return operator === 'Gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
    }
    default:
      return operator satisfies never;
  }
}

/** Whether the text is of the pattern's form: `web-*`, `*-canary`, `*eu*`. */
function isLike(text: string, pattern: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return text === head;
  if (!text.startsWith(head) || text.length < head.length + tail.length || !text.endsWith(tail)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - tail.length;
}

/** Operators that selectors of the API may have. */
const OPERATORS: ReadonlySet<unknown> = new Set<Operator>(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']);

/** A flat map `{app: web}` (Service, ReplicationController) as a selector; undefined when it is not a map. */
export function selectorFromMap(map: unknown): Selector | undefined {
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return undefined;
  return Object.entries(map).map(([key, value]) => ({ key, operator: 'In', values: [String(value)] }));
}

/** A `LabelSelector` as a selector; undefined when absent or malformed (an unknown operator must never select by accident). */
export function selectorFrom(value: unknown): Selector | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { matchLabels, matchExpressions } = value as { matchLabels?: unknown; matchExpressions?: unknown };
  const equalities = matchLabels == null ? [] : selectorFromMap(matchLabels);
  const requirements = matchExpressions == null ? [] : requirementsFrom(matchExpressions);
  return equalities && requirements && [...equalities, ...requirements];
}

/** A list of `{key, operator, values}`; undefined when any entry is malformed. */
export function requirementsFrom(list: unknown): Requirement[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const requirements: Requirement[] = [];
  for (const entry of list) {
    if (typeof entry !== 'object' || entry === null || typeof entry.key !== 'string') return undefined;
    if (!OPERATORS.has(entry.operator)) return undefined;
    const values: unknown[] = Array.isArray(entry.values) ? entry.values : [];
    requirements.push({ key: entry.key, operator: entry.operator, values: values.map(String) });
  }
  return requirements;
}
