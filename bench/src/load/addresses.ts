/** Servers tell UDP clients apart by where they send from: each has a port of its own, of several addresses. */
const FIRST_PORT = 10_000;
const PORTS = 20_000;

/** Where a client sends from, by its number. */
export function addressOf(index: number): { readonly address: string; readonly port: number } {
  return { address: `127.0.0.${2 + Math.floor(index / PORTS)}`, port: FIRST_PORT + (index % PORTS) };
}
