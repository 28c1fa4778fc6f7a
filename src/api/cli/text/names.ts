/** How text names resources and says how they are: never by id where a name is known. */
import { edgeInfo } from '../../../model/edges.ts';
import { resourceTitle } from '../../../model/resource.ts';
import type { Cell, Style } from './layout.ts';

export interface Named {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** `Deployment shop/web`, for reading. */
export function named(resource: Named): string {
  return resourceTitle(resource).replace('/', ' ');
}

/** `Deployment/shop/web`: what every command takes. */
export const title: (resource: Named) => string = resourceTitle;

/** Titles by id; what is not among the resources stays an id. */
export function titles(resources: Iterable<Named & { readonly id: string }>): (id: string) => string {
  const known = new Map<string, string>();
  for (const resource of resources) known.set(resource.id, title(resource));
  return (id) => known.get(id) ?? id;
}

const styles: Readonly<Record<string, Style>> = {
  healthy: 'green',
  warning: 'yellow',
  critical: 'red',
  unknown: 'dim',
  missing: 'red',
  refused: 'red',
  stale: 'red',
  error: 'red',
  info: 'dim',
  breaks: 'red',
  degrades: 'yellow',
};

/** A word that says how something is, in its colour. */
export function state(word: string, text = word): Cell {
  const style = styles[word];
  return style === undefined ? text : { text, style };
}

/** The state of a resource where it says something: nothing for those that report none. */
export function healthCell(status: string): Cell {
  return status === 'unknown' ? '' : state(status);
}

/** Whether several clusters are among the resources, so that each must name its own. */
export function severalClusters(resources: readonly { readonly cluster: string }[]): boolean {
  return resources.some(({ cluster }) => cluster !== resources[0]?.cluster);
}

/** `60 %`, for what is not certain. */
export function confidence(value: number): string {
  return value < 1 ? `${Math.round(value * 100)} %` : '';
}

/** What an edge of a type says, to stand before the name of its target. */
export function relationText(type: string): string {
  return edgeInfo(type).sentence.replace(/ secret$/, '');
}

/** A column's key as a heading: `upToDate` → `UP-TO-DATE`. */
export function columnName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter}`).toUpperCase();
}
