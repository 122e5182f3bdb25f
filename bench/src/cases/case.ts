import type { Peer } from '../brokers/peer.js';
import type { Load } from '../load/job.js';

/** One thing to measure: a load and the peers that get it. */
export interface Case {
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly load: Load;
  /** In the order of the report; each figure is set against those of all peers but the last, Portico. */
  readonly peers: readonly Peer[];
}
