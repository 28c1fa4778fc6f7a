/**
 * Networks that a pod asks for by annotation, in either form of the Network Plumbing Working Group's specification:
 * `[namespace/]name[@interface], …` or a JSON list of `{name, namespace, interface}`.
 */
import type { Found, Outcome } from './kind.ts';
import { namespaced } from './refs.ts';

export const NetworkAttachmentDefinition = namespaced('k8s.cni.cncf.io', 'NetworkAttachmentDefinition');

interface Attachment {
  readonly name: string;
  readonly namespace?: string;
  readonly interface?: string;
}

/** Attachments that an annotation names, in `namespace` unless they name one. JSON that does not parse is the annotation's fault and throws. */
export function attachments({ value }: Found, namespace: string): readonly Outcome[] | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const wanted = /[[{"]/.test(value) ? fromJson(JSON.parse(value)) : value.split(',').flatMap(fromText);
  return wanted.map((each) => ({
    target: {
      by: 'name',
      group: NetworkAttachmentDefinition.group,
      kind: NetworkAttachmentDefinition.kind,
      namespace: each.namespace || namespace,
      name: each.name,
    },
    value: each.name,
    ...(each.interface && { attributes: { interface: each.interface } }),
  }));
}

function fromJson(list: unknown): readonly Attachment[] {
  return Array.isArray(list) ? list.filter((entry) => typeof entry?.name === 'string') : [];
}

function fromText(item: string): readonly Attachment[] {
  const [, namespace, name, port] = /^(?:([^/@]+)\/)?([^/@]+)(?:@([^/@]+))?$/.exec(item.trim()) ?? [];
  if (name === undefined) return [];
  return [{ name, ...(namespace && { namespace }), ...(port && { interface: port }) }];
}
