import { isPromise, type MaybePromise } from '../runtime/maybe-promise.js';
import type { AwaitingRelease } from './awaiting-release.js';
import { isTaken, type PublishResult } from './outcomes.js';
import type { AttachedSession, Publication } from './types.js';

/**
 * Publishes a QoS 2 message unless its packet id waits for its release already (MQTT 5 §4.3.3).
 * @see AttachedSession.publishOnce
 */
export function publishOnce(
  session: Pick<AttachedSession, 'publish'>,
  awaiting: AwaitingRelease,
  packetId: number,
  publication: Publication,
): MaybePromise<PublishResult> {
  const pending = awaiting.pending(packetId);
  if (pending !== undefined) return pending;
  if (awaiting.has(packetId)) {
    // Written once more: what is answered now waits until the first one is durable.
    awaiting.taken(packetId);
    return 'duplicate';
  }
  if (awaiting.full) return 'quota_exceeded';
  awaiting.add(packetId);
  try {
    const result = session.publish(publication);
    if (!isPromise(result)) return keepIfTaken(awaiting, packetId, result);
    return awaiting.await(packetId, keepIfTakenLate(awaiting, packetId, result));
  } catch (error) {
    awaiting.release(packetId);
    throw error;
  }
}

/** A QoS 2 publication that is refused, or fails, ends with that: no release will come. */
function keepIfTaken(awaiting: AwaitingRelease, packetId: number, result: PublishResult): PublishResult {
  if (isTaken(result)) awaiting.taken(packetId);
  else awaiting.release(packetId);
  return result;
}

async function keepIfTakenLate(
  awaiting: AwaitingRelease,
  packetId: number,
  result: Promise<PublishResult>,
): Promise<PublishResult> {
  try {
    return keepIfTaken(awaiting, packetId, await result);
  } catch (error) {
    awaiting.release(packetId);
    throw error;
  }
}
