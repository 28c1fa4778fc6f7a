/** A store that answers and will not do what is asked: it takes no writes, no more clients, no more data, or makes everyone wait. */
import type { Resource } from '../../model/resource.ts';
import { callersOf } from '../calls.ts';
import type { Case } from '../case.ts';
import type { Refusing } from '../clues.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { serviceNamed } from '../services.ts';
import { isStore, storeOf } from '../stores.ts';
import type { Symptom } from '../symptoms.ts';
import { changed, spoken } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { downTo, kubectlName, recency } from './mechanism.ts';
import { saidAbout } from './said.ts';

const WHYS: Readonly<Record<Refusing, readonly [reason: string, words: string, remedy: string]>> = {
  writes: [
    'StoreReadOnly',
    'takes no writes',
    'See why it is read-only: an option, a full disk, or a replica that was taken for the primary.',
  ],
  clients: [
    'ConnectionsExhausted',
    'takes no more clients',
    'See who holds the connections; allow more, or pool them.',
  ],
  data: ['StoreOutOfMemory', 'takes no more data', 'Give it more memory, or let it evict.'],
  slow: ['SlowQueries', 'makes its clients wait', 'See which queries hold locks or lack an index.'],
};

export function* refusals(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { whole, since } = symptom;
  const seen = new Set<Refusing>();
  for (const said of saidAbout(known, symptom)) {
    if (said.clue.type !== 'refuses' || seen.has(said.clue.what)) continue;
    seen.add(said.clue.what);
    const isOwn = isStore(known, whole);
    const store = isOwn ? whole : storeOf(known, symptom);
    if (store === undefined) continue;
    const [reason, words, remedy] = WHYS[said.clue.what];
    const change = fieldChange(known, store, since, /^spec\./, 'spec');
    const callers = callersOf(known, store);
    const evidence: Evidence[] = [spoken(said, weights.named), ...changed(change, since, 0.6)];
    if (callers > 1) evidence.push(state(`${callers} applications complain of it`, weights.usual, store));
    if (said.clue.what === 'clients' && change === undefined && hasNewClient(known, store, since))
      evidence.push(state('who calls it was changed shortly before', -weights.usual, store));
    yield {
      subject: store,
      reason,
      summary: `${titleOf(store)} ${words}.`,
      evidence,
      path: isOwn ? downTo(symptom) : [titleOf(store), 'CALLS', ...downTo(symptom)],
      remedy: { summary: remedy, commands: [`kubectl logs ${kubectlName(store)}`] },
      // A change of its settings, or what it runs out of, has a cause of its own.
      ...(isOwn ? {} : { because: store }),
    };
  }
}

/** Whether a client of it was changed shortly before. */
function hasNewClient(known: Case, store: Resource, since: number): boolean {
  const service = serviceNamed(known, store);
  const clients = service ? known.sources(service.id, 'CALLS').map((one) => known.whole(one)) : [];
  return clients.some((client) => {
    const change =
      client.id === store.id ? undefined : fieldChange(known, client, since, /^spec\./, 'spec', 'template');
    return change !== undefined && recency(change.at, since) > 0.5;
  });
}
