/** The program behind a webhook: a Service of the cluster, or a URL. Source: admissionregistration.k8s.io/v1, apiextensions.k8s.io/v1 WebhookClientConfig. */
import type { Scalar } from '../model/resource.ts';
import { urlOutcome } from './addresses.ts';
import type { Found, Relation } from './kind.ts';
import { Service } from './refs.ts';
import { names, relation } from './relations.ts';

/** Relations of the client configuration at the path. */
export function sentTo(
  path: string,
  attributes?: (found: Found) => Readonly<Record<string, Scalar>>,
): readonly Relation[] {
  return [
    names('SENT_TO', `${path}.service`, Service, {
      namespace: 'namespace',
      attributes: (found) => {
        const { path: where, port } = found.value as { path?: unknown; port?: unknown };
        return {
          port: typeof port === 'number' ? port : 443,
          ...(typeof where === 'string' && { path: where }),
          ...attributes?.(found),
        };
      },
    }),
    relation('SENT_TO', `${path}.url`, 'ExternalHost (pseudo), or Service', {}, (found) => {
      const outcome = urlOutcome(found.value);
      const facts = attributes?.(found);
      return outcome && facts ? { ...outcome, attributes: facts } : outcome;
    }),
  ];
}
