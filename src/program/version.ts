/** Name and version of this program, as package.json says. */
import { readFileSync } from 'node:fs';

const { name, version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  name: string;
  version: string;
};

export const program = { name, version, producer: `${name} ${version}` } as const;
