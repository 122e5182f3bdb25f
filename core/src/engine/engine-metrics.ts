import type { Clock } from '../runtime/clock.js';
import { type Histogram, SECONDS_BOUNDS } from '../runtime/histogram.js';
import type { Counter, CounterSet, Gauge, Metrics } from '../runtime/metrics.js';
import type { ClientInfo } from './client-info.js';
import { GatewayMessages } from './gateway-messages.js';
import type { Message, QoS } from './message.js';
import type { DeliveryRefusal } from './outcomes.js';

const MESSAGE_COUNTERS = {
  'messages.received': 'messages received from clients',
  'messages.qos0.received': 'QoS 0 messages received from clients',
  'messages.qos1.received': 'QoS 1 messages received from clients',
  'messages.qos2.received': 'QoS 2 messages received from clients',
  'messages.sent': 'messages sent to clients',
  'messages.qos0.sent': 'QoS 0 messages sent to clients',
  'messages.qos1.sent': 'QoS 1 messages sent to clients',
  'messages.qos2.sent': 'QoS 2 messages sent to clients',
  'messages.publish': 'messages published, those of the hub itself excepted',
  'messages.delivered': 'messages handed to subscribed sessions',
  'messages.acked': 'acknowledgements of deliveries received',
  'messages.dropped': 'messages dropped before they reached a session',
  'messages.dropped.no_subscribers': 'messages dropped because nobody is subscribed',
  'messages.dropped.expired': 'messages dropped because they expired before they could be routed',
  'messages.dropped.not_authorized': 'messages dropped because the publisher may not publish to the topic',
  'messages.dropped.refused': 'messages dropped because a hook did not let them through',
  'messages.dropped.storage_failed': 'messages refused because the store could not have kept them',
  'messages.dropped.too_many_delayed':
    'messages dropped because more wait for their time than broker.delayed allows',
  'messages.dropped.lost': 'delayed messages that the store could not give back',
  'messages.dropped.invalid': 'messages dropped because of their topic, QoS or retain flag',
  'messages.forward': 'messages forwarded to other nodes',
  'messages.delayed': 'messages kept until their time has come',
  'messages.retained': 'retained messages stored',
  'messages.retained.refused': 'retained messages not stored because of a limit, but delivered',
  'messages.await_rel_timeout': 'QoS 2 packet identifiers forgotten because no release came',
  'delivery.dropped': 'deliveries dropped, all reasons',
  'delivery.dropped.too_large': 'deliveries dropped because the client takes no packet of that size',
  'delivery.dropped.no_topic_id': 'deliveries dropped because the client has no topic id left',
  'delivery.dropped.unwanted': 'deliveries dropped because the client no longer wants them',
  'delivery.dropped.queue_full': 'QoS 1 and 2 deliveries dropped because the queue was full',
  'delivery.dropped.qos0_msg': 'QoS 0 deliveries dropped because the queue was full or the client away',
  'delivery.dropped.quota': 'deliveries dropped because more waited on disk than max_mqueue_bytes allows',
  'delivery.dropped.expired': 'deliveries dropped because the message expired in the queue',
  'delivery.dropped.no_local': 'deliveries left out because the client published the message itself',
  'delivery.dropped.outside_mountpoint':
    'deliveries left out because nothing of the topic is below the mountpoint',
  'delivery.dropped.abandoned': 'deliveries dropped because the client never acknowledged them',
  'delivery.dropped.session_ended': 'deliveries dropped because the session ended with them waiting',
  'delivery.dropped.lost': 'deliveries dropped because the store could not give back their message',
  'delivery.dropped.unacknowledged': 'deliveries that were sent and not acknowledged when the session ended',
} as const;

const CLIENT_COUNTERS = {
  'client.connect': 'clients that asked to connect',
  'client.connack': 'answers to clients that asked to connect',
  'client.connected': 'clients connected',
  'client.banned': 'clients refused because they are banned',
  'client.flapping': 'clients banned because they disconnected too often',
  'client.disconnected': 'clients disconnected',
  'client.subscribe': 'requests to subscribe',
  'client.unsubscribe': 'requests to unsubscribe',
  'session.created': 'sessions created',
  'session.discarded': 'sessions discarded by a clean start',
  'session.resumed': 'sessions resumed',
  'session.takeovered': 'sessions taken over from a living connection',
  'session.force_shutdown': 'sessions ended because more was held for them than force_shutdown allows',
  'session.terminated': 'sessions ended',
} as const;

const GAUGES = {
  connections: 'clients connected',
  live_connections: 'clients connected, as the reference calls them',
  channels: 'sessions, connected or not',
  sessions: 'sessions, connected or not',
  topics: 'filters with subscriptions',
  routes: 'filters with subscriptions',
  suboptions: 'subscriptions, shared ones included',
  subscribers: 'sessions with subscriptions',
  subscriptions: 'subscriptions, shared ones included',
  'subscriptions.shared': 'shared subscriptions',
  retained: 'retained messages',
  delayed: 'messages that wait for their time',
  bans: 'bans',
} as const;

