import { readFileSync, statSync } from 'node:fs';
import { fileReason } from '@portico/core';
import { z } from 'zod';

/** Bytes of a file that an option names. */
const MAX_SIZE = 16 * 1024 * 1024;

/** From the path of a file to its bytes. */
export function fileContents() {
  return z.string().transform((path, context): Buffer => {
    const fail = (message: string) => {
      context.addIssue({ code: 'custom', message, input: path });
      return z.NEVER;
    };
    try {
      if (statSync(path).size > MAX_SIZE) return fail(`it has more than ${MAX_SIZE} bytes`);
      return readFileSync(path);
    } catch (error) {
      return fail(fileReason(error));
    }
  });
}
