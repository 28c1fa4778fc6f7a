/** Nodes, and the addresses at which statements wait for them. Mutable, private to this folder; readers get frozen values made from them. */
import type { Grant, Listener } from '../model/reference.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
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

/** A name that a resource bears or that statements wait for. */
export class Address {
  readonly number: number;
  readonly population: Population;
  readonly namespace: string;
  readonly name: string;
  node: Node | undefined = undefined;
  /** Head of the list of waiting statements; 0 when nobody waits. */
  firstWaiting = 0;
  /** Head of the list of addresses by uid whose bearer should have this name. */
  firstExpected: UidAddress | undefined = undefined;

  constructor(number: number, population: Population, namespace: string, name: string) {
    this.number = number;
    this.population = population;
    this.namespace = namespace;
    this.name = name;
  }
}

/** An id that statements wait for, together with the name by which they call its bearer. */
export class UidAddress extends Address {
  readonly id: ResourceId;
  readonly named: Address;
  /** Next address of the same id, under another name. */
  sameId: UidAddress | undefined = undefined;
  /** Next address of another id, under the same name. */
  sameName: UidAddress | undefined = undefined;

  constructor(number: number, id: ResourceId, named: Address) {
    super(number, named.population, named.namespace, named.name);
    this.id = id;
    this.named = named;
  }
}
