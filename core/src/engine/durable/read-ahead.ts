import type { StoredDelivery } from './stored-delivery.js';

/** Stored messages of a session that are in memory too because they go next; the rest is on disk. */
const MESSAGES = 100;
/** Bytes of them, see `Message.size`; the last one may reach beyond. */
const BYTES = 1024 * 1024;

/** Whether messages that wait, so many, are so few that they had better be in memory. */
export function areFew(messages: number, bytes: number): boolean {
  return messages < MESSAGES && bytes < BYTES;
}

/** Those of the deliveries that are to be in memory, from the first on. */
export function* ahead<Delivery extends { readonly stored: StoredDelivery | undefined }>(
  deliveries: Iterable<Delivery>,
): Generator<Delivery> {
  let messages = 0;
  let bytes = 0;
  for (const delivery of deliveries) {
    if (!areFew(messages, bytes)) return;
    yield delivery;
    messages++;
    bytes += delivery.stored?.size ?? 0;
  }
}
