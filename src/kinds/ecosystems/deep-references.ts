/**
 * References that stand at any depth below a path, found by their shape or by their field's name: providers and receivers of custom
 * resources come in dozens of variants, all of which name Secrets in the same two ways.
 */
import type { Found, Relation } from '../kind.ts';
import { ConfigMap, Secret, ServiceAccount } from '../refs.ts';
import { type NameOptions, names, textAt } from '../relations.ts';

export interface DeepOptions extends Omit<NameOptions, 'when' | 'attributes' | 'optional' | 'name'> {
  /** Only when this holds besides. */
  readonly when?: (found: Found) => boolean;
  /** Fields of this name hold a reference whatever its shape. */
  readonly field?: RegExp;
}

/** Name of the field that holds the value; for an entry of a list, the list's. */
export function fieldOf({ steps }: Found): string {
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index];
    if (typeof step === 'string') return step;
  }
  return '';
}

const SELECTOR_FIELDS: ReadonlySet<string> = new Set(['name', 'key', 'optional', 'namespace']);

/** `{name, key}`, core/v1 SecretKeySelector or ConfigMapKeySelector, and their siblings that add a namespace. */
function isKeySelector(value: unknown): boolean {
  return (
    textAt(value, 'name') !== undefined &&
    textAt(value, 'key') !== undefined &&
    Object.keys(value as object).every((field) => SELECTOR_FIELDS.has(field))
  );
}

const CONFIG_MAP = /config_?map/i;

/** Secrets below `path`: every key selector that is not a ConfigMap's, and what stands in fields called `field`. */
export function secretsBelow(path: string, options: DeepOptions = {}): Relation {
  return below('USES_SECRET', path, Secret, options, (field) => !CONFIG_MAP.test(field));
}

/** ConfigMaps below `path`: every key selector in a field that says so. */
export function configMapsBelow(path: string, options: DeepOptions = {}): Relation {
  return below('USES_CONFIG', path, ConfigMap, options, (field) => CONFIG_MAP.test(field));
}

/** Service accounts below `path` whose tokens are asked for: fields `serviceAccountRef`. */
export function accountsBelow(path: string, options: DeepOptions = {}): Relation {
  const { field = /^serviceAccountRef$/, when, ...rest } = options;
  return names('USES_TOKEN_OF', `${path}.**`, ServiceAccount, {
    ...rest,
    note: `at any depth, fields ${field.source}`,
    when: (found) => field.test(fieldOf(found)) && (when?.(found) ?? true),
  });
}

function below(
  edge: string,
  path: string,
  target: typeof Secret,
  { field, when, ...rest }: DeepOptions,
  admits: (field: string) => boolean,
): Relation {
  return names(edge, `${path}.**`, target, {
    optional: 'optional',
    note: `at any depth: {name, key}${field ? ` or fields ${field.source}` : ''}`,
    ...rest,
    when: (found) => {
      const name = fieldOf(found);
      if (!admits(name) || !(isKeySelector(found.value) || field?.test(name))) return false;
      return when?.(found) ?? true;
    },
    attributes: ({ value }) => {
      const key = textAt(value, 'key');
      return key === undefined ? undefined : { key };
    },
  });
}
