/** Feature flags: ConfigMaps that hold them, and which of them differ between two versions or are on. */
import type { KubeObject } from '../model/change.ts';
import { treeAt } from './case.ts';

const NAMED = /flag|toggle|experiment|unleash/i;

/** Whether a ConfigMap holds feature flags: by its name, its labels, or as flagd writes them. */
export function holdsFlags(object: KubeObject | undefined): boolean {
  if (object?.kind !== 'ConfigMap') return false;
  const { name, labels = {} } = object.metadata;
  return NAMED.test(name) || Object.values(labels).some((value) => NAMED.test(value)) || textsOf(object).some(isFlagd);
}

function isFlagd(text: string): boolean {
  return /"flags"\s*:/.test(text) && /"defaultVariant"\s*:/.test(text);
}

/** Names of the flags, or keys, that differ. */
export function flagsChanged(before: KubeObject | undefined, after: KubeObject | undefined): readonly string[] {
  const [old, now] = [flagsIn(before), flagsIn(after)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((name) => old.get(name) !== now.get(name));
}

/** Names of the flags that are on, where that can be read. */
export function flagsOn(object: KubeObject | undefined): readonly string[] {
  return [...flagsIn(object)].filter(([, value]) => isOn(value)).map(([name]) => name);
}

/** `true`, or the default variant of flagd, unless that is a word for off. */
function isOn(value: string): boolean {
  const variant = /"defaultVariant":"([^"]*)"/.exec(value)?.[1] ?? value;
  return !/^(?:off|false|no|none|0|disabled|default|)$/i.test(variant) && !/"state":"DISABLED"/.test(value);
}

/** Flags by name, each as text. */
function flagsIn(object: KubeObject | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [key, text] of Object.entries(treeAt(object, 'data') ?? {})) {
    const tree = typeof text === 'string' ? parsed(text) : undefined;
    const flags = treeAt(tree, 'flags') ?? tree;
    if (flags) for (const [name, value] of Object.entries(flags)) found.set(name, JSON.stringify(value));
    else for (const line of String(text).split('\n')) addLine(found, key, line);
  }
  return found;
}

/** Lines of settings, `name: value` or `name=value`; a text without any is a flag itself. */
function addLine(found: Map<string, string>, key: string, line: string): void {
  const [, name, value = ''] = /^\s*([\w.-]+)\s*[:=]\s*(.*?)\s*$/.exec(line) ?? [];
  if (name === undefined) found.set(key, `${found.get(key) ?? ''}${line.trim()}`);
  else found.set(name, value);
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const tree: unknown = JSON.parse(text);
    return typeof tree === 'object' && tree !== null && !Array.isArray(tree)
      ? (tree as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function textsOf(object: KubeObject): readonly string[] {
  return Object.values(treeAt(object, 'data') ?? {}).filter((text) => typeof text === 'string');
}

/** Whether a flag speaks of an application: `adServiceHighCpu` of `ad-service`, `cartFailure` of `cart`. */
export function speaksOf(flag: string, app: string): boolean {
  const words = app
    .toLowerCase()
    .split(/[-_.]/)
    .filter((word) => word !== '' && !COMMON.has(word));
  const said = flag
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  const plain = said.join('');
  return (
    words.length > 0 &&
    words.every(
      (word) =>
        said.includes(word) || (word.length > 4 && plain.includes(word)) || said.includes(word.replace(/service$/, '')),
    )
  );
}

const COMMON = new Set(['service', 'svc', 'server', 'app', 'api', 'demo']);
