// Writes docs/jt808-messages.md: what stands in every JT/T 808 message, from the codec's own tables.
//
//     node scripts/generate-jt808-messages.mjs
//
// Build before: npx tsc -b.

import { writeFileSync } from 'node:fs';
import { documentMessages } from '../codecs/jt808/dist/index.js';

writeFileSync(new URL('../docs/jt808-messages.md', import.meta.url), documentMessages());
