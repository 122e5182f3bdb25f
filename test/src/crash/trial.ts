import { topicMatches } from '@portico/core';
import { Random } from '../support/random.js';
import { checkDeliveries, type DeliveryRecord, type Finding } from './delivery-check.js';
import { HubUnderTest, type StoreKeys } from './hub-under-test.js';
import { inTime } from './in-time.js';
import { Journal } from './journal.js';
import { Lane } from './lane.js';
import { Publisher } from './publisher.js';
import { Resubscriber } from './resubscriber.js';
import { RetainedReader } from './retained-reader.js';
import type { SessionClient } from './session-client.js';
import { checkRetained } from './state-check.js';
import { Subscriber, type Subscribing } from './subscriber.js';

/** Messages that a publisher may have on their way. */
const WINDOW = 20;
/** Publishers of messages that are delivered, and of retained ones. */
const [PUBLISHERS, RETAINERS] = [4, 2];
/** Topics of a publisher for each QoS. */
const LANES = 2;
/** Seconds after which the hub publishes the messages of every second lane, and the markers behind them. */
const DELAY = 1;

const SHARED = '$share/group/';
/** Of each subscriber; the levels of a topic are publisher, QoS and number of the lane. */
const SUBSCRIBERS: readonly Subscribing[] = [
  { filter: 'load/#', qos: 1, version: 4 },
  { filter: 'load/#', qos: 2, version: 4 },
  { filter: 'load/+/1/#', qos: 2, version: 5 },
  { filter: 'load/+/2/#', qos: 2, version: 5 },
  { filter: 'load/0/#', qos: 1, version: 4 },
  { filter: `${SHARED}load/#`, qos: 2, version: 4 },
  { filter: `${SHARED}load/#`, qos: 2, version: 5 },
];

/**
 * One chance in so many that a subscriber is away until the next kill, that a start is cut short, that the disk is
 * full before the kill, and that it has room again.
 */
const [AWAY, CUT_SHORT, FULL, FREED] = [3, 4, 4, 2];
/** Milliseconds after which it is killed in any case, and that a start takes before it is cut short, at most. */
const [IMPATIENCE, START] = [5000, 600];
/** Packets that come while the disk is full, at most. */
const PACKETS_WHEN_FULL = 1000;
/** Lines of the log that tell of something wrong … */
const WRONG = / (ERROR|FATAL): |the store takes nothing new on/;
/** … but for the alarm that a full disk is meant to bring about. */
const NO_ROOM = 'the store takes nothing new on: EFBIG';

export interface TrialOptions {
  /** Decides what is done; when it is done depends on the machine too. */
  readonly seed: number;
  readonly kills: number;
  /** The hub is killed when so many packets have come from it since its start, or fewer. */
  readonly mostPackets: number;
  readonly store: StoreKeys;
  /** Takes a line about each kill. */
  readonly report: (line: string) => void;
}

export interface TrialResult {
  readonly findings: readonly Finding[];
  readonly acknowledged: number;
  readonly received: number;
}

/** Publishers and subscribers at a hub that is killed again and again, and a judgement of what they have seen. */
export async function runTrial(options: TrialOptions): Promise<TrialResult> {
  const hub = await HubUnderTest.create();
  const trial = new Trial(hub, options);
  try {
    await trial.prepare();
    for (let kill = 1; kill <= options.kills; kill++) {
      await trial.loadAndKill();
      options.report(`kill ${kill} of ${options.kills}: ${trial.progress}`);
    }
    await trial.finish();
  } catch (error) {
    trial.halted(error);
  } finally {
    await trial.end();
  }
  return trial.result();
}

class Trial {
  readonly #hub: HubUnderTest;
  readonly #store: StoreKeys;
  readonly #mostPackets: number;
  readonly #random: Random;
  readonly #journal = new Journal();
  readonly #publishers: readonly Publisher[];
  readonly #retainers: readonly Publisher[];
  readonly #subscribers: readonly Subscriber[];
  readonly #marker: Publisher;
  readonly #resubscriber: Resubscriber;
  #port = 0;

  constructor(hub: HubUnderTest, { seed, store, mostPackets }: TrialOptions) {
    this.#hub = hub;
    this.#mostPackets = mostPackets;
    this.#store = store;
    this.#random = new Random(seed);
    this.#publishers = times(PUBLISHERS, (index) => this.#publisher(`publisher-${index}`, loadLanes(index)));
    this.#retainers = times(RETAINERS, (index) => this.#publisher(`retainer-${index}`, retainedLanes(index)));
    this.#subscribers = SUBSCRIBERS.map(
      (subscribing, index) =>
        new Subscriber(`subscriber-${index}`, this.#journal, subscribing, this.#ownRandom()),
    );
    const markers = this.#subscribers.map(({ marker }) => new Lane(marker, 1, false, DELAY));
    this.#marker = this.#publisher('marker', markers);
    this.#resubscriber = new Resubscriber('resubscriber', this.#journal, this.#ownRandom());
  }

  /** `12,345 messages acknowledged, 23,456 received` */
  get progress(): string {
    const { acknowledged, received } = this.#counts;
    return `${acknowledged.toLocaleString('en')} messages acknowledged, ${received.toLocaleString('en')} received`;
  }

