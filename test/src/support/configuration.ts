import { GATEWAYS } from '@portico/cli';
import type { TransportType } from '@portico/core';
import { parseDocument } from 'yaml';

/** A port that the operating system chooses. */
const FREE_PORT = '127.0.0.1:0';

/** Every listener that there is when the configuration says nothing of listeners. */
const DEFAULT_LISTENERS = GATEWAYS.flatMap(({ name, defaultListeners }) =>
  Object.entries(defaultListeners).flatMap(([type, byId]) =>
    Object.keys(byId).map((id) => ({ name, type: type as TransportType, id })),
  ),
);

/** A configuration with every gateway on free ports. */
export const FREE_PORTS = `
gateways:
${GATEWAYS.map(({ name }) => `  ${name}:\n    listeners:\n${listenersOf(name)}`).join('\n')}
`;

function listenersOf(gateway: string): string {
  return DEFAULT_LISTENERS.filter(({ name }) => name === gateway)
    .map(({ type, id }) => `      ${type}: { ${id}: { bind: ${FREE_PORT} } }`)
    .join('\n');
}

/** The same as an environment, beside a configuration that names other listeners. */
export const FREE_DEFAULT_PORTS: Readonly<Record<string, string>> = Object.fromEntries(
  DEFAULT_LISTENERS.map(({ name, type, id }) => [
    `PORTICO_GATEWAYS__${name}__LISTENERS__${type}__${id}__BIND`.toUpperCase(),
    FREE_PORT,
  ]),
);

/**
 * A configuration without the gateways that it does not name, which would listen on their default ports.
 * @param text YAML
 */
export function namedGateways(text: string): string {
  const document = parseDocument(text);
  for (const { name } of GATEWAYS) {
    if (!document.hasIn(['gateways', name])) document.setIn(['gateways', name], { enable: false });
  }
  return document.toString();
}
