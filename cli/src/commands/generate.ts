import { writeFileSync } from 'node:fs';
import { generatedFiles } from '../generated-files.js';
import { inRoot } from '../paths.js';

/** Writes the files of the repository that are made from the configuration's schema. */
export function generate(stdout: { write(text: string): unknown }): void {
  for (const { path, text } of generatedFiles()) {
    writeFileSync(inRoot(path), text);
    stdout.write(`${path}\n`);
  }
}
