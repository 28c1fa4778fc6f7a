/** A process that is to be killed: writes the load to the history at an address, and says on standard output how many moments are acknowledged. */
import { openHistory } from '../../src/sinks/history/history.ts';
import { openDatabase } from '../../src/sinks/history/open.ts';
import { HistoryReader } from '../../src/sinks/history/reader.ts';
import { loadAt } from '../support/history-load.ts';

const [url = ''] = process.argv.slice(2);
const history = await openHistory(url);
const database = await openDatabase(url, { readOnly: true });
const before = (await new HistoryReader(database).last())?.moment ?? 0;
await database.close();

let told = -1;
setInterval(() => {
  if (history.status.written === told) return;
  told = history.status.written;
  // Pipes take it at once on Linux, so that it is said when this process is killed the next moment.
  process.stdout.write(`${before + told}\n`);
}, 1);

for (let number = before + 1; ; number++) {
  history.write(loadAt(number));
  if (number % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  await history.room();
}
