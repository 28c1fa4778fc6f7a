/** Files that were made of a history, written down in it: the table `exports`. */
import { openDatabase } from './open.ts';

export interface Exported {
  /** What it is: `sqlite` for a backup. */
  readonly format: string;
  readonly path: string;
  readonly bytes: number;
}

/** Notes a file in the history that it was made of, beside whoever writes that. Rejects with a Problem where that is not to be had. */
export async function noteExport(url: string, { format, path, bytes }: Exported): Promise<void> {
  await using database = await openDatabase(url, { beside: true });
  // Of all clusters together, unless there is only one.
  const clusters = 'SELECT CASE count(DISTINCT cluster) WHEN 1 THEN max(cluster) END FROM kind';
  await database.rows(
    `INSERT INTO exports (cluster_id, format, file_path, file_size) SELECT (${clusters}), $1, $2, $3 RETURNING 0`,
    [format, path, bytes],
  );
}
