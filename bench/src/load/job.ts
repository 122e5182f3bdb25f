/** MQTT clients that publish to topics and clients that are subscribed to them. */
export interface MqttLoad {
  readonly kind: 'mqtt';
  readonly publishers: number;
  readonly subscribers: number;
  /** Who publishes to what and who is subscribed to it, see {@link Pattern}. */
  readonly pattern: Pattern;
  /** Of publications and subscriptions. */
  readonly qos: 0 | 1 | 2;
  /**
   * How fast the publishers send: 'saturated' for as much as the broker takes (QoS 0), a number of messages that
   * each of them may have unacknowledged (QoS 1 and 2), or so many messages per second of all of them together.
   */
  readonly pace: 'saturated' | { readonly inFlight: number } | { readonly perSecond: number };
  readonly payloadBytes: number;
  readonly tls: boolean;
  /** Conditions of a list of clients that Portico's management API is asked for meanwhile, over and over. */
  readonly listing?: string;
}

/**
 * `spread`: publisher and subscriber number n use topic n modulo `topics`. `wildcards`: 1,000 topics, and 10,000
 * subscriptions of five shapes of which ten match each topic.
 */
export type Pattern = { readonly name: 'spread'; readonly topics: number } | { readonly name: 'wildcards' };

/** MQTT clients that connect, say goodbye and connect again. */
export interface ConnectLoad {
  readonly kind: 'connect';
  /** Connections being opened at a time. */
  readonly parallel: number;
}

/** MQTT clients that connect, subscribe to a topic of their own and then do nothing. */
export interface IdleLoad {
  readonly kind: 'idle';
  readonly connections: number;
}

/** MQTT clients that publish with QoS 1 what has to be kept for a client that is away. */
export interface DurableLoad {
  readonly kind: 'durable';
  readonly publishers: number;
  /** Messages that each of them may have unacknowledged. */
  readonly inFlight: number;
  readonly payloadBytes: number;
}

/** CoAP peers that PUT and wait for the response, then PUT again. */
export interface CoapLoad {
  readonly kind: 'coap';
  readonly peers: number;
  readonly payloadBytes: number;
  /** Whether over DTLS, with a pre-shared key. */
  readonly dtls: boolean;
}

/** CoAP observers of one topic, and a peer that publishes to it whenever all have been notified. */
export interface CoapObserveLoad {
  readonly kind: 'coap-observe';
  readonly observers: number;
  readonly payloadBytes: number;
}

/** DTLS clients that make a handshake with a pre-shared key, say goodbye and make another. */
export interface DtlsHandshakeLoad {
  readonly kind: 'dtls-handshake';
  /** Handshakes under way at a time. */
  readonly parallel: number;
}

/** DTLS clients with a pre-shared key that send a CoAP ping each and then do nothing. */
export interface DtlsIdleLoad {
  readonly kind: 'dtls-idle';
  readonly sessions: number;
}

/** MQTT-SN clients that PUBLISH with QoS 1 and wait for the PUBACK, then publish again. */
export interface MqttSnLoad {
  readonly kind: 'mqttsn';
  readonly clients: number;
  readonly payloadBytes: number;
}

/** MQTT-SN clients that connect, subscribe to a topic of their own and fall asleep. */
export interface MqttSnAsleepLoad {
  readonly kind: 'mqttsn-asleep';
  readonly clients: number;
}

/** Registered LwM2M devices that update, each when the one before it behind the same address has its answer. */
export interface Lwm2mUpdateLoad {
  readonly kind: 'lwm2m-update';
  /** Addresses, each with one update on its way. */
  readonly peers: number;
  readonly devicesPerPeer: number;
}

/** Registered LwM2M devices that are read by commands of an MQTT client, whose answers another one gets. */
export interface Lwm2mReadLoad {
  readonly kind: 'lwm2m-read';
  readonly devices: number;
  /** Commands on their way at a time. */
  readonly inFlight: number;
}

/** LwM2M devices that register and then do nothing, each from an address of its own. */
export interface Lwm2mIdleLoad {
  readonly kind: 'lwm2m-idle';
  readonly devices: number;
}

/** STOMP clients of which each publishes to one other as much as the broker takes. */
export interface StompLoad {
  readonly kind: 'stomp';
  /** Publishers, and as many subscribers. */
  readonly pairs: number;
  readonly payloadBytes: number;
}

/** JT/T 808 terminals that send locations and wait for the answers. */
export interface Jt808Load {
  readonly kind: 'jt808';
  readonly terminals: number;
  /** Locations that each of them may have unanswered. */
  readonly inFlight: number;
}

/** GB/T 32960 vehicles that send real-time reports to an MQTT client, and wait for the answers. */
export interface Gbt32960Load {
  readonly kind: 'gbt32960';
  readonly vehicles: number;
  /** Reports that each of them may have unanswered. */
  readonly inFlight: number;
}

/** Nothing but a codec in a peer that is no broker; each frame that it decodes or encodes counts as a delivery. */
export interface CodecLoad {
  readonly kind: 'codec';
}

export type Load =
  | StompLoad
  | MqttLoad
  | ConnectLoad
  | IdleLoad
  | DurableLoad
  | CoapLoad
  | CoapObserveLoad
  | DtlsHandshakeLoad
  | DtlsIdleLoad
  | MqttSnLoad
  | MqttSnAsleepLoad
  | Lwm2mUpdateLoad
  | Lwm2mReadLoad
  | Lwm2mIdleLoad
  | Jt808Load
  | Gbt32960Load
  | CodecLoad;

/** What the load process is told. */
export interface Job {
  readonly load: Load;
  /** Where the peer listens, on 127.0.0.1. */
  readonly port: number;
  /** The peer's process, whose processor time is counted. */
  readonly pid: number;
  /** Seconds before the window, for caches, JIT and buffers. */
  readonly warmUp: number;
  /** Seconds that are measured. */
  readonly window: number;
}

/** What the load process found. */
export interface Throughput {
  readonly kind: 'throughput';
  /** Deliveries or acknowledgements (MQTT), exchanges (CoAP, MQTT-SN, LwM2M), handshakes (DTLS) or connections per second in the window. */
  readonly perSecond: number;
  /** Processor time of the peer's process per delivery in the window, microseconds. */
  readonly cpuPerDelivery: number;
  /** Share of the window in which the peer's process had a processor: 1 is one core. */
  readonly cpuShare: number;
  /** Share of the window in which the peer could have run but other programs had its processor. */
  readonly waitedShare: number;
  /** Share of the window in which the load process itself had a processor. */
  readonly loadCpuShare: number;
  /** Over the whole run, warm-up and draining included. */
  readonly expected: number;
  readonly received: number;
  /** Milliseconds from publisher to subscriber, of all deliveries in the window; only for paced loads. */
  readonly latency?: { readonly median: number; readonly p99: number };
  /** Milliseconds from the question for a list of clients to the whole answer; only where there is one. */
  readonly listing?: { readonly median: number; readonly p99: number };
}

/** What connections cost that do nothing. */
export interface Footprint {
  readonly kind: 'footprint';
  /** Resident memory of the peer's process, bytes: before the first connection and with all of them. */
  readonly before: number;
  readonly after: number;
  readonly connections: number;
}

export type Measurement = Throughput | Footprint;
