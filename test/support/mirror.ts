/** A follower's picture of the graph, made from the feed's messages alone. */
import assert from 'node:assert/strict';
import { type FeedMessage, feedMessageSchema } from '../../src/api/feed-messages.ts';
import { edgeKey } from '../../src/model/diff.ts';
import { resourceTitle } from '../../src/model/resource.ts';
import type { View } from '../../src/model/view.ts';
import { stableJson } from './canonical.ts';

export class Mirror {
  readonly resources = new Map<string, string>();
  readonly edges = new Map<string, string>();
  readonly types: FeedMessage['type'][] = [];
  revision = '';
  complete = false;

  /** Takes a message as it came over the wire. */
  take(text: string): void {
    const message = feedMessageSchema.parse(JSON.parse(text));
    assert.deepEqual(message, JSON.parse(text), 'the message is what its schema says');
    this.types.push(message.type);
    if (message.type === 'gone') {
      this.complete = false;
      return;
    }
    this.revision = message.revision;
    if (message.type === 'at') return;
    if (message.type === 'snapshot' && message.part === 1) {
      this.resources.clear();
      this.edges.clear();
      this.complete = false;
    }
    for (const resource of message.resources) this.resources.set(resource.id, stableJson(resource));
    for (const edge of message.edges) this.edges.set(edgeKey(edge), stableJson(edge));
    if (message.type === 'snapshot') this.complete = !message.more;
    else {
      assert.deepEqual(
        message.removed.names,
        message.removed.resources.map((id, index) => this.#title(id) ?? message.removed.names[index]),
        'what goes is named',
      );
      for (const id of message.removed.resources) this.resources.delete(id);
      for (const edge of message.removed.edges) this.edges.delete(edgeKey(edge));
    }
  }

  #title(id: string): string | undefined {
    const known = this.resources.get(id);
    return known === undefined ? undefined : resourceTitle(JSON.parse(known));
  }

  lines(): string[] {
    return [...this.resources.values(), ...this.edges.values()].sort();
  }
}

/** What a mirror of the view must hold. */
export function viewLines(view: View): string[] {
  const lines: string[] = [];
  for (const resource of view.resources()) {
    lines.push(stableJson(resource));
    for (const edge of view.stored(resource.id, 'out')) lines.push(stableJson(edge));
  }
  return lines.sort();
}
