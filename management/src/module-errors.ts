import { PorticoError } from '@portico/core';
import { ApiError } from './result-codes.js';

/** Does what an operator asks of a module, or of the configuration, and gives what comes of it. @throws ApiError that says why it cannot be done, and what is allowed */
export async function ofModule(act: () => Promise<unknown>): Promise<{ readonly data?: unknown }> {
  try {
    const data = await act();
    return data === undefined ? {} : { data };
  } catch (error) {
    if (!(error instanceof PorticoError)) throw error;
    throw new ApiError(
      error.code === 'PORTICO_ERR_CHANGES' ? 'unavailable' : 'parameter_invalid',
      error.message,
    );
  }
}
