export const DELIMITER = 0x7e;
const ESCAPE = 0x7d;

/** The body of 0x0200: where a vehicle is and how, with ten additional items (JT/T 808-2019 table 27). */
export const LOCATION = [
  '000000000000000301dc8950073d8aa5000f025d005a261121163000',
  '0104000004d2020202010302025804020005060200192504000000012a0200012b0400010002300117310109',
].join('');

/** A frame of 2013 with the serial number 0. @param id, phone, body hexadecimal */
export function frameOf(id: string, phone: string, body: string): Buffer {
  const length = (body.length / 2).toString(16).padStart(4, '0');
  const content = Buffer.from(`${id}${length}${phone}0000${body}`, 'hex');
  const check = content.reduce((sum, byte) => sum ^ byte, 0);
  const escaped = [...content, check].flatMap((byte) =>
    byte === DELIMITER || byte === ESCAPE ? [ESCAPE, byte === ESCAPE ? 1 : 2] : [byte],
  );
  return Buffer.from([DELIMITER, ...escaped, DELIMITER]);
}
