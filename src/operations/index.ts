/** The table of operations: what can be asked. Every interface is made from it; add a question by writing one file and naming it here. */
import { clusterTopology } from './cluster-topology.ts';
import { count } from './count.ts';
import { diff } from './diff.ts';
import { explainOperation } from './explain.ts';
import { exportGraph } from './export-graph.ts';
import { findDangling } from './find-dangling.ts';
import { findFindings } from './find-findings.ts';
import { findImpact } from './find-impact.ts';
import { findNeighbours } from './find-neighbours.ts';
import { findPaths } from './find-paths.ts';
import { findResources } from './find-resources.ts';
import { findTrouble } from './find-trouble.ts';
import { findWhatIf } from './find-what-if.ts';
import { getResource } from './get-resource.ts';
import { getVersion } from './get-version.ts';
import { listClusters } from './list-clusters.ts';
import { listKinds } from './list-kinds.ts';
import { listRejections } from './list-rejections.ts';
import { listRelations } from './list-relations.ts';
import type { Operation } from './operation.ts';
import { resourceTopology } from './resource-topology.ts';
import { runQuery } from './run-query.ts';
import { showHistory } from './show-history.ts';
import { timeline } from './timeline.ts';
import { topology } from './topology.ts';

export const operations: readonly Operation[] = [
  findResources,
  getResource,
  topology,
  findNeighbours,
  findPaths,
  findImpact,
  findWhatIf,
  findDangling,
  findFindings,
  findTrouble,
  explainOperation,
  timeline,
  diff,
  getVersion,
  showHistory,
  runQuery,
  count,
  listKinds,
  listRelations,
  listClusters,
  listRejections,
  exportGraph,
  clusterTopology,
  resourceTopology,
];
