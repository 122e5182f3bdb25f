import { orRefuse } from './fuzzing.js';
import { formatLinks, parseLinks } from './links.js';

/**
 * One run of a fuzzer: whatever the bytes are, they are either refused with a FrameError or links, which are the
 * same when they have been written and read again.
 * @returns whether the bytes were links
 * @throws anything that it throws is a bug of the codec
 */
export function fuzz(bytes: Buffer): boolean {
  const links = orRefuse(() => parseLinks(bytes.toString('utf8')));
  if (links === undefined) return false;
  const written = formatLinks(links);
  const again = formatLinks(parseLinks(written));
  if (again !== written) throw new Error(`${written} was written back as ${again}`);
  return true;
}
