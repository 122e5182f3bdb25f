import { formatCompact, parseCompact, readCompactKey } from './model/compact.js';
import { parseObjectXml } from './model/object-xml.js';
import { ObjectXmlError } from './model/object-xml-error.js';
import type { ObjectDefinition } from './model/types.js';

/**
 * One run of a fuzzer: whatever the bytes are, as an object definition file they are either refused with a line
 * that they have, or give definitions, which are the same when they have been written as a line and read again.
 * @returns whether the bytes were an object definition file
 * @throws anything that it throws is a bug of the codec
 */
export function fuzz(bytes: Buffer): boolean {
  const objects = parseOrRefuse(bytes.toString('utf8'));
  for (const object of objects ?? []) {
    const line = formatCompact(object);
    const again = formatCompact(parseCompact(line));
    if (again !== line) throw new Error(`${line} was read back as ${again}`);
    if (readCompactKey(line)?.id !== object.id) throw new Error(`${line} has no key`);
  }
  return objects !== undefined;
}

function parseOrRefuse(text: string): readonly ObjectDefinition[] | undefined {
  try {
    return parseObjectXml(text);
  } catch (error) {
    if (!(error instanceof ObjectXmlError)) throw error;
    const lines = text.split('\n').length;
    if (error.line < 1 || error.line > lines) throw new Error(`of ${lines} lines: ${error.message}`);
    return undefined;
  }
}