  async prepare(): Promise<void> {
    this.#port = await this.#hub.start(this.#store);
    await this.#allStay();
    await Promise.all(this.#subscribers.map((one) => one.prepare()));
    await this.#resubscriber.prepare();
    for (const one of [...this.#publishers, ...this.#retainers]) one.begin();
  }

  /** Lets the clients do what they do, until the hub is killed; then it runs again, and so do they. */
  async loadAndKill(): Promise<void> {
    const away = this.#subscribers.filter(() => this.#random.below(AWAY) === 0);
    await Promise.all(away.map((one) => one.leave()));
    this.#resubscriber.begin();
    await this.#somePackets(this.#mostPackets);
    if (this.#random.below(FULL) === 0) await this.#fillDisk();
    await this.#kill();
    await this.#restart();
  }

  /** Waits until all has come that has to, also after a last kill. */
  async finish(): Promise<void> {
    const finished = [...this.#publishers, ...this.#retainers].map((one) => one.finish());
    await inTime('all acknowledgements', finished);
    await this.#allMarked();
    await this.#kill();
    await this.#restart();
    await this.#allMarked();
  }

  /** Why the trial did not come to its end. */
  halted(error: unknown): void {
    this.#journal.find('halt', error instanceof Error ? error.message : String(error));
  }

  /** The judgement. What has not come when the trial was halted may only have been late. */
  result(): TrialResult {
    const halted = this.#journal.findings.some(({ kind }) => kind === 'halt');
    for (const record of this.#records()) {
      const findings = checkDeliveries(record);
      this.#journal.findings.push(...findings.filter(({ kind }) => !halted || kind !== 'loss'));
    }
    return { findings: this.#journal.findings, ...this.#counts };
  }

  async end(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.leave()));
    await this.#hub.remove();
  }

  get #clients(): readonly SessionClient[] {
    return [...this.#publishers, ...this.#retainers, ...this.#subscribers, this.#marker, this.#resubscriber];
  }

  /** What each subscription got: the shared one through all its members. */
  #records(): DeliveryRecord[] {
    const members = this.#subscribers.filter(isShared);
    const others = this.#subscribers.filter((one) => !isShared(one));
    return [...others.map((one) => this.#record(one.name, [one])), this.#record('group', members)];
  }

  #record(name: string, subscribers: readonly Subscriber[]): DeliveryRecord {
    const [{ filter, qos } = { filter: '', qos: 1 as const }] = subscribers;
    const route = filter.replace(SHARED, '');
    return {
      subscriber: `${name} of ${filter}`,
      qos,
      lanes: this.#publishers.flatMap(({ lanes }) => lanes).filter(({ topic }) => topicMatches(topic, route)),
      receptions: subscribers.flatMap(({ receptions }) => receptions),
      shared: subscribers.length > 1,
    };
  }

  get #counts(): { acknowledged: number; received: number } {
    const lanes = [...this.#publishers, ...this.#retainers].flatMap((one) => one.lanes);
    const messages = lanes.flatMap((lane) => lane.messages);
    return {
      acknowledged: messages.filter(({ acknowledged }) => acknowledged).length,
      received: this.#subscribers.reduce((sum, { receptions }) => sum + receptions.length, 0),
    };
  }

  #publisher(name: string, lanes: readonly Lane[]): Publisher {
    return new Publisher(name, this.#journal, lanes, WINDOW, this.#ownRandom());
  }

  /** For a client: how often it asks depends on the time, and must not change what the trial does. */
  #ownRandom(): Random {
    return new Random(this.#random.below(2 ** 32));
  }

  async #allStay(): Promise<void> {
    const staying = this.#clients.map((client) => client.stay(this.#port));
    await inTime('all connections', staying);
  }

  /** Waits until each subscriber has got all that was acknowledged. */
  async #allMarked(): Promise<void> {
    const progress = () => this.#journal.packets;
    const marked = this.#subscribers.map((one) =>
      inTime(`the last message of ${one.name}`, [one.marked()], progress),
    );
    this.#marker.publishOnce();
    await Promise.all([...marked, this.#marker.finish()]);
  }

  async #somePackets(most: number): Promise<void> {
    await this.#journal.morePackets(1 + this.#random.below(most), IMPATIENCE);
  }

  async #fillDisk(): Promise<void> {
    this.#hub.fillDisk();
    await this.#somePackets(PACKETS_WHEN_FULL);
    if (this.#random.below(FREED) !== 0) return;
    this.#hub.freeDisk();
    await this.#somePackets(this.#mostPackets);
  }

  async #kill(): Promise<void> {
    const gone = this.#clients.map((client) => client.seeOff());
    const end = await this.#hub.kill();
    await Promise.all(gone);
    if (end !== 'SIGKILL') this.#journal.find('hub', `it ended with ${end}:\n${this.#hub.output}`);
    for (const line of this.#hub.output.split('\n')) {
      if (WRONG.test(line) && !line.includes(NO_ROOM)) this.#journal.find('hub', line);
    }
  }

  /** Looks at what the hub still knows before anybody changes it. */
  async #restart(): Promise<void> {
    while (this.#random.below(CUT_SHORT) === 0) {
      await this.#hub.killAtStart(this.#store, 1 + this.#random.below(START));
    }
    this.#port = await this.#hub.start(this.#store);
    const reader = new RetainedReader('reader', this.#journal, { cleanSession: true });
    const retained = this.#retainers.flatMap(({ lanes }) => lanes);
    this.#journal.findings.push(...checkRetained(retained, await reader.read(this.#port, 'retained/#')));
    await this.#resubscriber.stay(this.#port);
    await inTime('the subscriptions', [this.#resubscriber.check()]);
    await this.#allStay();
  }
}

function isShared({ filter }: Subscriber): boolean {
  return filter.startsWith(SHARED);
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function loadLanes(publisher: number): Lane[] {
  return ([1, 2] as const).flatMap((qos) =>
    times(
      LANES,
      (index) => new Lane(`load/${publisher}/${qos}/${index}`, qos, false, index % 2 === 1 ? DELAY : 0),
    ),
  );
}

function retainedLanes(publisher: number): Lane[] {
  return times(LANES, (index) => new Lane(`retained/${publisher}/${index}`, 1, true));
}
