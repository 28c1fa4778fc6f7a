/** A past to ask without a server: of a history's file, or of a recording, whose history is made in memory. */
import { Graph } from '../graph/graph.ts';
import { kinds } from '../kinds/index.ts';
import { silentLogger } from '../lib/logger.ts';
import { type GroupKind, kindKey } from '../model/groups.ts';
import type { Context, KindInfo, Past } from '../operations/operation.ts';
import { entriesOf } from '../sinks/history/remember.ts';
import { openSqlite } from '../sinks/history/sqlite.ts';
import { HistoryWriter } from '../sinks/history/writer.ts';
import type { Config } from './config.ts';
import { checkRecording, type Inputs, inputsOf, type Origin, type Reading } from './inputs.ts';
import { rulesOf } from './live-relations.ts';
import { asOfEnd, openKeptHistory, openPast, openProgram, type Surroundings } from './open.ts';
import { runAll } from './pipeline.ts';

export interface OpenPast extends Pick<Inputs, 'report'> {
  /** For questions about the past. Of a recording its view is the end of it, for any question; of a history it is empty. */
  readonly context: Context & { readonly past: Past };
  close(): Promise<void>;
}

/** Opens the configured history. Throws Problem `store-unreachable` when there is none. */
export async function pastOfHistory(config: Config, now: () => number): Promise<OpenPast> {
  const database = await openKeptHistory(config);
  const rules = rulesOf(config);
  const past = openPast(config, { rules, now, database });
  const known = new Set(kinds.map(kindKey));
  const others = (await past.history.kinds()).filter((kind) => !known.has(kindKey(kind)));
  const { view } = new Graph({ describer: rules.describer });
  return {
    context: { past, view, kinds: [...kinds, ...others.map(plainKind)] },
    async close() {
      past.end();
      await database.close();
    },
  };
}

/** Reads a whole recording into a history of its own. Throws what reading it throws. */
export async function pastOfRecording(config: Config, origin: Origin, io: Surroundings & Reading): Promise<OpenPast> {
  const { sources, rules, report } = inputsOf(config, origin, io, 'once');
  const database = openSqlite(':memory:');
  const writer = await HistoryWriter.open(database);
  let written = Promise.resolve();
  const program = openProgram(config, {
    rules,
    now: io.now,
    log: silentLogger,
    witness: {
      see(commit, view) {
        const entries = entriesOf(commit, view, rules.describer);
        written = written.then(() => writer.write(entries));
      },
      room: () => written,
    },
  });
  const { pipeline } = program;
  await runAll(pipeline, sources, io.stop);
  await written;
  checkRecording(report, origin.file);
  const past = openPast(config, { rules, now: io.now, database, ended: true });
  return {
    context: { ...program.context, ...asOfEnd(origin, report, pipeline), past },
    ...(report && { report }),
    async close() {
      past.end();
      await program.close();
      await database.close();
    },
  };
}

/** A kind of which only its name is known. */
function plainKind({ group, kind }: GroupKind): KindInfo {
  return { group, kind, plural: kind.toLowerCase(), namespaced: true };
}
