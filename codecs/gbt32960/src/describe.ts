import { COMMANDS } from './commands.js';
import { Encryption, type Gbt32960Frame, type MalformedFrame, ResponseFlag } from './frame.js';

/** A frame in one line, for people and logs. Never shows its data: there may be a password or a key in them. */
export function describe(frame: Gbt32960Frame | MalformedFrame): string {
  const { edition, command, response, vin, encryption } = frame;
  const parts = [
    `0x${command.toString(16).padStart(2, '0')}`,
    COMMANDS.get(command)?.name ?? 'unknown',
    `edition=${edition}`,
    `vin=${JSON.stringify(vinText(vin))}`,
  ];
  if (response !== ResponseFlag.Command) parts.push(`response=${response}`);
  if (encryption !== Encryption.None) parts.push(`encrypted=${encryption}`);
  if (frame.kind === 'frame') parts.push(`${frame.data.length} bytes`);
  else parts.push(`malformed (${frame.reason}) ${frame.bytes.length} bytes`);
  return parts.join(' ');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL stands behind short VINs.
const PADDING = /[\x00 ]+$/;

/** A VIN without the NULs and blanks behind it. */
export function vinText(vin: string): string {
  return vin.replace(PADDING, '');
}
