/**
 * Change → Commit. The one writer: nothing changes the graph but `apply`, synchronously, in the order of the changes.
 * Invariants: what a commit leaves equals what the same objects give in any other order (SPEC G1); bad input is rejected with a reason,
 * never thrown (G8); no clock, no randomness.
 */
import type { Change, KubeObject, ObjectRef, Scope } from '../model/change.ts';
import type { Commit, Rejection } from '../model/commit.ts';
import type { Describer, Description } from '../model/describe.ts';
import type { GraphDiff } from '../model/diff.ts';
import { freeze } from '../model/freeze.ts';
import type { Resource } from '../model/resource.ts';
import { compareTime, type Time } from '../model/time.ts';
import type { View } from '../model/view.ts';
import { Changeset } from './changeset.ts';
import { CoverageLedger } from './coverage.ts';
import {
  addTo,
  declare,
  dismiss,
  reconsider,
  reconsiderNamespace,
  removeFrom,
  reselect,
  silence,
  welcome,
} from './linker.ts';
import { Node, type Standing } from './node.ts';
import { type Population, sameLabels } from './population.ts';
import { Store } from './store.ts';
import { LiveView } from './view.ts';
import { Window } from './window.ts';

export interface GraphOptions {
  readonly describer: Describer;
  /** How many Events and other occurrences are kept, the latest. */
  readonly windowMax?: number;
}

const WINDOW_MAX = 50_000;

export class Graph {
  readonly view: View;
  readonly #describer: Describer;
  readonly #store = new Store();
  readonly #coverage = new CoverageLedger();
  readonly #window: Window;
  #number = 0;
  #at: Time | undefined;
  #rejected: Rejection[] = [];

