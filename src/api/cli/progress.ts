/** How far something is, on one line of a terminal that is written again and again; nothing elsewhere. */
import type { Io } from './io.ts';

export interface Progress {
  show(text: string): void;
  /** Clears the line. */
  end(): void;
}

const EVERY_MS = 200;

export function progressOn({ terminal, stderr }: Io): Progress {
  let shown = 0;
  let width = 0;
  const write = (text: string): void => {
    stderr.write(`\r${text.padEnd(width)}`);
    width = text.length;
  };
  return {
    show(text) {
      if (!terminal.stderr || Date.now() - shown < EVERY_MS) return;
      shown = Date.now();
      write(text);
    },
    end() {
      if (width === 0) return;
      write('');
      stderr.write('\r');
    },
  };
}
