/** What to try next in the demo: questions about its incident, each with a command that can be copied as it stands. */
import { relative } from 'node:path';
import type { Time } from '../../model/time.ts';
import type { Paint } from './text/layout.ts';

export interface Suggestion {
  readonly question: string;
  readonly command: string;
}

export interface DemoPlace {
  /** Where the demo serves. */
  readonly url: string;
  /** Path of its recording. */
  readonly recording: string;
  /** When the Secret was deleted. */
  readonly before: Time | undefined;
}

/** How the program is called here: from a checkout by its npm script, else by its name. */
const self = import.meta.url.endsWith('.ts') ? 'npm run -s kube-kg --' : 'kube-kg';

export function suggestionsFor({ url, recording, before }: DemoPlace): readonly Suggestion[] {
  const near = relative(process.cwd(), recording);
  const file = near.length < recording.length ? near : recording;
  const earlier = before && new Date(Date.parse(before) - 1000).toISOString();
  const api = `${url}/api/v1`;
  return [
    { question: 'What is wrong, and what to do about it', command: `curl '${api}/findings?severities=error'` },
    {
      question: 'Everything that payments-api is connected to, each with the field that says so',
      command: `curl '${api}/resources/Deployment/payments/payments-api'`,
    },
    {
      question: 'How the shop’s front door depends on the payments API',
      command: `curl '${api}/paths?from=Ingress/shop/shop&to=Service/payments/payments-api'`,
    },
    {
      question: 'A map of both namespaces',
      command: `curl '${api}/topology?namespaces=payments,shop'`,
    },
    {
      question: 'What would break if the database failed',
      command: `curl '${api}/impact/StatefulSet/payments/ledger-db'`,
    },
    {
      question: 'Which Services lead to pods that do not work, in Cypher',
      command: `${self} query --server ${url} "MATCH (s:Service)-[:SELECTS]->(p:Pod) WHERE p.health <> 'healthy' RETURN s.namespace, s.name, count(p) AS pods"`,
    },
    {
      question: 'What happened to payments-api, who changed what, newest first',
      command: `${self} timeline Deployment/payments/payments-api --server ${url}`,
    },
    ...(earlier === undefined
      ? []
      : [
          {
            question: 'What is different from just before the Secret was deleted',
            command: `${self} diff --from ${earlier} --namespaces payments --server ${url}`,
          },
        ]),
    {
      question: 'What the clean-up could have asked before it deleted the Secret',
      command: `${self} impact Secret/payments/db-credentials --file ${file}${earlier === undefined ? '' : ` --at ${earlier}`}`,
    },
  ];
}

/** Lines of text, each with its newline. */
export function* suggestionLines(place: DemoPlace, paint: Paint): Iterable<string> {
  yield `\n${paint('Try next', 'bold')} (in another terminal)\n`;
  for (const { question, command } of suggestionsFor(place)) {
    yield `\n  ${question}\n`;
    yield `    ${paint(command, 'cyan')}\n`;
  }
  yield `\n  Every question there is, to try in a browser\n    ${paint(`${place.url}/api/docs`, 'cyan')}\n\nStop with Ctrl-C.\n`;
}
