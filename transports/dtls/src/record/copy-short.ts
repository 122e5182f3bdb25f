/** Copies a few bytes. For up to some twenty of them a loop is several times quicker than `Buffer.copy`. */
export function copyShort(from: Buffer, fromAt: number, to: Buffer, toAt: number, length: number): void {
  for (let i = 0; i < length; i++) to[toAt + i] = from[fromAt + i] as number;
}
