/** Options that exclude each other. Contract: of two that contradict each other none is dropped in silence; the command is refused, with what to leave out. */
import type { Command } from 'commander';
import { Problem } from '../../model/problem.ts';

/** The argument of a command that may be given a recording to ask. */
export const FILE = 'FILE';

/** What is chosen, and the options that choose it, any number of them together. */
export type Choices = Readonly<Record<string, readonly string[]>>;

/** Lets a command choose one of these only. Options that it does not have are never given. */
export function apart(command: Command, choices: Choices): Command {
  const given = new Set<string>();
  for (const flag of Object.values(choices).flat())
    command.on(`option:${flag.replace('--', '')}`, () => given.add(flag));
  return command.hook('preAction', () => {
    if (hasFile(command)) given.add(FILE);
    const [first, second] = Object.entries(choices).flatMap(([what, flags]) => {
      const flag = flags.find((each) => given.has(each));
      return flag === undefined ? [] : [{ what, flag }];
    });
    if (first === undefined || second === undefined) return;
    throw new Problem(
      'invalid-input',
      `${first.flag} and ${second.flag} contradict each other: leave out ${second.flag} for ${first.what}, or ${first.flag} for ${second.what}.`,
    );
  });
}

function hasFile({ registeredArguments: [argument], processedArgs: [value] }: Command): boolean {
  return argument?.name() === 'file' && !argument.required && value !== undefined && value.length > 0;
}
