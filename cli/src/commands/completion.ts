import type { Command } from 'commander';
import { completionScript, type Shell } from '../completion.js';
import { simulateCommand } from './simulate.js';

/** Prints the script that makes a shell complete `portico`. */
export function printCompletion(
  shell: Shell,
  program: Command,
  stdout: { write(text: string): unknown },
): void {
  // What stands behind `portico simulate` is the simulators' own.
  stdout.write(completionScript(shell, [program, simulateCommand(async () => {})]));
}
