/** Nodes, and the addresses at which statements wait for them. Mutable, private to this folder; readers get frozen values made from them. */
import type { Grant, Listener } from '../model/reference.ts';
import type { Resource } from '../model/resource.ts';
import type { Labels } from '../model/selector.ts';
import type { Population } from './population.ts';

/** What others may ask of a node before they use it; few nodes have any. */
export interface Standing {
  readonly owners: readonly string[] | undefined;
  readonly grants: readonly Grant[] | undefined;
  readonly listeners: readonly Listener[] | undefined;
}

export class Node {
  /** Its number in the store. */
  readonly number: number;
  resource: Resource;
  /** What selectors see: labels and the kind's selectable facts. */
  facts: Labels;
  standing: Standing | undefined = undefined;
  /** Heads of the lists of its statements and links; 0 when empty. */
  firstStatement = 0;
  firstOut = 0;
  firstIn = 0;
  outCount = 0;
  inCount = 0;

  constructor(number: number, resource: Resource, facts: Labels) {
    this.number = number;
    this.resource = resource;
    this.facts = facts;
  }
}

/** A name, or an id, that a resource bears or that statements wait for. */
export class Address {
  readonly number: number;
  readonly population: Population;
  readonly namespace: string;
  readonly name: string;
  /** Set for addresses by id. */
  readonly id: string | undefined;
  node: Node | undefined = undefined;
  /** Head of the list of waiting statements; 0 when nobody waits. */
  firstWaiting = 0;

  constructor(number: number, population: Population, namespace: string, name: string, id: string | undefined) {
    this.number = number;
    this.population = population;
    this.namespace = namespace;
    this.name = name;
    this.id = id;
  }
}
