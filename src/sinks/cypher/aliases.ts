/**
 * Names that queries written for other Kubernetes graphs use, and what they are here. Applied to the text of a query, so the graph
 * itself carries every fact once and under one name. A name in backticks is taken as it is written.
 */

/** Label → kind. Holds wherever a label is written: `(c:PVC)`, `WHERE n:PVC`. */
export const labelAliases: Readonly<Record<string, string>> = {
  PVC: 'PersistentVolumeClaim',
  PV: 'PersistentVolume',
  HPA: 'HorizontalPodAutoscaler',
  PDB: 'PodDisruptionBudget',
};

export interface EdgeAlias {
  readonly means: readonly string[];
  /** Only in a pattern whose two nodes carry these labels; everywhere otherwise. */
  readonly between?: readonly [string, string];
}

/** Edge type → the types it stands for. Holds wherever a type is written in a pattern: `-[:AFFECTS]->`. */
export const edgeAliases: Readonly<Record<string, EdgeAlias>> = {
  // Incidents have edges of that type of their own.
  AFFECTS: { means: ['ABOUT', 'AFFECTS'] },
  // Elsewhere USES_SECRET is a type of its own (an Ingress, a storage driver); between a Pod and a Secret it stands for every way to use one.
  USES_SECRET: { means: ['USES_SECRET', 'READS_SECRET', 'MOUNTS', 'PULLS_WITH'], between: ['Pod', 'Secret'] },
};
