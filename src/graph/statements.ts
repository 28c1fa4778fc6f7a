/**
 * Statements: each is one reference of one node, resolved or waiting. A row of numbers; what is
 * not a number (field paths, values, attributes, selectors) many have in common and stands beside, once. A statement either waits at an address, or selects by labels.
 */
import { edgeInfo } from '../model/edges.ts';
import type { Reference, Rule, Target } from '../model/reference.ts';
import { Columns, Dictionary, SharedValues, type Slots } from './columns.ts';
import type { Address, Node } from './node.ts';
import type { FrameReader, FrameWriter } from './pieces.ts';

const NODE = 0;
/** The rule's number, and whether the target may be missing in the lowest bit. */
const RULE = 1;
const FIELD = 2;
const ADDRESS = 3;
const LINK = 4;
const PREVIOUS = 5;
const NEXT = 6;
const SIBLING = 7;
const VALUE = 8;
const ATTRIBUTES = 9;
const TARGET = 10;
const WIDTH = 11;

type Attributes = NonNullable<Reference['attributes']>;
type PlainTarget = Extract<Target, { by: 'name' | 'pseudo' }>;

/** Whether the address where a statement waits says everything about its target. */
export function isPlain(target: Target): target is PlainTarget {
  if (target.by === 'pseudo') return !target.existing;
  return target.by === 'name' && !target.uid && !target.owned && !target.labels && !target.guard;
}

export class Statements {
  readonly #rows = new Columns(WIDTH);
  readonly #rules = new Dictionary<Rule>();
  /** By number of the rule. */
  readonly #computed: boolean[] = [];
  readonly #fields = new SharedValues<string>();
  readonly #values = new SharedValues<string>();
  readonly #attributes = new SharedValues<Attributes>();
  readonly #targets = new SharedValues<Target>();
  /** Whether any computed statement was ever made whose edges run to its declarer. */
  computesReversed = false;
  readonly #nodes: Slots<Node>;
  readonly #addresses: Slots<Address>;

  constructor(nodes: Slots<Node>, addresses: Slots<Address>) {
    this.#nodes = nodes;
    this.#addresses = addresses;
  }

  add(node: Node, { rule, field, target, value, attributes, optional }: Reference): number {
    const row = this.#rows.take();
    const number = this.#rules.number(rule);
    if (this.#computed[number] === undefined) this.#meet(number, rule);
    this.#rows.set(row, NODE, node.number);
    this.#rows.set(row, RULE, (number << 1) | (optional ? 1 : 0));
    this.#rows.set(row, FIELD, this.#fields.take(field));
    this.#rows.set(row, VALUE, this.#values.take(value));
    this.#rows.set(row, ATTRIBUTES, this.#attributes.take(attributes));
    this.#rows.set(row, TARGET, this.#targets.take(isPlain(target) ? undefined : target));
    return row;
  }

  #meet(number: number, { edge, reverse }: Rule): void {
    const computed = edgeInfo(edge).computed === true;
    this.#computed[number] = computed;
    this.computesReversed ||= computed && reverse === true;
  }

  remove(row: number): void {
    this.#fields.release(this.#rows.get(row, FIELD));
    this.#values.release(this.#rows.get(row, VALUE));
    this.#attributes.release(this.#rows.get(row, ATTRIBUTES));
    this.#targets.release(this.#rows.get(row, TARGET));
    this.#rows.release(row);
  }

  /** Takes over what may differ while rule, field and target stay. */
  refresh(row: number, { value, attributes, optional }: Reference): void {
    this.#rows.set(row, RULE, (this.#rows.get(row, RULE) & ~1) | (optional ? 1 : 0));
    this.#values.release(this.#rows.get(row, VALUE));
    this.#rows.set(row, VALUE, this.#values.take(value));
    this.#attributes.release(this.#rows.get(row, ATTRIBUTES));
    this.#rows.set(row, ATTRIBUTES, this.#attributes.take(attributes));
  }

  node(row: number): Node {
    return this.#nodes.get(this.#rows.get(row, NODE));
  }

  rule(row: number): Rule {
    return this.#rules.value(this.#rows.get(row, RULE) >> 1);
  }

  /** Whether its edges are answered when read, never stored (`computed` in model/edges.ts). */
  computed(row: number): boolean {
    return this.#computed[this.#rows.get(row, RULE) >> 1] === true;
  }

  optional(row: number): boolean {
    return (this.#rows.get(row, RULE) & 1) === 1;
  }

  field(row: number): string {
    return this.#fields.get(this.#rows.get(row, FIELD)) ?? '';
  }

  value(row: number): string | undefined {
    return this.#values.get(this.#rows.get(row, VALUE));
  }

  attributes(row: number): Attributes | undefined {
    return this.#attributes.get(this.#rows.get(row, ATTRIBUTES));
  }

  /** The selector, or a named target with conditions; undefined for a plain name. */
  target(row: number): Target | undefined {
    return this.#targets.get(this.#rows.get(row, TARGET));
  }

  /** All statements whose `target` says something. */
  *targeted(): Iterable<number> {
    for (let row = 1; row < this.#rows.end; row++) if (this.#rows.get(row, TARGET) !== 0) yield row;
  }

  /** The reference that it was made of. */
  reference(row: number): Reference {
    const value = this.value(row);
    const attributes = this.attributes(row);
    return {
      rule: this.rule(row),
      target: this.target(row) ?? this.#plainTarget(row),
      field: this.field(row),
      ...(value !== undefined && { value }),
      ...(this.optional(row) && { optional: true }),
      ...(attributes && { attributes }),
    };
  }

  #plainTarget(row: number): PlainTarget {
    const { population, namespace, name } = this.#addresses.get(this.#rows.get(row, ADDRESS));
    const { group, kind, pseudo } = population;
    return pseudo ? { by: 'pseudo', kind, namespace, name } : { by: 'name', group, kind, namespace, name };
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

  write(frame: FrameWriter): void {
    this.#rows.write(frame);
    this.#rules.write(frame);
    for (const values of [this.#fields, this.#values, this.#attributes, this.#targets]) values.write(frame);
  }

  read(frame: FrameReader, known: (rule: Rule) => Rule): void {
    this.#rows.read(frame);
    this.#rules.read(frame, known);
    for (let number = 0; number < this.#rules.size; number++) this.#meet(number, this.#rules.value(number));
    for (const values of [this.#fields, this.#values, this.#attributes, this.#targets]) values.read(frame);
  }
}
