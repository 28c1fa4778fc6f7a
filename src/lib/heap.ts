/**
 * What V8 does with memory. It is made for pages that are opened and closed: it lets its heap grow to twice what lives, and the young part of it
 * to 134 MB, and gives little of it back. A process that stays beside a cluster for weeks wants the opposite once the cluster is listed.
 * The flags are read whenever the heap grows, so they may be set in a running process, where no command line can be given.
 * Import this before everything else: the young generation is kept at the size it has when this module runs; listing is no slower for it,
 * because nearly all that is listed is kept or dropped at once.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--semi-space-growth-factor=1');

/** From now on little memory counts more than speed. Call when the bulk is loaded: before, it would collect garbage twice as long. */
export function favourMemory(): void {
  setFlagsFromString('--optimize-for-size');
}
