/** Webhooks that every matching request must pass. Source: admissionregistration.k8s.io/v1. */
import type { V1MutatingWebhookConfiguration, V1ValidatingWebhookConfiguration } from '@kubernetes/client-node';
import { caInjection } from './cert-manager-annotations.ts';
import { intercepts } from './interception.ts';
import { type Kind, kind } from './kind.ts';
import { sentTo } from './webhook-client.ts';

const relations = [
  ...sentTo('webhooks[*].clientConfig', ({ up }) => {
    const { name, failurePolicy } = up(2) as { name?: unknown; failurePolicy?: unknown };
    return {
      ...(typeof name === 'string' && { webhook: name }),
      failurePolicy: typeof failurePolicy === 'string' ? failurePolicy : 'Fail',
    };
  }),
  ...intercepts({ path: 'webhooks[*]', rules: 'rules', empty: 'all' }),
  ...caInjection,
];

function configuration(name: string, plural: string): Kind {
  return kind<V1MutatingWebhookConfiguration | V1ValidatingWebhookConfiguration>({
    group: 'admissionregistration.k8s.io',
    name,
    plural,
    namespaced: false,
    summary: ({ webhooks }) => ({ webhooks: webhooks?.length ?? 0 }),
    relations,
  });
}

export const mutatingWebhookConfiguration = configuration(
  'MutatingWebhookConfiguration',
  'mutatingwebhookconfigurations',
);
export const validatingWebhookConfiguration = configuration(
  'ValidatingWebhookConfiguration',
  'validatingwebhookconfigurations',
);
