/** The table of text forms: how the answer of each operation reads on a terminal. What is not in it is YAML. */
import type { z } from 'zod';
import { clusterTopology } from '../../../operations/cluster-topology.ts';
import { count } from '../../../operations/count.ts';
import { deadLettersOperation } from '../../../operations/dead-letters.ts';
import { detectOperation } from '../../../operations/detect.ts';
import { diff } from '../../../operations/diff.ts';
import { discardDeadLetters } from '../../../operations/discard-dead-letters.ts';
import { explainOperation } from '../../../operations/explain.ts';
import { findDangling } from '../../../operations/find-dangling.ts';
import { findFindings } from '../../../operations/find-findings.ts';
import { findImpact } from '../../../operations/find-impact.ts';
import { findNeighbours } from '../../../operations/find-neighbours.ts';
import { findPaths } from '../../../operations/find-paths.ts';
import { findResources } from '../../../operations/find-resources.ts';
import { findSimilar } from '../../../operations/find-similar.ts';
import { findTrouble } from '../../../operations/find-trouble.ts';
import { findWhatIf } from '../../../operations/find-what-if.ts';
import { getResource } from '../../../operations/get-resource.ts';
import { getVersion } from '../../../operations/get-version.ts';
import { listChanges } from '../../../operations/list-changes.ts';
import { listClusters } from '../../../operations/list-clusters.ts';
import { listEpisodes } from '../../../operations/list-episodes.ts';
import { listIncidents } from '../../../operations/list-incidents.ts';
import { listKinds } from '../../../operations/list-kinds.ts';
import { listLogs } from '../../../operations/list-logs.ts';
import { listRejections } from '../../../operations/list-rejections.ts';
import { listRelations } from '../../../operations/list-relations.ts';
import { listRemediations } from '../../../operations/list-remediations.ts';
import type { Operation } from '../../../operations/operation.ts';
import { predictOperation } from '../../../operations/predict.ts';
import { rankCausesOperation } from '../../../operations/rank-causes.ts';
import { remediate } from '../../../operations/remediate.ts';
import { replayDeadLetters } from '../../../operations/replay-dead-letters.ts';
import { resourceTopology } from '../../../operations/resource-topology.ts';
import { runQuery } from '../../../operations/run-query.ts';
import { scoreOperation } from '../../../operations/score.ts';
import { showHistory } from '../../../operations/show-history.ts';
import { timeline } from '../../../operations/timeline.ts';
import { topology } from '../../../operations/topology.ts';
import { anomaliesText } from './anomalies.ts';
import { clustersText, countsText, kindsText, rejectionsText, relationsText } from './catalogue.ts';
import { changesText } from './changes.ts';
import { detectionsText } from './detections.ts';
import { causesText, episodesText, similarText } from './episodes.ts';
import { explanationLines } from './explanation.ts';
import { danglingText, findingsText } from './faults.ts';
import { historyText } from './history.ts';
import { incidentsText } from './incidents.ts';
import type { Page } from './layout.ts';
import { discardedText, lettersText, replayedText } from './letters.ts';
import { logsText } from './logs.ts';
import { diffText, objectText, timelineText } from './past.ts';
import { canonicalText, topologyText } from './pictures.ts';
import { predictionsText } from './predictions.ts';
import { remediatedText, remediationsText } from './remediations.ts';
import { resourcesText, resourceText } from './resources.ts';
import { rowsText } from './rows.ts';
import { troubleLines } from './trouble.ts';
import { impactText, neighboursText, pathsText, whatIfText } from './ways.ts';

type Text = (answer: unknown, page: Page) => Iterable<string>;

/**
 * Keeps an answer's type and its text together; the schema of an operation is what every interface answers. Of an answer about the past is said first of
 * which instant.
 */
function text<I extends z.ZodObject, O extends z.ZodType>(
  { name }: Operation<I, O>,
  lines: (answer: z.output<O>, page: Page) => Iterable<string>,
): readonly [name: string, text: Text] {
  return [
    name,
    function* (answer, page) {
      const { asOf } = answer as { readonly asOf?: string };
      if (asOf !== undefined) yield `${page.paint(`as of ${asOf}`, 'dim')}\n`;
      yield* lines(answer as z.output<O>, page);
    },
  ];
}

/** By the name of the operation. */
export const texts: ReadonlyMap<string, Text> = new Map([
  text(findResources, resourcesText),
  text(getResource, resourceText),
  text(topology, topologyText),
  text(findNeighbours, neighboursText),
  text(findPaths, pathsText),
  text(findImpact, impactText),
  text(findWhatIf, whatIfText),
  text(findDangling, danglingText),
  text(findFindings, findingsText),
  text(findTrouble, troubleLines),
  text(explainOperation, explanationLines),
  text(rankCausesOperation, causesText),
  text(listEpisodes, episodesText),
  text(findSimilar, similarText),
  text(detectOperation, detectionsText),
  text(predictOperation, predictionsText),
  text(scoreOperation, anomaliesText),
  text(remediate, remediatedText),
  text(listRemediations, remediationsText),
  text(timeline, timelineText),
  text(listChanges, changesText),
  text(listIncidents, incidentsText),
  text(listLogs, logsText),
  text(diff, diffText),
  text(getVersion, objectText),
  text(showHistory, historyText),
  text(runQuery, rowsText),
  text(count, countsText),
  text(listKinds, kindsText),
  text(listRelations, relationsText),
  text(listClusters, clustersText),
  text(listRejections, rejectionsText),
  text(deadLettersOperation, lettersText),
  text(replayDeadLetters, replayedText),
  text(discardDeadLetters, discardedText),
  text(clusterTopology, canonicalText),
  text(resourceTopology, canonicalText),
]);
