/**
 * Addresses by uid. Invariant, after every `look`: one leads to the node of that uid, else to the bearer of the expected name when nobody knows
 * that one's uid, else nowhere.
 */
import type { ResourceId } from '../model/resource.ts';
import type { Slots } from './columns.ts';
import { type Address, type Node, UidAddress } from './node.ts';
import type { FrameReader, FrameWriter } from './pieces.ts';

const NONE: readonly UidAddress[] = [];

export class UidAddresses {
  readonly #nodes: ReadonlyMap<ResourceId, Node>;
  readonly #slots: Slots<Address>;
  /** Heads of the lists of one id; nearly all have one entry, for who names an id nearly always knows its name. */
  readonly #byId = new Map<ResourceId, UidAddress>();

  constructor(nodes: ReadonlyMap<ResourceId, Node>, slots: Slots<Address>) {
    this.#nodes = nodes;
    this.#slots = slots;
  }

  /** The address of an id whose bearer should have a name, made when absent. */
  address(id: ResourceId, named: Address): UidAddress {
    for (let at = this.#byId.get(id); at; at = at.sameId) if (at.named === named) return at;
    return this.#hang(this.#slots.make((number) => new UidAddress(number, id, named)));
  }

  #hang(made: UidAddress): UidAddress {
    const { id, named } = made;
    made.sameId = this.#byId.get(id);
    this.#byId.set(id, made);
    made.sameName = named.firstExpected;
    named.firstExpected = made;
    this.look(made);
    return made;
  }

  /** Drops an address that nobody waits for, and that of its name when nobody bears or waits for it either. */
  release(address: UidAddress): void {
    const { id, named, sameId, sameName } = address;
    const first = this.#byId.get(id);
    if (first === address) {
      if (sameId) this.#byId.set(id, sameId);
      else this.#byId.delete(id);
    }
    for (let at = first; at; at = at.sameId) if (at.sameId === address) at.sameId = sameId;
    if (named.firstExpected === address) named.firstExpected = sameName;
    for (let at = named.firstExpected; at; at = at.sameName) if (at.sameName === address) at.sameName = sameName;
    this.#slots.remove(address.number);
    named.population.release(named);
  }

  /** Addresses by uid at which a node at a name may be found: those of its uid, or all that expect the name when its uid is not known. */
  of({ resource }: Node, named: Address): readonly UidAddress[] {
    const isKnown = resource.uid !== '';
    const first = isKnown ? this.#byId.get(resource.id) : named.firstExpected;
    if (first === undefined) return NONE;
    const found: UidAddress[] = [];
    for (let at: UidAddress | undefined = first; at; at = isKnown ? at.sameId : at.sameName) found.push(at);
    return found;
  }

  /** Looks again who is at an address. */
  look(address: UidAddress): void {
    const { node } = address.named;
    address.node = this.#nodes.get(address.id) ?? (node?.resource.uid === '' ? node : undefined);
  }

  write(frame: FrameWriter): void {
    frame.rows(4, (put) => {
      for (const first of this.#byId.values()) {
        const chain: UidAddress[] = [];
        for (let at: UidAddress | undefined = first; at; at = at.sameId) chain.unshift(at);
        for (const { number, id, named, firstWaiting } of chain) {
          put(number);
          put(frame.value(id));
          put(named.number);
          put(firstWaiting);
        }
      }
    });
  }

  /** Call when all nodes and addresses by name are there. */
  read(frame: FrameReader): void {
    for (const rows = frame.rows(4); !rows.ended; ) {
      const at = rows.next();
      const id = frame.value<ResourceId>(rows.next());
      const named = this.#slots.get(rows.next());
      const made = this.#hang(this.#slots.make((number) => new UidAddress(number, id, named), at));
      made.firstWaiting = rows.next();
    }
  }
}
