import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { generatedFiles } from '../generated-files.js';
import { inRoot } from '../paths.js';

/** Writes the files of the repository that are made from the configuration's schema and from the commands. */
export function generate(program: Command, stdout: { write(text: string): unknown }): void {
  for (const { path, text } of generatedFiles(program)) {
    writeFileSync(inRoot(path), text);
    stdout.write(`${path}\n`);
  }
}
