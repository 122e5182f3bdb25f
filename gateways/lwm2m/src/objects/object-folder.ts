import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MAX_XML_LENGTH, type ObjectDefinition, ObjectXmlError, parseObjectXml } from '@portico/codec-lwm2m';
import { fileReason, type Logger, PorticoError } from '@portico/core';

/** What the file system says of folders in other words than of files. */
const FOLDER_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such folder',
  ENOTDIR: 'it is no folder',
};

const XML = /\.xml$/i;

/** One object definition and the file that it is from. */
export interface FiledDefinition {
  readonly file: string;
  readonly definition: ObjectDefinition;
}

/**
 * The object definition files (`*.xml`) of a folder and of the folders in it, as the OMA registry keeps earlier
 * versions in one; in the order of their paths.
 * @throws PorticoError `PORTICO_ERR_OBJECT_FILES` when the folder cannot be read
 */
export function listObjectFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => XML.test(name))
      .sort()
      .map((name) => join(folder, name));
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const reason = FOLDER_REASONS[code] ?? fileReason(cause);
    throw new PorticoError('PORTICO_ERR_OBJECT_FILES', `${folder} (gateways.lwm2m.xml_dir): ${reason}`, {
      cause,
    });
  }
}

/** The definitions of one file; none, and a line in the log with what is wrong and where, when it is no sound one. */
export function readObjectFile(file: string, log: Logger): readonly FiledDefinition[] {
  try {
    return parseObjectXml(readText(file)).map((definition) => ({ file, definition }));
  } catch (error) {
    if (!(error instanceof ObjectXmlError)) throw error;
    const { line, reason } = error;
    log.warn({ file, line, reason }, 'this object definition file is left out');
    return [];
  }
}

/** @throws ObjectXmlError also for a file that cannot be read */
function readText(file: string): string {
  try {
    if (statSync(file).size > MAX_XML_LENGTH)
      throw new RangeError(`it is longer than ${MAX_XML_LENGTH} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    throw new ObjectXmlError(1, fileReason(error));
  }
}