type CounterName = keyof typeof MESSAGE_COUNTERS | keyof typeof CLIENT_COUNTERS;
type GaugeName = keyof typeof GAUGES;

/** Of so many messages sent, a power of two, one is looked at for how long it took. */
const SAMPLE = 256;

/** Why a publication never reached a session; each has its counter `messages.dropped.<reason>`. */
export type PublicationDrop =
  | 'no_subscribers'
  | 'not_authorized'
  | 'refused'
  | 'expired'
  | 'storage_failed'
  | 'too_many_delayed'
  | 'invalid';

/** Reasons for which a delivery to one session is dropped. */
export type DeliveryDrop =
  | DeliveryRefusal
  | 'queue_full'
  | 'expired'
  | 'no_local'
  | 'outside_mountpoint'
  | 'abandoned'
  | 'session_ended'
  | 'quota'
  | 'lost'
  | 'unacknowledged';

/** The client that something was counted for, if it was for one. */
type Concerned = Pick<ClientInfo, 'gateway'> | undefined;

/** The engine's own counters and gauges, under the names of the management API. */
export class EngineMetrics {
  readonly counters: CounterSet<CounterName>;
  readonly gauges: Readonly<Record<GaugeName, Gauge>>;
  /** Handed to sessions; a field of its own because the hot path counts here. */
  readonly delivered: Counter;
  readonly published: Counter;
  readonly acked: Counter;
  readonly byGateway = new GatewayMessages<PublicationDrop, DeliveryDrop>();
  readonly #received: Counter;
  readonly #sent: Counter;
  readonly #receivedByQos: readonly [Counter, Counter, Counter];
  readonly #sentByQos: readonly [Counter, Counter, Counter];
  readonly #deliveryTime: Histogram;
  // By reason: names are not put together for each message.
  readonly #publicationDrops: Readonly<Record<PublicationDrop, Counter>>;
  readonly #deliveryDrops: Readonly<Record<DeliveryDrop, Counter>>;

  constructor(metrics: Metrics) {
    this.counters = metrics.counterSet({ ...MESSAGE_COUNTERS, ...CLIENT_COUNTERS });
    const gauges: Partial<Record<GaugeName, Gauge>> = {};
    for (const [name, help] of Object.entries(GAUGES)) gauges[name as GaugeName] = metrics.gauge(name, help);
    this.gauges = gauges as Record<GaugeName, Gauge>;
    const byQos = (direction: 'received' | 'sent'): [Counter, Counter, Counter] => [
      this.counters[`messages.qos0.${direction}`],
      this.counters[`messages.qos1.${direction}`],
      this.counters[`messages.qos2.${direction}`],
    ];
    this.delivered = this.counters['messages.delivered'];
    this.published = this.counters['messages.publish'];
    this.acked = this.counters['messages.acked'];
    this.#received = this.counters['messages.received'];
    this.#sent = this.counters['messages.sent'];
    this.#receivedByQos = byQos('received');
    this.#sentByQos = byQos('sent');
    this.#publicationDrops = this.#below('messages.dropped.');
    this.#deliveryDrops = this.#below('delivery.dropped.');
    this.#deliveryTime = metrics.histogram(
      'delivery.time',
      `seconds from publication to sending, waiting included, of one message in ${SAMPLE} that was sent`,
      SECONDS_BOUNDS,
    );
  }

  countReceived(qos: QoS): void {
    this.#received.value++;
    this.#receivedByQos[qos].value++;
  }

  countSent(message: Message, qos: QoS, clock: Clock): void {
    this.#sentByQos[qos].value++;
    if (this.#sent.value++ % SAMPLE === 0) this.#takeTime(message, clock);
  }

  /** A retained message may be any age: it tells nothing of how fast the hub is. */
  #takeTime({ retain, timestamp }: Message, clock: Clock): void {
    if (!retain) this.#deliveryTime.observe(Math.max(0, clock.now() - timestamp) / 1000);
  }

  /** The counters whose names begin so, by what follows. */
  #below<Reason extends string>(prefix: string): Readonly<Record<Reason, Counter>> {
    const counters = Object.values(this.counters).filter(({ name }) => name.startsWith(prefix));
    const byReason = counters.map((counter) => [counter.name.slice(prefix.length), counter] as const);
    return Object.fromEntries(byReason) as Record<Reason, Counter>;
  }

  /** A publication of a client reached no session; one that never became a message is `invalid`. */
  countDropped(reason: PublicationDrop, client: Concerned): void {
    this.counters['messages.dropped'].value++;
    this.#publicationDrops[reason].value++;
    if (client !== undefined) this.byGateway.publicationDrops.count(client.gateway, reason);
  }

  /** A delayed message that is not in the store any more. */
  countLost(): void {
    this.counters['messages.dropped'].value++;
    this.counters['messages.dropped.lost'].value++;
  }

  /** A delivery to a client was dropped. */
  countDrop(reason: DeliveryDrop, { gateway }: ClientInfo): void {
    this.counters['delivery.dropped'].value++;
    this.#deliveryDrops[reason].value++;
    this.byGateway.deliveryDrops.count(gateway, reason);
  }
}
