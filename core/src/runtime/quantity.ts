/** How many there are of something, in words: `1 device`, `2 devices`. @param one what one of them is called; more have an s */
export function quantity(count: number, one: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${one}s`;
}
