/**
 * Redaction, at the edge where objects come in: nothing behind this file ever sees a secret. What is taken out is replaced by a keyed
 * fingerprint (`redacted:` + 16 hex digits of HMAC-SHA-256), so that one sees that a value changed, or that two are equal, and not what it is.
 *
 * Taken out: `data` and `stringData` of Secrets, wherever one stands (Helm releases are Secrets; their ConfigMap form too) · copies of the
 * whole object in annotations (`last-applied-configuration` and its relatives) · credentials by name or by shape in `name`/`value` pairs
 * (env of every pod template, and parameters alike), in `args` and `command`, in annotations, in ConfigMap data, in messages · `binaryData` of
 * ConfigMaps, for nobody can tell a keystore from a picture · in custom resources also fields called password and the like, unless a relation
 * says that the field names an object. `managedFields` become compact (managed-fields.ts). A number is taken for the text it was written as:
 * YAML makes one of every password of digits.
 * Kept: every key and name, everything else. Nothing is mutated: what changes is copied, the rest is shared.
 * Redacting what is redacted gives the same bytes, under any key; so it also runs over recordings.
 */
import { createHmac } from 'node:crypto';
import { type Change, groupOf, type KubeObject, type Occurrence } from '../model/change.ts';
import { isBuiltInGroup } from '../model/groups.ts';
import {
  credentialGrade,
  type Fingerprint,
  isFingerprint,
  looksRandom,
  mayBeName,
  redactNamed,
  redactShapes,
  redactText,
} from './credentials-in-text.ts';
import { compactManagedFields } from './managed-fields.ts';
import { redactJson } from './redact-json.ts';

export type Redact = (object: KubeObject) => KubeObject;

/** Whether a field, `key` of `holder`, names an object for some relation. Asked rarely. */
export type IsReference = (holder: object, key: string) => boolean;

/** What relations say of an object's fields (`Describer.referencesIn`). */
export type ReferencesIn = (object: KubeObject) => IsReference;

type Tree = Readonly<Record<string, unknown>>;

/** Annotations that hold a copy of the object, and with it its secrets. */
const COPIES = /last-applied|^objectset\.rio\.cattle\.io\/applied$|^kapp\.k14s\.io\/original$|applied-configuration/;
/** Parts of built-in objects whose schema has no place for a secret: most of an object, and most of the time, is there. */
const HARMLESS = new Set(
  `labels matchLabels ownerReferences involvedObject resources securityContext volumeMounts volumeDevices ports nodeSelector tolerations
  affinity topologySpreadConstraints images addresses endpoints subsets allocatable capacity podCIDRs`.split(/\s+/),
);
/** What programs and people say in prose: Events, conditions, the last words of a container that ended. */
const PROSE = new Set(['message', 'note']);
/** Free maps of built-in objects (volumes, storage classes) that drivers put anything into. */
const FREE_MAPS = new Set(['parameters', 'volumeAttributes', 'options', 'attributes']);
/** Keys of ConfigMaps that name a file: what is in it is judged, not what it is called. */
const FILE =
  /\.(ya?ml|json|properties|conf|cfg|cnf|config|ini|toml|xml|sh|txt|md|lua|js|py|sql|tpl|tmpl|env|html|css|crt|pem)$/i;
/** Deeper than any schema; deeper parts are replaced as a whole, so that no input can exhaust the stack. */
const MAX_DEPTH = 200;
const TOO_DEEP = 'redacted: nested too deeply';

/** What comes in, redacted under one key: as objects, or as changes of any type, whoever wrote them. */
export interface Redaction {
  object(object: KubeObject): KubeObject;
  change(change: Change): Change;
  /** What programs write, a line or several: prose, or data where it begins like that. */
  text(text: string): string;
  /** JSON of which nobody knows what it is. */
  json(value: unknown): unknown;
}

/** A redaction under one key. The same key gives the same fingerprints in every process; keep it secret, for short values can be guessed with it. */
export function redaction(key: Buffer | string, referencesIn: ReferencesIn = () => () => false): Redaction {
  const fingerprint: Fingerprint = (secret) =>
    isFingerprint(secret) ? secret : `redacted:${createHmac('sha256', key).update(secret).digest('hex').slice(0, 16)}`;
  const { walk, named, prose } = walker(fingerprint);
  const object: Redact = (one) => {
    if (typeof one.apiVersion !== 'string' || isBuiltInGroup(groupOf(one.apiVersion)))
      return walk(one as never, undefined, '', 0) as never;
    let known: IsReference | undefined;
    const isReference: IsReference = (holder, field) => {
      known ??= referencesIn(one);
      return known(holder, field);
    };
    return walk(one as never, isReference, '', 0) as never;
  };
  const scalar = onText(named);
  /** What collectors nest in attributes has no schema: labels of alerts, what was sent to them. */
  const attribute = (name: string, value: unknown): unknown =>
    typeof value === 'object' && value !== null ? redactJson(value, fingerprint, name) : scalar(name, value);
  const occurrence = (one: Occurrence): Occurrence => {
    const { message, reason, attributes, ...rest } = one;
    return {
      ...(walk(rest as never, () => false, '', 0) as never as typeof rest),
      ...(reason !== undefined && { reason: prose(reason) }),
      ...(message !== undefined && { message: prose(message) }),
      ...(attributes !== undefined && { attributes: mapValues(attributes, attribute) as typeof attributes }),
    };
  };
  return {
    object,
    change: (change) => redactChange(change, object, occurrence, prose),
    text: (one) => (one.startsWith('{') ? redactText(one, fingerprint) : prose(one)),
    json: (value) => redactJson(value, fingerprint),
  };
}

