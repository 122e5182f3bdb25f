import { PorticoError } from '../../runtime/errors.js';
import { fileReason } from '../../runtime/file-reason.js';

/** What the operator is told when a store could not be opened. @param path its folder */
export function asStoreError(error: unknown, path: string): PorticoError {
  if (error instanceof PorticoError) return error;
  return new PorticoError('PORTICO_ERR_STORE', `${path}: ${fileReason(error)}`, { cause: error });
}
