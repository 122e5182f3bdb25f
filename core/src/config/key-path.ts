/** Keys and list positions from the top of the configuration downwards. */
export type KeyPath = readonly (string | number)[];

/** As people write it: `gateways.mqtt.listeners.tcp.default.bind`, `access.users[0].password`. */
export function formatPath(path: KeyPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += (text === '' ? '' : '.') + (/^[\w-]+$/.test(step) ? step : JSON.stringify(step));
  }
  return text;
}

/** Whether `path` is `ancestor` or lies below it. */
export function isWithin(path: KeyPath, ancestor: KeyPath): boolean {
  return ancestor.length <= path.length && ancestor.every((step, depth) => step === path[depth]);
}
