/** Applications that call others, and are ready only when these answer. */
import { served } from './manifests.ts';

type Tree = Readonly<Record<string, unknown>>;

/** A program and its Service; it calls a URL again and again, and says in its language what does not answer. */
export function caller(namespace: string, name: string, url: string, tongue = 'go', more: Tree = {}): readonly Tree[] {
  return served(namespace, name, { args: ['-ready=all', `-upstream=${url}`, `-tongue=${tongue}`], ...more });
}
