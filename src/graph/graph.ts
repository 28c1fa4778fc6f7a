/**
 * Change → Commit. The one writer: nothing changes the graph but `apply`, synchronously, in the order of the changes.
 * Invariants: what a commit leaves equals what the same objects give in any other order (SPEC G1); bad input is rejected with a reason,
 * never thrown (G8); no clock, no randomness.
 */
import type { Change, KubeObject, ObjectRef, Scope } from '../model/change.ts';
import type { Commit, Rejection } from '../model/commit.ts';
import type { Describer, Description, Rules } from '../model/describe.ts';
import type { GraphDiff } from '../model/diff.ts';
import type { EdgeType } from '../model/edges.ts';
import { freeze } from '../model/freeze.ts';
import type { GroupKind } from '../model/groups.ts';
import type { Resource, ResourceId } from '../model/resource.ts';
import { compareTime, type Time } from '../model/time.ts';
import type { View } from '../model/view.ts';
import { Changeset } from './changeset.ts';
import { CoverageLedger } from './coverage.ts';
import { declare, enlist, silence } from './declare.ts';
import { addTo, removeFrom } from './keyed-sets.ts';
import { dismiss, reconsider, reconsiderNamespace, reselect, welcome } from './linker.ts';
import { Node, type Standing } from './node.ts';
import type { FrameReader, FrameWriter } from './pieces.ts';
import type { Population } from './population.ts';
import { isOnlyNamed } from './pseudo.ts';
import { isSaid, SAID_MAX, saidReference, saidRule, spokenBy } from './said.ts';
import { sameAddress, sameJson, sameLabels, sameResource } from './sameness.ts';
import { Store } from './store.ts';
import { LiveView } from './view.ts';
import { Window } from './window.ts';

export interface GraphOptions {
  readonly describer: Describer;
  /** How many Events and other occurrences of a cluster are kept, the latest. */
  readonly windowMax?: number;
}

const WINDOW_MAX = 50_000;

export class Graph {
  readonly view: View;
  readonly #describer: Describer;
  readonly #store = new Store();
  readonly #coverage = new CoverageLedger();
  readonly #windowMax: number;
  /** By cluster: a noisy one takes no room from the others. */
  readonly #windows = new Map<string, Window>();
  /** Nodes of which something is said. */
  readonly #spokenOf = new Set<Node>();
  #number = 0;
  #at: Time | undefined;
  #rejected: Rejection[] = [];

