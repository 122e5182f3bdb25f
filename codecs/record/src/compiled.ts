import { hexOf, putHex } from './hex.js';

/**
 * A function made of statements, for what a description says once and is then done over and over. They are made of the
 * tables of this project, never of what a peer sends, and may use {@link hexOf} and {@link putHex}.
 * @param parameters their names
 */
export function compiled(parameters: readonly string[], statements: readonly string[]): unknown {
  const code = `return (${parameters.join(', ')}) => {\n${statements.join('\n')}\n};`;
  return new Function('hexOf', 'putHex', code)(hexOf, putHex);
}

/** How the property of that name is written behind an object: `["low_beam"]`. */
export function propertyOf(name: string): string {
  return `[${JSON.stringify(name)}]`;
}
