import { type ChangeWarnings, PorticoError } from '@portico/core';
import type { DataAnswer } from './endpoint.js';
import { ApiError } from './result-codes.js';

/** Does what an operator asks of a module, or of the configuration, and gives what comes of it. @throws ApiError that says why it cannot be done, and what is allowed */
export async function ofModule(act: () => Promise<unknown>): Promise<DataAnswer> {
  const data = await orRefused(act);
  return data === undefined ? {} : { data };
}

/** Changes a module, its listeners, or another section of the configuration, as {@link ofModule} does. */
export async function changeOf(
  act: () => Promise<ChangeWarnings>,
): Promise<DataAnswer & { readonly warnings: ChangeWarnings }> {
  return { warnings: await orRefused(act) };
}

async function orRefused<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof PorticoError)) throw error;
    throw new ApiError(
      error.code === 'PORTICO_ERR_CHANGES' ? 'unavailable' : 'parameter_invalid',
      error.message,
    );
  }
}
