/**
 * Policy reports: which objects pass which policies. Sources: wgpolicyk8s.io/v1alpha2 (Kubernetes Policy WG) and openreports.io/v1alpha1,
 * its successor; written by Kyverno, Trivy, Falco and others.
 */
import type { Health } from '../../model/resource.ts';
import type { Found, Kind, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { qualifiedName } from '../qualified-name.ts';
import { refersTo, relation, textAt, valueAt } from '../relations.ts';
import { columns } from './custom-resource.ts';

const about = { namespace: 'namespace', uid: 'uid', optional: true } as const;

/** Results of Kyverno name its policy: bare a ClusterPolicy, `namespace/name` a Policy. Other engines' policies are no objects. */
function kyvernoPolicy({ value, up }: Found): Outcome | undefined {
  const source = textAt(up(1), 'source')?.toLowerCase() ?? '';
  const at = source === 'kyverno' ? qualifiedName(value, '') : undefined;
  if (at === undefined) return undefined;
  const kindName = at.namespace === '' ? 'ClusterPolicy' : 'Policy';
  return { target: { by: 'name', group: 'kyverno.io', kind: kindName, ...at } };
}

const relations: readonly Relation[] = [
  refersTo('REPORTS_ON', 'scope', 'any', about),
  refersTo('REPORTS_ON', 'results[*].resources[*]', 'any', {
    ...about,
    attributes: ({ up }) => {
      const result = textAt(up(2), 'result');
      return result === undefined ? undefined : { result };
    },
  }),
  relation(
    'BELONGS_TO',
    'results[*].policy',
    'ClusterPolicy or Policy of Kyverno',
    { confidence: 'naming', note: 'results whose source is kyverno' },
    kyvernoPolicy,
  ),
];

/** Failures are findings about others: the report itself is well, what it says is not. */
function health(object: unknown): Health {
  const failed = Number(valueAt(object, 'summary.fail') ?? 0) + Number(valueAt(object, 'summary.error') ?? 0);
  if (failed > 0) return { status: 'warning', reason: 'PolicyViolations', message: `${failed} checks failed` };
  return { status: 'healthy' };
}

const report = (group: string, name: string, plural: string, isNamespaced: boolean): Kind =>
  kind({
    group,
    name,
    plural,
    namespaced: isNamespaced,
    summary: columns({
      kind: 'scope.kind',
      name: 'scope.name',
      pass: 'summary.pass',
      fail: 'summary.fail',
      warn: 'summary.warn',
      error: 'summary.error',
      skip: 'summary.skip',
    }),
    health,
    relations,
  });

export const policyReport: readonly Kind[] = [
  report('wgpolicyk8s.io', 'PolicyReport', 'policyreports', true),
  report('wgpolicyk8s.io', 'ClusterPolicyReport', 'clusterpolicyreports', false),
  report('openreports.io', 'Report', 'reports', true),
  report('openreports.io', 'ClusterReport', 'clusterreports', false),
];
