import { PorticoError } from '@portico/core';
import { ApiError } from './result-codes.js';

/** Does what an operator asks of a module. @throws ApiError that says why it cannot be done, and what is allowed */
export async function ofModule(act: () => Promise<void>): Promise<{ readonly data?: unknown }> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof PorticoError)) throw error;
    throw new ApiError(
      error.code === 'PORTICO_ERR_CHANGES' ? 'unavailable' : 'parameter_invalid',
      error.message,
    );
  }
  return {};
}
