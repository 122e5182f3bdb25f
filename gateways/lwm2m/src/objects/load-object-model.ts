import { formatCompact, ObjectModel } from '@portico/codec-lwm2m';
import type { Logger } from '@portico/core';
import { type FiledDefinition, listObjectFiles, readObjectFile } from './object-folder.js';
import { shippedDefinitions } from './shipped.js';

/**
 * All object definitions that the gateway knows: those that come with Portico, and those of an operator's folder,
 * which win over the shipped ones of the same object and version. A file that is wrong is named in the log and
 * left out. Where two files define the same version of an object differently, the log says so, and the one whose
 * path is later in the alphabet counts.
 * @param folder `gateways.lwm2m.xml_dir`
 * @throws PorticoError `PORTICO_ERR_OBJECT_FILES` when the folder cannot be read
 */
export function loadObjectModel(folder: string | undefined, log: Logger): ObjectModel {
  const model = new ObjectModel();
  for (const shipped of shippedDefinitions()) model.addCompact(shipped);
  if (folder === undefined) return model;
  const files = listObjectFiles(folder);
  const filed = files.flatMap((file) => readObjectFile(file, log));
  warnOfContradictions(filed, log);
  for (const { definition } of filed) model.add(definition);
  log.info({ folder, files: files.length, definitions: filed.length }, 'object definition files read');
  return model;
}

/**
 * Looks whether {@link loadObjectModel} would throw, without reading the files.
 * @param folder `gateways.lwm2m.xml_dir`
 * @throws PorticoError `PORTICO_ERR_OBJECT_FILES` when the folder cannot be read
 */
export function checkObjectFolder(folder: string | undefined): void {
  if (folder !== undefined) listObjectFiles(folder);
}

function warnOfContradictions(filed: readonly FiledDefinition[], log: Logger): void {
  const known = new Map<string, FiledDefinition>();
  for (const one of filed) {
    const { id, version } = one.definition;
    const key = `${id} ${version}`;
    const other = known.get(key);
    known.set(key, one);
    if (other === undefined || formatCompact(other.definition) === formatCompact(one.definition)) continue;
    log.warn(
      { object: id, version, file: one.file, instead_of: other.file },
      'two files define this version of the object differently',
    );
  }
}
