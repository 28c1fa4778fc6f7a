/**
 * The name of a claim made for one pod of a set, `<template>-<set>-<ordinal>`, split into facts that a selector can match:
 * a set finds its claims whatever their number, without looking at any.
 */
import type { Labels, Requirement } from '../model/selector.ts';

const FAMILY = 'claim:family';
const ORDINAL = 'claim:ordinal';
const ORDERED = /^(.+)-(0|[1-9]\d{0,9})$/;

/** Selectable facts of a claim with an ordinal in its name. */
export function claimNameFacts(name: string): Labels | undefined {
  const [, family, ordinal] = ORDERED.exec(name) ?? [];
  return family === undefined || ordinal === undefined ? undefined : { [FAMILY]: family, [ORDINAL]: ordinal };
}

/** Claims called `<family>-<ordinal>` with ordinals from `start` on. */
export function claimFamily(family: string, start: number): readonly Requirement[] {
  const named: Requirement = { key: FAMILY, operator: 'In', values: [family] };
  return start > 0 ? [named, { key: ORDINAL, operator: 'Gt', values: [String(start - 1)] }] : [named];
}
