import { HttpsContexts, PorticoError } from '@portico/core';
import type { ManagementConfig } from './config.js';

/** Reads the files that the section names, and forgets them again. @returns why the API would not start */
export function managementFileFaults({ enable, tls }: ManagementConfig): readonly PorticoError[] {
  if (!enable || !tls.enable) return [];
  try {
    new HttpsContexts(tls, 'management.tls');
    return [];
  } catch (error) {
    if (error instanceof PorticoError) return [error];
    throw error;
  }
}
