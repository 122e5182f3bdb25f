/** MQTT clients that publish to topics and clients that are subscribed to them. */
export interface MqttLoad {
  readonly kind: 'mqtt';
  readonly publishers: number;
  readonly subscribers: number;
  /** Publisher and subscriber number n use topic n modulo this. */
  readonly topics: number;
  /** Messages per second of all publishers together; 'saturated' for as many as the broker takes. */
  readonly rate: number | 'saturated';
  readonly payloadBytes: number;
}

/** CoAP peers that PUT and wait for the response, then PUT again. */
export interface CoapLoad {
  readonly kind: 'coap';
  readonly peers: number;
  readonly payloadBytes: number;
}

export type Load = MqttLoad | CoapLoad;

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
export interface Measurement {
  /** Deliveries (MQTT) or exchanges (CoAP) per second in the window. */
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
}
