/** Secrets that the parameters of a class name for CSI sidecars, `csi.storage.k8s.io/<what>-secret-{name,namespace}`. */
import type { Outcome, Relation } from './kind.ts';
import { Secret } from './refs.ts';
import { relation, textAt } from './relations.ts';

const PREFIX = 'csi.storage.k8s.io/';

/** `what` are the operations with a secret of their own. Values with `${…}` are filled in for each claim and name nothing yet. */
export function classSecrets(what: readonly string[]): Relation {
  return relation(
    'USES_SECRET',
    'parameters',
    'Secret',
    { note: `${PREFIX}<operation>-secret-name and -namespace; templates are not followed` },
    ({ value }) =>
      what.flatMap((operation): Outcome[] => {
        const key = `${PREFIX}${operation}-secret-name`;
        const name = textAt(value, key);
        const namespace = textAt(value, `${PREFIX}${operation}-secret-namespace`);
        if (name === undefined || namespace === undefined || `${name}${namespace}`.includes('${')) return [];
        return [
          {
            target: { by: 'name', group: Secret.group, kind: Secret.kind, namespace, name },
            suffix: `["${key}"]`,
            attributes: { operation },
          },
        ];
      }),
  );
}
