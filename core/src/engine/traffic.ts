/** What has passed one connection, or one address of UDP, since it was made. */
export interface Traffic {
  readonly bytesReceived: number;
  /** Times that bytes came: reads of a stream, datagrams. */
  readonly reads: number;
  /** Without those that were malformed. */
  readonly framesReceived: number;
  readonly bytesSent: number;
  /** Times that bytes were written. */
  readonly writes: number;
  readonly framesSent: number;
}

/** Messages, and how many of them were of QoS 1 and 2; the others were of QoS 0. */
export interface MessageCounts {
  readonly total: number;
  readonly qos1: number;
  readonly qos2: number;
}

/** What a client that is connected has sent and been sent. */
export interface ClientTraffic {
  /** Of its connection, which it may share with others; undefined where it is reached by none at present. */
  readonly connection: Traffic | undefined;
  /** Publications since it connected, those that were refused too. */
  readonly received: MessageCounts;
  /** Of those, the ones that went nowhere: invalid, not authorized, or not to be kept. */
  readonly refused: number;
  /** Deliveries since it connected. */
  readonly sent: MessageCounts;
}
