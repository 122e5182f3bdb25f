import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { report } from './report.js';

/** Writes the report on conformance into the docs. */
writeFileSync(fileURLToPath(new URL('../../../../docs/conformance/mqtt.md', import.meta.url)), report());
