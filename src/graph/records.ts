/**
 * The graph's own records: nodes, links, statements, addresses. Mutable, private to this folder; readers get frozen values made from them.
 *
 *   Node ── declares ──▶ Statement ── waits at ──▶ Address ── holds ──▶ Node        (by name or by id)
 *                            └──── supports ──▶ Link (from Node, to Node)
 *
 * Links hang in doubly linked lists at both ends, so that a hub with a hundred thousand of them loses one in constant time.
 */
import type { EdgeType } from '../model/edges.ts';
import type { Grant, Listener, Rule, Target } from '../model/reference.ts';
import type { Resource, Scalar } from '../model/resource.ts';
import type { Labels } from '../model/selector.ts';
import type { Time } from '../model/time.ts';
import type { Population } from './population.ts';

export class Node {
  resource: Resource;
  statements: Statement[] = [];
  /** What selectors see: labels and the kind's selectable facts. */
  facts: Labels;
  owners: readonly string[] | undefined;
  grants: readonly Grant[] | undefined;
  listeners: readonly Listener[] | undefined;
  firstOut: Link | undefined;
  firstIn: Link | undefined;
  outCount = 0;
  inCount = 0;

  constructor(resource: Resource, facts: Labels) {
    this.resource = resource;
    this.facts = facts;
  }
}

/** An edge while it exists. */
export class Link {
  readonly type: EdgeType;
  readonly from: Node;
  readonly to: Node;
  /** Statements that say so; at least one while the link exists. */
  support: Statement;
  more: Statement[] | undefined;
  since: Time;
  /** Number of the commit that made it. */
  born: number;
  dead = false;
  previousOut: Link | undefined;
  nextOut: Link | undefined;
  previousIn: Link | undefined;
  nextIn: Link | undefined;

  constructor(type: EdgeType, from: Node, to: Node, support: Statement, since: Time, born: number) {
    this.type = type;
    this.from = from;
    this.to = to;
    this.support = support;
    this.more = undefined;
    this.since = since;
    this.born = born;
    this.previousOut = undefined;
    this.nextOut = undefined;
    this.previousIn = undefined;
    this.nextIn = undefined;
  }
}

/** A target by name, with conditions on whoever bears the name. */
export type NamedTarget = Extract<Target, { by: 'name' }>;
export type SelectorTarget = Extract<Target, { by: 'labels' }>;

/** One reference of one node, resolved or waiting. */
export class Statement {
  readonly node: Node;
  readonly rule: Rule;
  readonly field: string;
  value: string | undefined;
  optional: boolean;
  attributes: Readonly<Record<string, Scalar>> | undefined;
  /** Where it waits for its target; undefined for selectors. */
  address: Address | undefined;
  /** The target's conditions, or the selector; undefined for a plain name. */
  target: Target | undefined;
  /** The link it supports, when its target is an address. */
  link: Link | undefined = undefined;
  previous: Statement | undefined = undefined;
  next: Statement | undefined = undefined;

  constructor(node: Node, rule: Rule, field: string, address: Address | undefined, target: Target | undefined) {
    this.node = node;
    this.rule = rule;
    this.field = field;
    this.address = address;
    this.target = target;
    this.value = undefined;
    this.optional = false;
    this.attributes = undefined;
  }
}

/** A name, or an id, that a resource bears or that statements wait for. */
export class Address {
  readonly population: Population;
  readonly namespace: string;
  readonly name: string;
  /** Set for addresses by id. */
  readonly id: string | undefined;
  node: Node | undefined = undefined;
  firstWaiting: Statement | undefined = undefined;

  constructor(population: Population, namespace: string, name: string, id?: string) {
    this.population = population;
    this.namespace = namespace;
    this.name = name;
    this.id = id;
  }
}

export function startWaiting(address: Address, statement: Statement): void {
  const first = address.firstWaiting;
  statement.next = first;
  if (first) first.previous = statement;
  address.firstWaiting = statement;
}

export function stopWaiting(address: Address, statement: Statement): void {
  const { previous, next } = statement;
  if (previous) previous.next = next;
  else address.firstWaiting = next;
  if (next) next.previous = previous;
  statement.previous = undefined;
  statement.next = undefined;
}

/** Hangs a link into the lists of both ends. */
export function hang(link: Link): void {
  const { from, to } = link;
  link.nextOut = from.firstOut;
  if (from.firstOut) from.firstOut.previousOut = link;
  from.firstOut = link;
  from.outCount++;
  link.nextIn = to.firstIn;
  if (to.firstIn) to.firstIn.previousIn = link;
  to.firstIn = link;
  to.inCount++;
}

/** Takes a link out of the lists of both ends. */
export function unhang(link: Link): void {
  const { from, to, previousOut, nextOut, previousIn, nextIn } = link;
  if (previousOut) previousOut.nextOut = nextOut;
  else from.firstOut = nextOut;
  if (nextOut) nextOut.previousOut = previousOut;
  from.outCount--;
  if (previousIn) previousIn.nextIn = nextIn;
  else to.firstIn = nextIn;
  if (nextIn) nextIn.previousIn = previousIn;
  to.inCount--;
  link.previousOut = undefined;
  link.nextOut = undefined;
  link.previousIn = undefined;
  link.nextIn = undefined;
}

/** The link of a type between two nodes, by walking the shorter of the two lists. */
export function linkBetween(type: EdgeType, from: Node, to: Node): Link | undefined {
  if (from.outCount <= to.inCount) {
    for (let link = from.firstOut; link; link = link.nextOut) if (link.to === to && link.type === type) return link;
  } else {
    for (let link = to.firstIn; link; link = link.nextIn) if (link.from === from && link.type === type) return link;
  }
  return undefined;
}

/** Every statement that supports a link. */
export function supports(link: Link): readonly Statement[] {
  return link.more === undefined ? [link.support] : [link.support, ...link.more];
}
