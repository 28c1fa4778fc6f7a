/** Errors of one application that come much more often than is bearable: in logs, traces and tests, or as answers 5xx. */
import { CLUES_MAX, type Clue, type Detection, type Detector, MINUTE } from './detection.ts';
import { fullest } from './restarts.ts';
import { type Complaint, complaintClue, complaintsByApp, statusCodeOf, stillComes } from './signals.ts';

export const errorSpike: Detector = function* (known, { errorsPerMinute, errorMinutes, serverErrors }) {
  const weigh = ({ count }: Complaint): number => count;
  for (const list of complaintsByApp(known).values()) {
    const errors = list.filter(
      ({ told }) => told.occurrence.severity === 'error' || told.occurrence.severity === 'critical',
    );
    const spike = fullest(errors, errorMinutes * MINUTE, weigh);
    const answers = fullest(
      list.filter((one) => statusCodeOf(one) >= 500),
      errorMinutes * MINUTE,
      weigh,
    );
    const base = (events: readonly Complaint[]): Omit<Detection, 'summary' | 'confidence'> | undefined => {
      const [first] = events;
      const last = list.at(-1);
      if (first === undefined || last === undefined) return undefined;
      return {
        pattern: 'error_spike',
        severity: 'warning',
        active: stillComes([...events, last], known.now, errorMinutes * MINUTE),
        since: first.at,
        until: last.at,
        subject: first.app,
        resources: [],
        evidence: templatesIn(events),
      };
    };
    const found = base(
      spike.count > errorsPerMinute * errorMinutes ? spike.events : answers.count >= serverErrors ? answers.events : [],
    );
    if (found === undefined) continue;
    const isRate = spike.count > errorsPerMinute * errorMinutes;
    yield {
      ...found,
      confidence: isRate && answers.count < serverErrors ? 0.8 : 0.9,
      summary: isRate
        ? `${spike.count} errors of ${found.subject.name} within ${errorMinutes} minutes, more than ${errorsPerMinute} a minute.`
        : `${answers.count} answers 5xx of ${found.subject.name} within ${errorMinutes} minutes.`,
    };
  }
};

/** What is said, each form once, the most frequent first. */
function templatesIn(events: readonly Complaint[]): readonly Clue[] {
  const forms = Map.groupBy(events, ({ told: { occurrence } }) =>
    (occurrence.message ?? '').replaceAll(/[0-9a-f]{8,}|\d+/gi, '#').slice(0, 120),
  );
  return [...forms.values()]
    .map((same) => ({ same, count: same.reduce((sum, { count }) => sum + count, 0) }))
    .sort((a, b) => b.count - a.count)
    .slice(0, CLUES_MAX)
    .flatMap(({ same: [first], count }) => (first ? [complaintClue({ ...first, count })] : []));
}