  constructor({ describer, windowMax = WINDOW_MAX }: GraphOptions) {
    this.#describer = describer;
    this.#window = new Window(windowMax);
    this.view = new LiveView(this.#store, this.#coverage, () => ({ revision: this.#number, at: this.#at }));
  }

  /** Takes over a batch of facts and says what it did. An empty batch is a commit that did nothing. */
  apply(changes: readonly Change[]): Commit {
    this.#number++;
    this.#rejected = [];
    this.#store.commit = new Changeset(this.#store, this.#number);
    for (const change of changes) {
      this.#store.commit.at = change.at;
      if (this.#at === undefined || compareTime(this.#at, change.at) < 0) this.#at = change.at;
      this.#take(change);
    }
    for (const id of this.#window.overflow()) this.#removeId(id);
    return this.#commit(this.#store.commit, changes);
  }

  /** The diff is made when first asked for: while nobody follows the graph, nobody pays for it. */
  #commit(changeset: Changeset, changes: readonly Change[]): Commit {
    const { nodes } = this.#store;
    const isCurrent = (): boolean => this.#store.commit === changeset;
    changeset.end();
    let diff: GraphDiff | undefined;
    return {
      number: changeset.number,
      at: this.#at ?? '',
      changes,
      rejected: this.#rejected,
      get diff() {
        if (diff === undefined && !isCurrent())
          throw new Error(`the diff of commit ${changeset.number} is asked for after the next`);
        diff ??= freeze(changeset.diff(nodes));
        return diff;
      },
    };
  }

  #take(change: Change): void {
    switch (change.type) {
      case 'apply':
        this.#put(change.cluster, change.object);
        break;
      case 'delete':
        this.#delete(change.cluster, change.object);
        break;
      case 'reset':
        this.#reset(change.cluster, change.scope, change.objects);
        this.#coverage.observe({
          type: 'observe',
          at: change.at,
          cluster: change.cluster,
          scope: change.scope,
          coverage: 'ready',
        });
        break;
      case 'occur':
        this.#place(this.#describer.occurrence(change.cluster, change.at, change.occurrence));
        break;
      case 'observe':
        this.#coverage.observe(change);
        break;
      default:
        change satisfies never;
    }
  }

  /** Returns the id under which the object is known, or undefined when it was rejected. */
  #put(cluster: string, object: KubeObject): string | undefined {
    const description = this.#describer.object(cluster, object);
    if ('reason' in description) {
      this.#reject(description.reason, subjectOf(object));
      return undefined;
    }
    for (const fault of description.faults ?? []) this.#reject(`partly read: ${fault}`, subjectOf(object));
    this.#place(description);
    return description.resource.id;
  }

  #reject(reason: string, subject: string): void {
    this.#rejected.push({ at: this.#store.commit.at, reason, subject });
  }

  #place(description: Description): void {
    const { id } = description.resource;
    freeze(description.resource);
    const known = this.#store.nodes.get(id);
    if (known && sameAddress(known.resource, description.resource)) this.#change(known, description);
    else {
      if (known) this.#remove(known);
      this.#add(description);
    }
    if (description.seenAt !== undefined) this.#window.see(id, description.seenAt);
  }

  #populationOf({ cluster, group, kind, pseudo }: Resource): Population {
    return this.#store.cluster(cluster).population(group, kind, pseudo);
  }

  #add(description: Description): void {
    const { resource, references, selectable } = description;
    const population = this.#populationOf(resource);
    const predecessor = population.peek(resource.namespace, resource.name)?.node;
    if (predecessor) this.#remove(predecessor);
    const address = population.address(resource.namespace, resource.name);
    const node = this.#store.numbers.make((number) => new Node(number, resource, factsOf(resource, selectable)));
    node.standing = standingOf(description);
    this.#store.commit.resource(resource.id, undefined);
    this.#store.nodes.set(resource.id, node);
    address.node = node;
    population.size++;
    welcome(this.#store, node, address, population);
    declare(this.#store, node, references);
    this.#announce(node, undefined);
  }

  #change(node: Node, description: Description): void {
    const { resource, references, selectable } = description;
    const before = node.resource;
    const standingBefore = node.standing;
    const population = this.#populationOf(resource);
    const facts = factsOf(resource, selectable);
    const factsChanged = !sameLabels(node.facts, facts);
    if (!sameResource(before, resource)) {
      this.#store.commit.resource(resource.id, before);
      node.resource = resource;
    }
    node.standing = standingOf(description);
    const standingChanged = !sameJson(standingBefore, node.standing);
    if (factsChanged) {
      reselect(this.#store, node, population, () => {
        node.facts = facts;
      });
    }
    if (factsChanged || standingChanged)
      reconsider(this.#store, node, population.address(resource.namespace, resource.name));
    declare(this.#store, node, references);
    if (factsChanged || standingChanged) this.#announce(node, standingBefore);
  }

  /** Tells those whose references hang on a namespace's labels or grants. */
  #announce(node: Node, before: Standing | undefined): void {
    const { cluster, group, kind, namespace, name } = node.resource;
    if (group === '' && kind === 'Namespace') reconsiderNamespace(this.#store, cluster, name, true);
    const grants = node.standing?.grants;
    if (sameJson(grants, before?.grants)) return;
    const { granting } = this.#store.cluster(cluster);
    if (grants) addTo(granting, namespace, node);
    else removeFrom(granting, namespace, node);
    reconsiderNamespace(this.#store, cluster, namespace, false);
  }

  #remove(node: Node): void {
    const { resource, standing } = node;
    const { cluster, group, kind, namespace, name } = resource;
    const population = this.#populationOf(resource);
    const address = population.address(namespace, name);
    this.#store.commit.resource(resource.id, resource);
    silence(this.#store, node);
    dismiss(this.#store, node, address, population);
    this.#store.nodes.delete(resource.id);
    this.#store.numbers.remove(node.number);
    population.size--;
    population.release(address);
    this.#window.forget(resource.id);
    if (group === '' && kind === 'Namespace') reconsiderNamespace(this.#store, cluster, name, true);
    if (standing?.grants === undefined) return;
    removeFrom(this.#store.cluster(cluster).granting, namespace, node);
    reconsiderNamespace(this.#store, cluster, namespace, false);
  }

  #removeId(id: string): void {
    const node = this.#store.nodes.get(id);
    if (node) this.#remove(node);
  }

  /** A delete of an earlier object of the same name is of no concern to the present one. */
  #delete(cluster: string, { apiVersion, kind: kindName, metadata }: ObjectRef): void {
    if (typeof metadata?.name !== 'string' || typeof apiVersion !== 'string' || typeof kindName !== 'string') {
      this.#reject('a delete needs apiVersion, kind and metadata.name', String(kindName));
      return;
    }
    const { group, kind } = this.#describer.groupKind(apiVersion, kindName);
    const named = this.#store
      .cluster(cluster)
      .population(group, kind)
      .peek(metadata.namespace ?? '', metadata.name)?.node;
    const node = metadata.uid
      ? (this.#store.nodes.get(`${cluster}/${metadata.uid}`) ?? (named?.resource.uid === '' ? named : undefined))
      : named;
    if (node) this.#remove(node);
  }

  #reset(cluster: string, scope: Scope, objects: readonly KubeObject[]): void {
    const listed = new Set<string | undefined>();
    for (const object of objects) listed.add(this.#put(cluster, object));
    const { group, kind } = this.#describer.groupKind(`${scope.group}/`, scope.kind);
    const present = [...this.#store.cluster(cluster).population(group, kind).nodes(scope.namespace)];
    for (const node of present) if (!listed.has(node.resource.id)) this.#remove(node);
  }
}

function factsOf({ labels }: Resource, selectable: Description['selectable']): Resource['labels'] {
  return selectable === undefined ? labels : { ...labels, ...selectable };
}

function standingOf({ owners, grants, listeners }: Description): Standing | undefined {
  return owners || grants || listeners ? { owners, grants, listeners } : undefined;
}

function sameJson(a: unknown, b: unknown): boolean {
  return a === b || (a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b));
}

/** Whether two states of a resource stand at one address. The API never renames; a recording, or another API over the same objects, may. */
function sameAddress(a: Resource, b: Resource): boolean {
  return a.name === b.name && a.namespace === b.namespace && a.kind === b.kind && a.group === b.group;
}

/** Whether two states of a resource look the same to a reader. */
function sameResource(a: Resource, b: Resource): boolean {
  return (
    a.health.status === b.health.status &&
    a.health.reason === b.health.reason &&
    a.health.message === b.health.message &&
    sameLabels(a.labels, b.labels) &&
    sameSummary(a.summary, b.summary) &&
    a.createdAt === b.createdAt
  );
}

function sameSummary(a: Resource['summary'], b: Resource['summary']): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** What a rejected object seems to be, for the report. */
function subjectOf(object: unknown): string {
  if (typeof object !== 'object' || object === null) return typeof object;
  const { kind, metadata } = object as { kind?: unknown; metadata?: { namespace?: unknown; name?: unknown } | null };
  return (
    [kind, metadata?.namespace, metadata?.name].filter((part) => typeof part === 'string').join('/') || 'unnamed object'
  );
}