  constructor({ describer, windowMax = WINDOW_MAX }: GraphOptions) {
    this.#describer = describer;
    this.#windowMax = windowMax;
    this.view = new LiveView(this.#store, this.#coverage, () => ({ revision: this.#number, at: this.#at }));
  }

  /** Takes over a batch of facts and says what it did. An empty batch is a commit that did nothing. */
  apply(changes: readonly Change[]): Commit {
    this.#number++;
    this.#rejected = [];
    this.#store.commit = new Changeset(this.#store);
    for (const change of changes) {
      this.#store.commit.at = change.at;
      if (this.#at === undefined || compareTime(this.#at, change.at) < 0) this.#at = change.at;
      this.#take(change);
      this.#letGo();
    }
    return this.#commit(this.#store.commit, changes);
  }

  /** Says since when an edge has been there, for what comes from a history: an edge's age is not in its objects. False when there is no such edge. */
  date(type: EdgeType, from: ResourceId, to: ResourceId, since: Time): boolean {
    const { links, nodes } = this.#store;
    const start = nodes.get(from);
    const end = nodes.get(to);
    const link = start && end ? links.between(type, start, end) : 0;
    if (link !== 0) links.setSince(link, since);
    return link !== 0;
  }

  /** Everything it knows, between two commits. */
  write(frame: FrameWriter): void {
    const clusters = Array.from(this.#windows.keys(), (cluster) => frame.value(cluster));
    frame.table(1, Int32Array.from([this.#number, frame.value(this.#at), ...clusters]));
    for (const window of this.#windows.values()) window.write(frame);
    this.#coverage.write(frame);
    this.#store.write(frame);
  }

  /** Takes over what was written, when it knows nothing yet. */
  read(frame: FrameReader, rules: Rules): void {
    const [number = 0, at = 0, ...clusters] = frame.table(1);
    this.#number = number;
    this.#at = frame.value(at);
    for (const cluster of clusters) this.#windowOf(frame.value(cluster)).read(frame);
    this.#coverage.read(frame);
    this.#store.read(frame, (rule) => saidRule(rule) ?? rules.rule(rule));
    const { statements } = this.#store;
    for (const statement of statements.targeted()) {
      enlist(this.#store, statement);
      if (isSaid(statements.rule(statement))) this.#spokenOf.add(statements.node(statement));
    }
    for (const node of this.#store.nodes.values()) if (node.standing?.grants) this.#grant(node, true);
  }

  /** The diff is made when first asked for: while nobody follows the graph, nobody pays for it. */
  #commit(changeset: Changeset, changes: readonly Change[]): Commit {
    const { nodes } = this.#store;
    const number = this.#number;
    const isCurrent = (): boolean => this.#store.commit === changeset;
    changeset.end();
    let diff: GraphDiff | undefined;
    return {
      number,
      at: this.#at ?? '',
      changes,
      rejected: this.#rejected,
      get diff() {
        if (diff === undefined && !isCurrent())
          throw new Error(`the diff of commit ${number} is asked for after the next`);
        diff ??= freeze(changeset.diff(nodes));
        return diff;
      },
    };
  }

  /** After each change, so that it does not matter how changes are batched. */
  #letGo(): void {
    for (const window of this.#windows.values()) {
      for (let id = window.overflow(); id !== undefined; id = window.overflow()) {
        const node = this.#store.nodes.get(id);
        if (node) this.#remove(node);
      }
    }
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
      case 'relate':
        this.#relate(change);
        break;
      case 'observe':
        this.#coverage.observe(change);
        break;
      default:
        change satisfies never;
    }
  }

  /** Returns the object's node, or undefined when it was rejected. */
  #put(cluster: string, object: KubeObject): Node | undefined {
    const description = this.#describer.object(cluster, object);
    if ('reason' in description) {
      this.#reject(description.reason, subjectOf(object));
      return undefined;
    }
    for (const fault of description.faults ?? []) this.#reject(`partly read: ${fault}`, subjectOf(object));
    return this.#place(description);
  }

  #reject(reason: string, subject: string): void {
    this.#rejected.push({ at: this.#store.commit.at, reason, subject });
  }

  /** What comes without a uid is the known bearer of its name, whose uid it keeps. */
  #place(described: Description): Node {
    const { uid, pseudo } = described.resource;
    const bearer = uid === '' ? this.#store.bearer(described.resource, pseudo) : undefined;
    const description = bearer ? identified(described, bearer.resource) : described;
    const { id, cluster } = description.resource;
    freeze(description.resource);
    const known = this.#store.nodes.get(id);
    const isHere = known !== undefined && sameAddress(known.resource, description.resource);
    if (isHere) this.#change(known, description);
    else if (known) this.#remove(known);
    const node = isHere ? known : this.#add(description);
    if (description.seenAt !== undefined) this.#windowOf(cluster).see(id, description.seenAt);
    return node;
  }

  #windowOf(cluster: string): Window {
    let window = this.#windows.get(cluster);
    if (window === undefined) {
      window = new Window(this.#windowMax);
      this.#windows.set(cluster, window);
    }
    return window;
  }

  #populationOf({ cluster, group, kind, pseudo }: Resource): Population {
    return this.#store.cluster(cluster).population(group, kind, pseudo);
  }

  #add(description: Description): Node {
    const { resource, references, selectable } = description;
    const predecessor = this.#store.bearer(resource, resource.pseudo);
    if (predecessor) this.#remove(predecessor);
    const population = this.#populationOf(resource);
    const address = population.address(resource.namespace, resource.name);
    const node = this.#store.numbers.make((number) => new Node(number, resource, factsOf(resource, selectable)));
    node.standing = standingOf(description);
    this.#store.commit.resource(resource.id, undefined);
    this.#store.nodes.set(resource.id, node);
    population.size++;
    welcome(this.#store, node, address, population);
    declare(this.#store, node, references);
    this.#announce(node, undefined);
    return node;
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
    if (factsChanged || before.createdAt !== resource.createdAt) {
      reselect(this.#store, node, population, () => {
        node.facts = facts;
      });
    }
    if (factsChanged || standingChanged)
      reconsider(this.#store, node, population.address(resource.namespace, resource.name));
    const said = this.#spokenOf.has(node) ? spokenBy(this.#store.statements, node).said : [];
    declare(this.#store, node, said.length > 0 ? [...references, ...said] : references);
    if (factsChanged || standingChanged) this.#announce(node, standingBefore);
  }

  /** Tells those whose references hang on a namespace's labels or grants. */
  #announce(node: Node, before: Standing | undefined): void {
    const { cluster, group, kind, namespace, name } = node.resource;
    if (group === '' && kind === 'Namespace') reconsiderNamespace(this.#store, cluster, name, true);
    const grants = node.standing?.grants;
    if (sameJson(grants, before?.grants)) return;
    this.#grant(node, grants !== undefined);
    reconsiderNamespace(this.#store, cluster, namespace, false);
  }

  /** Files a node where those look who need a grant, or takes it out. */
  #grant(node: Node, grants: boolean): void {
    const { cluster, namespace } = node.resource;
    const { granting } = this.#store.cluster(cluster);
    if (grants) addTo(granting, namespace, node);
    else removeFrom(granting, namespace, node);
  }

  #remove(node: Node): void {
    const { resource, standing } = node;
    const { cluster, group, kind, namespace, name } = resource;
    const population = this.#populationOf(resource);
    const address = population.address(namespace, name);
    this.#store.commit.resource(resource.id, resource);
    silence(this.#store, node);
    this.#spokenOf.delete(node);
    this.#store.nodes.delete(resource.id);
    dismiss(this.#store, node, address, population);
    this.#store.numbers.remove(node.number);
    population.size--;
    population.release(address);
    this.#windows.get(cluster)?.forget(resource.id);
    if (group === '' && kind === 'Namespace') reconsiderNamespace(this.#store, cluster, name, true);
    if (standing?.grants === undefined) return;
    this.#grant(node, false);
    reconsiderNamespace(this.#store, cluster, namespace, false);
  }

  #relate({ of, relations }: Extract<Change, { type: 'relate' }>): void {
    const node = this.#store.nodes.get(of);
    if (node === undefined || isOnlyNamed(node.resource)) {
      this.#reject('relations of something that is not known, or only named', of);
      return;
    }
    const wanted = relations.slice(0, SAID_MAX);
    const said = wanted
      .map((relation) => saidReference(node.resource.cluster, relation))
      .filter((one) => one !== undefined);
    if (said.length < relations.length)
      this.#reject(`relations to other clusters, or more than ${SAID_MAX}, are left out`, of);
    if (said.length > 0) this.#spokenOf.add(node);
    else if (!this.#spokenOf.delete(node)) return;
    declare(this.#store, node, [...spokenBy(this.#store.statements, node).own, ...said]);
  }

  /** A delete of an earlier object of the same name is of no concern to the present one. */
  #delete(cluster: string, { apiVersion, kind, metadata }: ObjectRef): void {
    if (typeof metadata?.name !== 'string' || typeof apiVersion !== 'string' || typeof kind !== 'string') {
      this.#reject('a delete needs apiVersion, kind and metadata.name', String(kind));
      return;
    }
    const node = this.#meant(cluster, this.#describer.groupKind(apiVersion, kind), metadata);
    if (node) this.#remove(node);
  }

  /**
   * Known objects in scope that are not listed go. A listed one that cannot be read is there all the same, so what is known of it stays as it
   * was; when it bears neither a uid nor a name that is known, its rejection is all there is to say.
   */
  #reset(cluster: string, scope: Scope, objects: readonly KubeObject[]): void {
    const groupKind = this.#describer.groupKind(`${scope.group}/`, scope.kind);
    const listed = new Set<Node | undefined>();
    for (const object of objects)
      listed.add(this.#put(cluster, object) ?? this.#meant(cluster, groupKind, object?.metadata, scope.namespace));
    const { group, kind } = groupKind;
    const present = [...(this.#store.clusters.get(cluster)?.find(group, kind)?.nodes(scope.namespace) ?? [])];
    for (const node of present) if (!listed.has(node)) this.#remove(node);
  }

  /** Whom metadata mean: the bearer of the uid, or of the name unless that one is known to have another uid. */
  #meant(cluster: string, groupKind: GroupKind, metadata: unknown, elsewhere = ''): Node | undefined {
    if (typeof metadata !== 'object' || metadata === null) return undefined;
    const { uid, namespace, name } = metadata as Partial<Record<string, unknown>>;
    const hasUid = typeof uid === 'string' && uid !== '';
    const byUid = hasUid ? this.#store.nodes.get(`${cluster}/${uid}`) : undefined;
    if (byUid || typeof name !== 'string') return byUid;
    const where = typeof namespace === 'string' ? namespace : elsewhere;
    const named = { cluster, ...groupKind, namespace: where, name };
    const bearer =
      this.#store.bearer(named) ??
      (isOnlyNamed({ pseudo: true, kind: groupKind.kind }) ? undefined : this.#store.bearer(named, true));
    return hasUid && bearer?.resource.uid !== '' ? undefined : bearer;
  }
}

function factsOf({ labels }: Resource, selectable: Description['selectable']): Resource['labels'] {
  return selectable === undefined ? labels : { ...labels, ...selectable };
}

function standingOf({ owners, grants, listeners }: Description): Standing | undefined {
  return owners || grants || listeners ? { owners, grants, listeners } : undefined;
}

/** The description as one of a resource that is known by another id. */
function identified(description: Description, { id, uid }: Resource): Description {
  return { ...description, resource: { ...description.resource, id, uid } };
}

/** What a rejected object seems to be, for the report. */
function subjectOf(object: unknown): string {
  if (typeof object !== 'object' || object === null) return typeof object;
  const { kind, metadata } = object as { kind?: unknown; metadata?: { namespace?: unknown; name?: unknown } | null };
  return (
    [kind, metadata?.namespace, metadata?.name].filter((part) => typeof part === 'string').join('/') || 'unnamed object'
  );
}
