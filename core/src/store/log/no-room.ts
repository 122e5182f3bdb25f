/** Of the errors of the file system, those that say that there is no room. */
const CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Whether an error of the file system says that the disk, or what may be used of it, is full. */
export function saysFull(error: unknown): boolean {
  return CODES.has((error as NodeJS.ErrnoException).code ?? '');
}
