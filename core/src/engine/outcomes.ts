import type { AuthenticationRefusal } from '../access/types.js';
import type { Message, QoS } from './message.js';

/**
 * Why the hub does not let a client in. Each gateway maps this, as the other refusals, to its protocol's codes by
 * table; the names follow MQTT 5 §2.4.
 */
export type ConnectRefusal =
  | AuthenticationRefusal
  | 'clientid_invalid'
  | 'banned'
  /** Its gateway is stopping. */
  | 'server_unavailable'
  | WillRefusal
  | 'unspecified';

/** Why a client may not have a will. */
export type WillRefusal =
  | MessageRefusal
  /** It holds too much. */
  | 'quota_exceeded';

/** Why a message may not be published as it is. */
export type MessageRefusal = 'topic_name_invalid' | 'qos_not_supported' | 'retain_not_supported';

/** Why a publication is refused. */
export type PublishRefusal =
  | MessageRefusal
  | 'not_authorized'
  /** Too many of QoS 2 wait for their release. */
  | 'quota_exceeded'
  /** It would have to be kept, and the store cannot write. */
  | 'storage_failed'
  | 'unspecified';

/** Why a subscription is refused. */
export type SubscribeRefusal =
  | 'not_authorized'
  | 'topic_filter_invalid'
  | 'shared_subscriptions_not_supported'
  | 'wildcard_subscriptions_not_supported'
  /** The client has too many. */
  | 'quota_exceeded'
  /** It would have to be kept, and the store cannot write. */
  | 'storage_failed'
  | 'unspecified';

/** What became of a publication. */
export type PublishResult =
  | 'ok'
  /** Taken, but nobody is subscribed. */
  | 'no_subscribers'
  /** A second PUBLISH with a packet id that still waits for its release: answer again, nothing was published. */
  | 'duplicate'
  | PublishRefusal;

/** Whether the hub has a publication now, whoever gets it. */
export function isTaken(result: string): result is Exclude<PublishResult, PublishRefusal> {
  return result === 'ok' || result === 'no_subscribers' || result === 'duplicate';
}

export type SubscribeResult =
  | { readonly ok: true; readonly qos: QoS }
  | { readonly ok: false; readonly refusal: SubscribeRefusal };

/** A look at a retained message. */
export type RetainedResult =
  /** Undefined where there is none. It is the hub's: not to be changed. */
  | { readonly ok: true; readonly message: Message | undefined }
  | { readonly ok: false; readonly refusal: 'not_authorized' | 'topic_name_invalid' | 'unspecified' };

export type UnsubscribeResult = 'ok' | 'no_subscription' | 'topic_filter_invalid';

/** Why a channel does not take a delivery, which is dropped then and counted with that reason. */
export type DeliveryRefusal =
  /** It is larger than the client, or its protocol, ever takes. */
  | 'too_large'
  /** The client has no topic id left (MQTT-SN). */
  | 'no_topic_id'
  /** It is of QoS 0, and too much waits for the client already. */
  | 'qos0_msg'
  /** The client has taken back what it asked for meanwhile. Another member of a shared subscription gets it. */
  | 'unwanted';

/** What became of a delivery. */
export type DeliverResult = 'ok' | DeliveryRefusal;

/**
 * What became of a client's acknowledgement: it was taken; nothing with its packet id is in flight; or what is
 * in flight awaits another one, and goes on awaiting it.
 */
export type AckResult = 'ok' | 'unknown' | 'unexpected';

/** Why a session leaves its channel while the connection is up. */
export type DetachReason =
  /** The same client id connected elsewhere and took the session over or discarded it. */
  | 'taken_over'
  /** More was held for it than `maxHeldBytes`. */
  | 'quota_exceeded'
  /** An operator ended it. */
  | 'kicked'
  /** It has been banned. */
  | 'banned'
  /** The hub or the gateway is stopping. */
  | 'server_shutdown'
  /** An access rule was broken where `acl_deny_action` is `disconnect`. */
  | 'not_authorized';
