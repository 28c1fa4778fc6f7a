/** Admission policies in CEL and their bindings. Source: admissionregistration.k8s.io/v1 (Mutating… also v1beta1, v1alpha1). */
import type {
  V1MutatingAdmissionPolicy,
  V1MutatingAdmissionPolicyBinding,
  V1ValidatingAdmissionPolicy,
  V1ValidatingAdmissionPolicyBinding,
} from '@kubernetes/client-node';
import { groupOf } from '../model/change.ts';
import { selectorFrom } from '../model/selector.ts';
import { definitionOf } from './definition.ts';
import { intercepts } from './interception.ts';
import { type Kind, kind, type Raw } from './kind.ts';
import { labelled } from './pod-peers.ts';
import { ConfigMap, clusterScoped } from './refs.ts';
import { names, relation, selectorText, textAt } from './relations.ts';

const GROUP = 'admissionregistration.k8s.io';

type Policy = V1ValidatingAdmissionPolicy | V1MutatingAdmissionPolicy;
type Binding = V1ValidatingAdmissionPolicyBinding | V1MutatingAdmissionPolicyBinding;

function policy(name: string, plural: string, counted: 'validations' | 'mutations'): Kind {
  return kind<Policy>({
    group: GROUP,
    name,
    plural,
    namespaced: false,
    summary: ({ spec }) => {
      const list = (spec as Readonly<Record<string, unknown>> | undefined)?.[counted];
      const { apiVersion, kind: kindName } = spec?.paramKind ?? {};
      return {
        [counted]: Array.isArray(list) ? list.length : 0,
        paramKind: kindName && `${apiVersion}/${kindName}`,
      };
    },
    health: (object) => {
      const { status } = object as Raw<V1ValidatingAdmissionPolicy>;
      const warning = status?.typeChecking?.expressionWarnings?.[0]?.warning;
      return warning ? { status: 'warning', reason: 'TypeCheckWarning', message: warning } : { status: 'healthy' };
    },
    relations: [
      relation(
        'CONFIGURED_BY',
        'spec.paramKind',
        'CustomResourceDefinition',
        { confidence: 'selector', note: 'the definition of the kind of its parameters; built-in kinds have none' },
        ({ value }) => {
          const group = groupOf(textAt(value, 'apiVersion') ?? '');
          const kindName = textAt(value, 'kind');
          if (kindName === undefined) return undefined;
          return { target: definitionOf(group, kindName), value: `${kindName}.${group}` };
        },
      ),
      ...intercepts({ path: 'spec.matchConstraints', rules: 'resourceRules', empty: 'none' }),
    ],
  });
}

function binding(name: string, plural: string, policyName: string): Kind {
  return kind<Binding>({
    group: GROUP,
    name,
    plural,
    namespaced: false,
    summary: ({ spec }) => ({ policyName: spec?.policyName, paramRef: paramText(spec?.paramRef) }),
    relations: [
      names('BINDS', 'spec.policyName', clusterScoped(GROUP, policyName)),
      names('CONFIGURED_BY', 'spec.paramRef', ConfigMap, {
        confidence: 'heuristic',
        namespace: 'namespace',
        note: 'the kind of parameters stands in the policy; ConfigMap is taken when there is one of that name and namespace',
        when: ({ value }) => textAt(value, 'namespace') !== undefined,
      }),
      relation(
        'CONFIGURED_BY',
        'spec.paramRef.selector',
        'ConfigMap',
        { confidence: 'heuristic', note: 'likewise, in the namespace that the reference names' },
        ({ value, up }) => {
          const namespace = textAt(up(1), 'namespace');
          const selector = selectorFrom(value);
          if (namespace === undefined || selector === undefined || selector.length === 0) return undefined;
          return labelled(ConfigMap, selector, { type: 'names', names: [namespace] });
        },
      ),
      ...intercepts({ path: 'spec.matchResources', rules: 'resourceRules', empty: 'none' }),
    ],
  });
}

type ParamRef = NonNullable<Raw<V1ValidatingAdmissionPolicyBinding>['spec']>['paramRef'];

/** The PARAMREF column (kubernetes pkg/printers/internalversion). */
function paramText(reference: ParamRef): string | undefined {
  if (reference?.name) return `${reference.namespace ?? '*'}/${reference.name}`;
  const selector = reference?.selector && selectorFrom(reference.selector);
  return selector && selectorText(selector);
}

export const admissionPolicies: readonly Kind[] = [
  policy('ValidatingAdmissionPolicy', 'validatingadmissionpolicies', 'validations'),
  binding('ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', 'ValidatingAdmissionPolicy'),
  policy('MutatingAdmissionPolicy', 'mutatingadmissionpolicies', 'mutations'),
  binding('MutatingAdmissionPolicyBinding', 'mutatingadmissionpolicybindings', 'MutatingAdmissionPolicy'),
];
