/**
 * What other programs tell of an estate that is no object of Kubernetes: an edge that somebody else derived, and what Prometheus watches and by which
 * rules. Made by `sources/intake/`.
 */
import type { Health } from '../model/resource.ts';
import { type Kind, kind } from './kind.ts';
import { Pod, Service } from './refs.ts';
import { names, refersTo, textAt, valueAt } from './relations.ts';

const group = 'kube-kg.dev';
const text = (object: unknown, path: string): string | undefined => {
  const value = valueAt(object, path);
  return typeof value === 'string' && value !== '' ? value : undefined;
};
const end = (object: unknown, path: string): string | undefined =>
  ['kind', 'namespace', 'name']
    .map((field) => text(object, `${path}.${field}`))
    .filter(Boolean)
    .join('/') || undefined;

/** Labels name Services and pods that need not be there any more, or never were: a job may be called as it likes. */
const labelled = {
  namespace: ({ up }: { readonly up: (levels: number) => unknown }) => textAt(up(1), 'namespace'),
  confidence: 'naming',
  optional: true,
  when: ({ up }: { readonly up: (levels: number) => unknown }) => textAt(up(1), 'namespace') !== undefined,
} as const;

function targetHealth(target: unknown): Health {
  const health = text(target, 'status.health');
  const message = text(target, 'status.lastError');
  if (health === 'up') return { status: 'healthy' };
  if (health !== 'down') return { status: 'unknown' };
  return { status: 'warning', reason: 'ScrapeFailed', ...(message && { message }) };
}

export const intakeKinds: readonly Kind[] = [
  kind({
    group,
    name: 'TopologyLink',
    plural: 'topologylinks',
    namespaced: false,
    summary: (link) => ({ type: text(link, 'spec.type'), from: end(link, 'spec.from'), to: end(link, 'spec.to') }),
    relations: (['from', 'to'] as const).map((which) =>
      refersTo('RELATES_TO', `spec.${which}`, 'any', {
        namespace: 'namespace',
        uid: 'uid',
        optional: true,
        attributes: () => ({ end: which }),
        note: 'an edge that another program tells of',
      }),
    ),
  }),
  kind({
    group,
    name: 'PromTarget',
    plural: 'promtargets',
    namespaced: false,
    summary: (target) => ({
      job: text(target, 'spec.job'),
      instance: text(target, 'spec.instance'),
      health: text(target, 'status.health'),
      lastScrape: text(target, 'status.lastScrape'),
    }),
    health: targetHealth,
    relations: [
      names('SCRAPES', 'spec.service', Service, { ...labelled, note: 'label service, else job' }),
      names('SCRAPES', 'spec.pod', Pod, labelled),
    ],
  }),
  kind({
    group,
    name: 'PromRule',
    plural: 'promrules',
    namespaced: false,
    summary: (rule) => ({
      group: text(rule, 'spec.group'),
      type: text(rule, 'spec.type'),
      state: text(rule, 'status.state'),
      expr: text(rule, 'spec.expr'),
    }),
    relations: [names('REPORTS_ON', 'spec.service', Service, { ...labelled, note: 'label service, else job' })],
  }),
];
