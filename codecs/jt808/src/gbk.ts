import { isAscii } from 'node:buffer';
import type { TextCodec } from '@portico/record';
import iconv from 'iconv-lite';

const decoder = new TextDecoder('gb18030');
const QUESTION_MARKS = /\?/g;

/**
 * GBK, the text of JT/T 808 (JT/T 808-2019 §4.2). Read by the rules of GB 18030, which has all of it; written without
 * what GBK lacks, because terminals do not know it.
 */
export const GBK: TextCodec = {
  name: 'gbk',
  decode: (bytes) => (isAscii(bytes) ? bytes.toString('latin1') : decoder.decode(bytes)),
  encode(text) {
    const bytes = iconv.encode(text, 'gbk');
    const lacking =
      bytes.toString('latin1').match(QUESTION_MARKS)?.length !== text.match(QUESTION_MARKS)?.length;
    return lacking ? undefined : bytes;
  },
};
