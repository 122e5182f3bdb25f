/** A message in the store, once for all deliveries of it. */
export interface StoredBody {
  readonly number: number;
  /** Deliveries that need it. */
  references: number;
}

/** A delivery as the store knows it. Goes with the delivery from the queue to the inflight window. */
export interface StoredDelivery {
  /** Grows with each delivery that is stored: it is the order of the queue. */
  readonly number: number;
  /** See `DeliveryKey`. */
  key: string;
  /** What the client is sent it under, fixed from the beginning: it is the same after a restart. */
  readonly packetId: number;
  /**
   * Where the message is: in the delivery's own record, or once for several. Undefined when the client has it and only
   * the end of the exchange is outstanding.
   */
  body: StoredBody | 'own' | undefined;
  /** Bytes of the message, see `Message.size`. */
  readonly size: number;
  /** `Store.written` when it was stored. */
  readonly writtenAt: number;
  /** It has been forgotten: whoever still reads for it need not. */
  gone: boolean;
}