/** The redaction of objects alone. */
export function redactor(key: Buffer | string, referencesIn?: ReferencesIn): Redact {
  return redaction(key, referencesIn).object;
}

function redactChange(
  change: Change,
  object: Redact,
  occurrence: (one: Occurrence) => Occurrence,
  prose: (text: string) => string,
): Change {
  switch (change.type) {
    case 'apply':
      return { ...change, object: object(change.object) };
    case 'delete':
      return { ...change, object: object(change.object as KubeObject) };
    case 'reset':
      return { ...change, objects: change.objects.map(object) };
    case 'occur':
      return { ...change, occurrence: occurrence(change.occurrence) };
    case 'relate':
      return change;
    case 'observe':
      return change.message === undefined ? change : { ...change, message: prose(change.message) };
    default:
      return change satisfies never;
  }
}

/** `custom`: the object is of no schema of ours, and this tells which of its fields name others. `parent`: the key under which the node stands. */
type Walk = (node: Tree, custom: IsReference | undefined, parent: string, depth: number) => Tree;

/** The one walk over an object, what it does to a value that has a name, and to prose. */
function walker(fingerprint: Fingerprint): {
  readonly walk: Walk;
  readonly named: (name: string, value: string) => string;
  readonly prose: (value: string) => string;
} {
  const prose = (value: string): string => redactText(value, fingerprint, true);
  const text = (value: string): string => redactText(value, fingerprint);
  const shapes = (value: string): string => redactShapes(value, fingerprint);
  const named = (name: string, value: string): string =>
    redactNamed(name, value, 1, fingerprint) ?? (looksRandom(name, value) ? fingerprint(value) : text(value));
  const setting = (name: string, value: string): string => (FILE.test(name) ? text(value) : named(name, value));
  const parameter = (name: string, value: string): string => redactNamed(name, value, 3, fingerprint) ?? shapes(value);
  const annotation = (name: string, value: string): string => {
    if (COPIES.test(name)) return fingerprint(value);
    const local = name.slice(name.indexOf('/') + 1);
    return redactNamed(local, value, 2, fingerprint) ?? (looksRandom(name, value) ? fingerprint(value) : shapes(value));
  };
  const secret = (_: string, value: unknown): string => fingerprint(typeof value === 'string' ? value : textOf(value));

  const walk: Walk = (node, custom, parent, depth) => {
    const isSecret = node['kind'] === 'Secret' && node['apiVersion'] === 'v1';
    const isConfig = node['kind'] === 'ConfigMap' && node['apiVersion'] === 'v1';
    let copy: Record<string, unknown> | undefined;
    for (const key in node) {
      const before = node[key];
      let after: unknown = before;
      if (typeof before === 'object' && before !== null) {
        if (isSecret && (key === 'data' || key === 'stringData')) after = mapValues(before, secret);
        else if (isConfig && key === 'binaryData') after = mapValues(before, secret);
        else if (isConfig && key === 'data') after = mapValues(before, isHelmRelease(node) ? secret : onText(setting));
        else if (custom !== undefined || !HARMLESS.has(key)) after = inner(key, before, custom, depth + 1);
      } else if (typeof before === 'string' || typeof before === 'number') {
        const written = String(before);
        let redacted = written;
        if (isSecret && (key === 'data' || key === 'stringData')) redacted = fingerprint(written);
        else if (key === 'value' && typeof node['name'] === 'string') redacted = named(node['name'], written);
        else if (PROSE.has(key)) redacted = prose(written);
        else if (custom !== undefined) redacted = field(node, key, written, custom, parent);
        if (redacted !== written) after = redacted;
      }
      if (after === before) continue;
      copy ??= { ...node };
      set(copy, key, after);
    }
    return copy ?? node;
  };

  const inner = (key: string, value: object, custom: IsReference | undefined, depth: number): unknown => {
    if (depth > MAX_DEPTH) return TOO_DEEP;
    if (Array.isArray(value)) {
      if (key === 'managedFields') return compactManagedFields(value, text);
      if (key === 'args' || key === 'command') return redactArguments(value, fingerprint);
      return items(key, value, custom, depth);
    }
    if (key === 'annotations') return mapValues(value, onText(annotation));
    if (key === 'env') return mapValues(walk(value as Tree, custom, key, depth), onText(named));
    if (FREE_MAPS.has(key)) return mapValues(walk(value as Tree, custom, key, depth), onText(parameter));
    return walk(value as Tree, custom, key, depth);
  };

  const items = (key: string, list: readonly unknown[], custom: IsReference | undefined, depth: number): unknown => {
    const one = custom === undefined ? '' : key.replace(/s$/, '');
    return mapItems(list, (item) => {
      if (Array.isArray(item)) return inner('', item, custom, depth + 1);
      if (typeof item === 'object' && item !== null) return walk(item as Tree, custom, key, depth + 1);
      if (key === 'env') return redactArguments([item], fingerprint)[0];
      if (custom === undefined) return item;
      return onText((name, value) => field({}, name, value, () => custom(list, '[*]'), ''))(one, item);
    });
  };

  /** A field of a custom resource. What stands under `value` is what its neighbour `key`, or else its parent, is called. */
  const field = (node: Tree, key: string, value: string, isReference: IsReference, parent: string): string => {
    const name = key !== 'value' ? key : typeof node['key'] === 'string' ? node['key'] : parent;
    const grade = credentialGrade(name);
    if (grade > 0 && !namesKeys(node, parent) && !(mayBeName(value) && (grade === 1 || isReference(node, key))))
      return redactNamed(name, value, 1, fingerprint) ?? value;
    return value.includes('\n') ? text(value) : shapes(value);
  };
  return { walk, named, prose };
}

