import type { Command, Operation } from '../commands/command.js';
import type { Device } from '../device.js';
import { Observation, subjectOf } from './observation.js';
import type { ObservationStore } from './observation-store.js';
import type { TokenTable } from './token-table.js';

/** What is observed of one device. A device of which nothing is observed needs none. */
export class DeviceObservations {
  readonly #device: Device;
  readonly #tokens: TokenTable;
  readonly #store: ObservationStore;
  #list: Observation[];

  /** @param list those that were stored */
  constructor(device: Device, tokens: TokenTable, store: ObservationStore, list: Observation[] = []) {
    this.#device = device;
    this.#tokens = tokens;
    this.#store = store;
    this.#list = list;
    for (const { token } of list) tokens.add(token, device);
  }

  get size(): number {
    return this.#list.length;
  }

  /** Whether a path is observed by itself. */
  has(path: string): boolean {
    return this.#list.some(({ command }) => subjectOf(command.operation) === path);
  }

  /** By its token. */
  find(token: Buffer): Observation | undefined {
    return this.#list.find((observation) => observation.token.equals(token));
  }

  /** Of what an operation observes, or no longer is to. */
  of(operation: Operation): Observation | undefined {
    const subject = subjectOf(operation);
    if (subject === undefined) return undefined;
    return this.#list.find(({ command }) => subjectOf(command.operation) === subject);
  }

  /** The device has taken an observation on; it takes the place of that of the same subject. */
  begin(token: Buffer, command: Command): void {
    const before = this.of(command.operation);
    if (before !== undefined) this.#remove(before);
    this.#list.push(new Observation(token, command));
    this.#tokens.add(token, this.#device);
    this.#store.save(this.#device.endpoint, this.#list);
  }

  /** The hub wants no more notifications of it: they are answered with a Reset. */
  end(observation: Observation): void {
    this.#remove(observation);
    this.#store.save(this.#device.endpoint, this.#list);
  }

  #remove(observation: Observation): void {
    this.#list = this.#list.filter((other) => other !== observation);
    this.#tokens.delete(observation.token);
  }

  /** The device has forgotten them all. */
  clear(): void {
    for (const { token } of this.#list) this.#tokens.delete(token);
    this.#list = [];
    this.#store.forget(this.#device.endpoint);
  }
}
