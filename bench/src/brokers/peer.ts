/**
 * How a peer is run. It must stay one process (with children, if need be) until SIGTERM. Its standard input stays open and
 * empty for as long as it is wanted.
 */
export interface Launch {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What it prints, to either output, once it can be used. */
  readonly ready: RegExp;
  /** Name and version for the report. */
  readonly title: string;
  /** How it is set up, for the report. */
  readonly settings: string;
}

/** A program that is measured. */
export interface Peer {
  readonly name: string;
  /**
   * @param port free on 127.0.0.1, TCP and UDP
   * @param folder of the peer's own, empty, removed afterwards
   * @throws Error when it is not installed
   */
  launch(port: number, folder: string): Launch;
}
