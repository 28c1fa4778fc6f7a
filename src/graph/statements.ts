/**
 * Statements: each is one reference of one node, resolved or waiting. A row of numbers; what few have (a value, attributes, conditions on
 * the target) stands beside. A statement either waits at an address, or selects by labels.
 */
import { edgeInfo } from '../model/edges.ts';
import type { Rule, Target } from '../model/reference.ts';
import type { Scalar } from '../model/resource.ts';
import { Columns, Dictionary, SharedValues, Slots } from './columns.ts';
import type { Address, Node } from './node.ts';

/** What a statement says beyond who, what and where. */
export interface Extras {
  readonly value: string | undefined;
  readonly attributes: Readonly<Record<string, Scalar>> | undefined;
  /** The selector, or a named target with conditions; undefined for a plain name. */
  readonly target: Target | undefined;
}

const NODE = 0;
const RULE = 1;
const FIELD = 2;
const ADDRESS = 3;
const LINK = 4;
const PREVIOUS = 5;
const NEXT = 6;
const SIBLING = 7;
const EXTRAS = 8;
const OPTIONAL = 9;
const WIDTH = 10;

const NOTHING: Extras = { value: undefined, attributes: undefined, target: undefined };

export class Statements {
  readonly #rows = new Columns(WIDTH);
  readonly #rules = new Dictionary<Rule>();
  /** By number of the rule. */
  readonly #computed: boolean[] = [];
  readonly #fields = new SharedValues<string>();
  readonly #extras = new Slots<Extras>();
  /** Whether any computed statement was ever made whose edges run to its declarer. */
  computesReversed = false;
  readonly #nodes: Slots<Node>;
  readonly #addresses: Slots<Address>;

  constructor(nodes: Slots<Node>, addresses: Slots<Address>) {
    this.#nodes = nodes;
    this.#addresses = addresses;
  }

  add(node: Node, rule: Rule, field: string, optional: boolean, extras: Extras): number {
    const row = this.#rows.take();
    this.#rows.set(row, NODE, node.number);
    const number = this.#rules.number(rule);
    if (this.#computed[number] === undefined) {
      const computed = edgeInfo(rule.edge).computed === true;
      this.#computed[number] = computed;
      this.computesReversed ||= computed && rule.reverse === true;
    }
    this.#rows.set(row, RULE, number);
    this.#rows.set(row, FIELD, this.#fields.take(field));
    this.refresh(row, optional, extras);
    return row;
  }

  remove(row: number): void {
    const extras = this.#rows.get(row, EXTRAS);
    if (extras !== 0) this.#extras.remove(extras);
    this.#fields.release(this.#rows.get(row, FIELD));
    this.#rows.release(row);
  }

  /** Takes over what may differ while the target stays. */
  refresh(row: number, optional: boolean, extras: Extras): void {
    this.#rows.set(row, OPTIONAL, optional ? 1 : 0);
    const old = this.#rows.get(row, EXTRAS);
    if (old !== 0) this.#extras.remove(old);
    const empty = extras.value === undefined && extras.attributes === undefined && extras.target === undefined;
    this.#rows.set(row, EXTRAS, empty ? 0 : this.#extras.add(extras));
  }

  node(row: number): Node {
    return this.#nodes.get(this.#rows.get(row, NODE));
  }

  rule(row: number): Rule {
    return this.#rules.value(this.#rows.get(row, RULE));
  }

  /** Whether its edges are answered when read, never stored (`computed` in model/edges.ts). */
  computed(row: number): boolean {
    return this.#computed[this.#rows.get(row, RULE)] === true;
  }

  field(row: number): string {
    return this.#fields.get(this.#rows.get(row, FIELD));
  }

  optional(row: number): boolean {
    return this.#rows.get(row, OPTIONAL) === 1;
  }

  extras(row: number): Extras {
    const number = this.#rows.get(row, EXTRAS);
    return number === 0 ? NOTHING : this.#extras.get(number);
  }

  /** Whether it selects by labels instead of waiting at an address. */
  selects(row: number): boolean {
    return this.#rows.get(row, ADDRESS) === 0;
  }

  address(row: number): Address | undefined {
    const number = this.#rows.get(row, ADDRESS);
    return number === 0 ? undefined : this.#addresses.get(number);
  }

  /** The link it supports, when it waits at an address; 0 for none. */
  link(row: number): number {
    return this.#rows.get(row, LINK);
  }

  setLink(row: number, link: number): void {
    this.#rows.set(row, LINK, link);
  }

  /** Next statement of the same node; 0 at the end. */
  sibling(row: number): number {
    return this.#rows.get(row, SIBLING);
  }

  setSibling(row: number, next: number): void {
    this.#rows.set(row, SIBLING, next);
  }

  *of(node: Node): Iterable<number> {
    for (let row = node.firstStatement; row !== 0; row = this.sibling(row)) yield row;
  }

  /** Next statement that waits at the same address; 0 at the end. */
  nextWaiting(row: number): number {
    return this.#rows.get(row, NEXT);
  }

  startWaiting(row: number, address: Address): void {
    const first = address.firstWaiting;
    this.#rows.set(row, ADDRESS, address.number);
    this.#rows.set(row, NEXT, first);
    if (first !== 0) this.#rows.set(first, PREVIOUS, row);
    address.firstWaiting = row;
  }

  stopWaiting(row: number, address: Address): void {
    const previous = this.#rows.get(row, PREVIOUS);
    const next = this.#rows.get(row, NEXT);
    if (previous !== 0) this.#rows.set(previous, NEXT, next);
    else address.firstWaiting = next;
    if (next !== 0) this.#rows.set(next, PREVIOUS, previous);
  }
}
