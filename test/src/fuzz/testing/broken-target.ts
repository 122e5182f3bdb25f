/** A fuzz target with three faults, each of which shows at one kind of input; for the tests of the fuzzer. */

export function fuzz(bytes: Buffer): void {
  if (bytes.includes('throw')) throw new Error('the planted fault');
  if (bytes.includes('hang')) for (;;);
  if (bytes.includes('grow')) for (const list: unknown[] = []; ; ) list.push({ list });
}
