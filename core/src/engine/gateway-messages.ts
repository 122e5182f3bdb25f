/** How many messages clients have sent and been sent. */
export interface MessageTotals {
  readonly received: number;
  readonly sent: number;
}

/** A message that was dropped, or a delivery, for one reason: how often that was, for clients of a gateway. */
export interface GatewayDrop {
  /** `mqtt`, `coap` …; `management` of messages that applications have published. */
  readonly gateway: string;
  readonly reason: string;
  readonly count: number;
}

const NOTHING: MessageTotals = { received: 0, sent: 0 };

/** Drops by gateway and reason. */
class Drops<Reason extends string> {
  readonly #counts = new Map<string, Map<Reason, { value: number }>>();
  // What was counted last is mostly what is counted next, and need not be looked up.
  #gateway: string | undefined;
  #reason: Reason | undefined;
  #count = { value: 0 };

  count(gateway: string, reason: Reason): void {
    if (gateway !== this.#gateway || reason !== this.#reason) this.#turnTo(gateway, reason);
    this.#count.value++;
  }

  #turnTo(gateway: string, reason: Reason): void {
    const reasons = this.#counts.get(gateway) ?? new Map<Reason, { value: number }>();
    const count = reasons.get(reason) ?? { value: 0 };
    reasons.set(reason, count);
    this.#counts.set(gateway, reasons);
    this.#gateway = gateway;
    this.#reason = reason;
    this.#count = count;
  }

  *list(): IterableIterator<GatewayDrop> {
    for (const [gateway, reasons] of this.#counts) {
      for (const [reason, { value }] of reasons) yield { gateway, reason, count: value };
    }
  }
}

/**
 * Messages by the gateway of the client that they are from or for, since the hub started. What clients that are connected
 * have sent and been sent, each counts for itself (`SessionView.traffic`): the way of a message has nothing more to count.
 */
export class GatewayMessages<PublicationReason extends string, DeliveryReason extends string> {
  /** Publications that reached no session, by the gateway that they came by. */
  readonly publicationDrops = new Drops<PublicationReason>();
  /** Deliveries that were dropped, by the gateway of the client that did not get them. */
  readonly deliveryDrops = new Drops<DeliveryReason>();
  readonly #past = new Map<string, MessageTotals>();

  /** A client is no longer connected. @param totals what it has sent and been sent while it was */
  disconnected(gateway: string, { received, sent }: MessageTotals): void {
    const past = this.past(gateway);
    this.#past.set(gateway, { received: past.received + received, sent: past.sent + sent });
  }

  /** What clients of a gateway have sent and been sent that are not connected any more. */
  past(gateway: string): MessageTotals {
    return this.#past.get(gateway) ?? NOTHING;
  }
}
