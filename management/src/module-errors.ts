import { type GatewayModule, PorticoError, watchChange } from '@portico/core';
import type { DataAnswer } from './endpoint.js';
import { ApiError } from './result-codes.js';

/** Does what an operator asks of a module, or of the configuration, and gives what comes of it. @throws ApiError that says why it cannot be done, and what is allowed */
export async function ofModule(act: () => Promise<unknown>): Promise<DataAnswer> {
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

/**
 * Changes a module, or its listeners, as {@link ofModule} does.
 * @param module undefined where something else is changed
 */
export async function changeOf(
  module: GatewayModule | undefined,
  act: () => Promise<void>,
): Promise<DataAnswer & { readonly warnings: readonly string[] }> {
  const warnings = module === undefined ? () => [] : watchChange(module);
  await ofModule(act);
  return { warnings: warnings() };
}
