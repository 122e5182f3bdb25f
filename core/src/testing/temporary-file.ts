import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A file with that text, until the tests of this file are over. @returns its path */
export function temporaryFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'portico-file-'));
  after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  writeFileSync(path, text);
  return path;
}
