import { parseSubscription } from '../../topics/topic.js';
import type { Engine } from '../engine.js';
import { deliveryKey, isOldDeliveryKey } from './delivery-key.js';
import { decodeDelivery } from './delivery-record.js';
import { numberOf, TABLES } from './keys.js';

/** Gives deliveries of format 1, whose keys are but a number, the keys that they have now. */
export async function upgradeDeliveries({ store, log }: Engine): Promise<void> {
  const old: (readonly [key: string, value: Buffer])[] = [];
  for await (const [key, value] of store.entries(TABLES.deliveries, isOldDeliveryKey)) {
    old.push([key, Buffer.from(value)]);
  }
  for (const [key, value] of old) {
    try {
      store.put(TABLES.deliveries, keyNow(key, value), value);
      store.delete(TABLES.deliveries, key);
    } catch (error) {
      log.error({ err: error, key }, 'a stored delivery cannot be understood');
    }
  }
}

function keyNow(key: string, value: Buffer): string {
  const { session, size, body, sent, filter } = decodeDelivery(value);
  const parsed = parseSubscription(filter);
  const atStart = sent || typeof parsed === 'string' || parsed.group !== undefined;
  const shared = typeof body === 'number' ? body : undefined;
  return deliveryKey({ session, number: numberOf(key), size, body: shared, atStart });
}