/** Whether an object says where in a Secret things are, `{secretName: db, password: the-key-of-it}`. */
function namesKeys(node: Tree, parent: string): boolean {
  return (
    typeof node['secretName'] === 'string' ||
    (typeof node['name'] === 'string' && /(?:[sS]ecret|Refs?|References?|Selector)$/.test(parent))
  );
}

/** A value that should have been text. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return 'nested too deeply to be written';
  }
}

/** Helm keeps releases in ConfigMaps where it is told to (`HELM_DRIVER=configmap`); the blob is the chart with all its values. */
function isHelmRelease(node: Tree): boolean {
  const { labels, name } = (node['metadata'] ?? {}) as { labels?: Readonly<Record<string, unknown>>; name?: unknown };
  return labels?.['owner'] === 'helm' || labels?.['OWNER'] === 'TILLER' || String(name).startsWith('sh.helm.release.');
}

/** A program's arguments: `--password=x`, `--password x`, `PASSWORD=x`, and what stands inside a shell script. */
function redactArguments(list: readonly unknown[], fingerprint: Fingerprint): readonly unknown[] {
  let before = '';
  return mapItems(list, (item) => {
    if (typeof item !== 'string') return item;
    const option = /^--?[A-Za-z][\w.-]*$/.test(before) ? before : '';
    before = item;
    const assigned = /^(-{0,2}[A-Za-z_][\w.-]*)=([\s\S]*)$/.exec(item);
    if (assigned !== null) {
      const [, name = '', value = ''] = assigned;
      const redacted = redactNamed(name, value, 1, fingerprint);
      return redacted === undefined ? redactText(item, fingerprint) : `${name}=${redacted}`;
    }
    if (option !== '' && !item.startsWith('-')) {
      return redactNamed(option, item, 1, fingerprint) ?? redactText(item, fingerprint);
    }
    return redactText(item, fingerprint);
  });
}

/** Does to a number what is done to its text; other values stay. */
function onText(redact: (name: string, value: string) => string): (name: string, value: unknown) => unknown {
  return (name, value) => {
    if (typeof value !== 'string' && typeof value !== 'number') return value;
    const written = String(value);
    const redacted = redact(name, written);
    return redacted === written ? value : redacted;
  };
}

/** The map with its values replaced; itself where nothing changes. */
function mapValues(map: object, replace: (name: string, value: unknown) => unknown): object {
  let copy: Record<string, unknown> | undefined;
  for (const name in map) {
    const before = (map as Tree)[name];
    const after = replace(name, before);
    if (after === before) continue;
    copy ??= { ...map };
    set(copy, name, after);
  }
  return copy ?? map;
}

/** The list with its items replaced; itself where nothing changes. */
function mapItems(list: readonly unknown[], replace: (item: unknown) => unknown): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let at = 0; at < list.length; at++) {
    const after = replace(list[at]);
    if (after === list[at]) continue;
    copy ??= [...list];
    copy[at] = after;
  }
  return copy ?? list;
}

/** Sets an own property, also one called `__proto__`, which JSON may hold. */
function set(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}
