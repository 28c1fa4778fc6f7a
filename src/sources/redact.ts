/**
 * Redaction, at the edge where objects come in: nothing behind this file ever sees a secret. What is taken out is replaced by a keyed
 * fingerprint (`redacted:` + 16 hex digits of HMAC-SHA-256), so that one sees that a value changed, or that two are equal, and not what it is.
 *
 * Taken out: `data` and `stringData` of Secrets, wherever one stands (Helm releases are Secrets; their ConfigMap form too) · copies of the
 * whole object in annotations (`last-applied-configuration` and its relatives) · credentials by name or by shape in `name`/`value` pairs
 * (env of every pod template, and parameters alike), in `args` and `command`, in annotations, in ConfigMap data · in custom resources also
 * fields called password and the like. `managedFields` become compact (managed-fields.ts).
 * Kept: every key and name, everything else. Nothing is mutated: what changes is copied, the rest is shared.
 * Redacting what is redacted gives the same bytes, under any key; so it also runs over recordings.
 */
import { createHmac } from 'node:crypto';
import type { KubeObject } from '../model/change.ts';
import { groupOf } from '../model/change.ts';
import {
  credentialGrade,
  type Fingerprint,
  isFingerprint,
  looksRandom,
  redactNamed,
  redactShapes,
  redactText,
} from './credentials-in-text.ts';
import { compactManagedFields } from './managed-fields.ts';

export type Redact = (object: KubeObject) => KubeObject;

type Tree = Readonly<Record<string, unknown>>;

/** Annotations that hold a copy of the object, and with it its secrets. */
const COPIES = /last-applied|^objectset\.rio\.cattle\.io\/applied$|^kapp\.k14s\.io\/original$|applied-configuration/;
/** Parts of built-in objects whose schema has no place for a secret: most of an object, and most of the time, is there. */
const HARMLESS = new Set(
  `status labels matchLabels ownerReferences involvedObject resources securityContext volumeMounts volumeDevices ports nodeSelector tolerations
  affinity topologySpreadConstraints conditions images addresses endpoints subsets allocatable capacity podCIDRs`.split(
    /\s+/,
  ),
);
/** The API groups of Kubernetes itself with a dot in their name; those without are all its own. */
const BUILT_IN = new Set(
  `admissionregistration.k8s.io apiextensions.k8s.io apiregistration.k8s.io authentication.k8s.io authorization.k8s.io certificates.k8s.io
  coordination.k8s.io discovery.k8s.io events.k8s.io flowcontrol.apiserver.k8s.io internal.apiserver.k8s.io metrics.k8s.io networking.k8s.io
  node.k8s.io rbac.authorization.k8s.io resource.k8s.io scheduling.k8s.io storage.k8s.io storagemigration.k8s.io`.split(
    /\s+/,
  ),
);
/** Free maps of built-in objects (volumes, storage classes) that drivers put anything into. */
const FREE_MAPS = new Set(['parameters', 'volumeAttributes', 'options', 'attributes']);
/** Keys of ConfigMaps that name a file: what is in it is judged, not what it is called. */
const FILE =
  /\.(ya?ml|json|properties|conf|cfg|cnf|config|ini|toml|xml|sh|txt|md|lua|js|py|sql|tpl|tmpl|env|html|css|crt|pem)$/i;
/** Deeper than any schema; deeper parts are replaced as a whole, so that no input can exhaust the stack. */
const MAX_DEPTH = 200;
const TOO_DEEP = 'redacted: nested too deeply';

/** A redaction under one key. The same key gives the same fingerprints in every process; keep it secret, for short values can be guessed with it. */
export function redactor(key: Buffer | string): Redact {
  const fingerprint: Fingerprint = (secret) =>
    isFingerprint(secret) ? secret : `redacted:${createHmac('sha256', key).update(secret).digest('hex').slice(0, 16)}`;
  const walk = walker(fingerprint);
  return (object) => {
    const custom = isCustom(groupOf(String(object.apiVersion)));
    return walk(object as unknown as Tree, custom, 0) as unknown as KubeObject;
  };
}

/** Whether objects of an API group are custom resources. */
function isCustom(group: string): boolean {
  return group.includes('.') && !BUILT_IN.has(group);
}

type Walk = (node: Tree, custom: boolean, depth: number) => Tree;

/** The one walk over an object; `custom` adds the rules for fields whose meaning no schema of ours tells. */
function walker(fingerprint: Fingerprint): Walk {
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

  const walk: Walk = (node, custom, depth) => {
    const isSecret = node['kind'] === 'Secret' && node['apiVersion'] === 'v1';
    const isConfig = node['kind'] === 'ConfigMap' && node['apiVersion'] === 'v1';
    let copy: Record<string, unknown> | undefined;
    for (const key in node) {
      const before = node[key];
      let after: unknown = before;
      if (typeof before === 'object' && before !== null) {
        if (isSecret && (key === 'data' || key === 'stringData')) after = mapValues(before, secret);
        else if (isConfig && key === 'data') after = mapValues(before, isHelmRelease(node) ? secret : onText(setting));
        else if (custom || !HARMLESS.has(key)) after = inner(key, before, custom, depth + 1);
      } else if (typeof before === 'string') {
        if (isSecret && (key === 'data' || key === 'stringData')) after = fingerprint(before);
        else if (key === 'value' && typeof node['name'] === 'string') after = named(node['name'], before);
        else if (custom) after = field(node, key, before);
      }
      if (after === before) continue;
      copy ??= { ...node };
      set(copy, key, after);
    }
    return copy ?? node;
  };

  const inner = (key: string, value: object, custom: boolean, depth: number): unknown => {
    if (depth > MAX_DEPTH) return TOO_DEEP;
    if (Array.isArray(value)) {
      if (key === 'managedFields') return compactManagedFields(value, text);
      if (key === 'args' || key === 'command') return redactArguments(value, fingerprint);
      return mapItems(value, (item) => {
        if (typeof item === 'object' && item !== null) return inner('', item, custom, depth + 1);
        if (typeof item !== 'string') return item;
        if (key === 'env') return redactArguments([item], fingerprint)[0];
        return custom ? shapes(item) : item;
      });
    }
    if (key === 'annotations') return mapValues(value, onText(annotation));
    if (key === 'env') return mapValues(walk(value as Tree, custom, depth), onText(named));
    if (FREE_MAPS.has(key)) return mapValues(walk(value as Tree, custom, depth), onText(parameter));
    return walk(value as Tree, custom, depth);
  };

  const field = (node: Tree, key: string, value: string): string => {
    if (credentialGrade(key) === 3 && typeof node['secretName'] !== 'string' && typeof node['name'] !== 'string') {
      return redactNamed(key, value, 3, fingerprint) ?? value;
    }
    return value.includes('\n') ? text(value) : shapes(value);
  };
  return walk;
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

function onText(redact: (name: string, value: string) => string): (name: string, value: unknown) => unknown {
  return (name, value) => (typeof value === 'string' ? redact(name, value) : value);
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
