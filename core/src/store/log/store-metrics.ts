import { type Histogram, SECONDS_BOUNDS } from '../../runtime/histogram.js';
import type { Counter, Gauge, Metrics } from '../../runtime/metrics.js';

/** What a {@link LogStore} counts. */
export class StoreMetrics {
  readonly writes: Counter;
  readonly batches: Counter;
  readonly bytesWritten: Counter;
  readonly batchTime: Histogram;
  readonly damaged: Counter;
  readonly lost: Counter;
  readonly failures: Counter;
  readonly liveBytes: Gauge;
  readonly totalBytes: Gauge;
  readonly entries: Gauge;

  constructor(metrics: Metrics) {
    this.writes = metrics.counter('store.writes', 'puts and deletes that are in the store');
    this.batches = metrics.counter('store.batches', 'times that puts and deletes were written together');
    this.bytesWritten = metrics.counter('store.bytes.written', 'bytes written into the store');
    this.batchTime = metrics.histogram(
      'store.batch.time',
      'seconds that it took to write puts and deletes together, onto the disk where store.sync is always',
      SECONDS_BOUNDS,
    );
    this.damaged = metrics.counter(
      'store.damaged',
      'places in the store whose contents were damaged and are lost',
    );
    this.lost = metrics.counter('store.lost', 'puts that were lost because too much waited for the disk');
    this.failures = metrics.counter('store.failures', 'times that the store took nothing new on');
    this.liveBytes = metrics.gauge('store.bytes.live', 'bytes of all present entries of the store');
    this.entries = metrics.gauge('store.entries', 'entries of the store');
    this.totalBytes = metrics.gauge('store.bytes.total', 'bytes that the store has on disk');
  }
}
