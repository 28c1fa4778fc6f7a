/** The table of operations: what can be asked. Every interface is made from it; add a question by writing one file and naming it here. */
import { changeIncident } from './change-incident.ts';
import { clusterTopology } from './cluster-topology.ts';
import { count } from './count.ts';
import { deadLettersOperation } from './dead-letters.ts';
import { detectOperation } from './detect.ts';
import { diff } from './diff.ts';
import { discardDeadLetters } from './discard-dead-letters.ts';
import { explainOperation } from './explain.ts';
import { exportGraph } from './export-graph.ts';
import { findDangling } from './find-dangling.ts';
import { findFindings } from './find-findings.ts';
import { findImpact } from './find-impact.ts';
import { findNeighbours } from './find-neighbours.ts';
import { findPaths } from './find-paths.ts';
import { findResources } from './find-resources.ts';
import { findSimilar } from './find-similar.ts';
import { findTrouble } from './find-trouble.ts';
import { findWhatIf } from './find-what-if.ts';
import { getIncident } from './get-incident.ts';
import { getResource } from './get-resource.ts';
import { getVersion } from './get-version.ts';
import { listChanges } from './list-changes.ts';
import { listClusters } from './list-clusters.ts';
import { listEpisodes } from './list-episodes.ts';
import { listIncidents } from './list-incidents.ts';
import { listKinds } from './list-kinds.ts';
import { listLogs } from './list-logs.ts';
import { listRejections } from './list-rejections.ts';
import { listRelations } from './list-relations.ts';
import { listRemediations } from './list-remediations.ts';
import type { Operation } from './operation.ts';
import { predictOperation } from './predict.ts';
import { rankCausesOperation } from './rank-causes.ts';
import { remediate } from './remediate.ts';
import { replayDeadLetters } from './replay-dead-letters.ts';
import { resourceTopology } from './resource-topology.ts';
import { runQuery } from './run-query.ts';
import { scoreOperation } from './score.ts';
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
  listIncidents,
  getIncident,
  changeIncident,
  detectOperation,
  predictOperation,
  scoreOperation,
  rankCausesOperation,
  listEpisodes,
  findSimilar,
  timeline,
  listChanges,
  listLogs,
  diff,
  getVersion,
  showHistory,
  runQuery,
  count,
  listKinds,
  listRelations,
  listClusters,
  listRejections,
  listRemediations,
  remediate,
  deadLettersOperation,
  replayDeadLetters,
  discardDeadLetters,
  exportGraph,
  clusterTopology,
  resourceTopology,
];
