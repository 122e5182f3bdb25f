import { type Store, StoreFailure } from '@portico/core';
import { ApiError } from './result-codes.js';

/** Resolves when all that was written so far is durable. @throws ApiError (it rejects) when it cannot be made so */
export async function durable(store: Store): Promise<void> {
  try {
    await store.commit();
  } catch (error) {
    if (error instanceof StoreFailure) throw new ApiError('unavailable', error.message);
    throw error;
  }
}
