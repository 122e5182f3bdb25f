import { type ApiCommandOptions, withManagementApi } from '../management-api.js';
import { type Columns, printDone, printPages, printRow, textOf } from '../row-list.js';
import { secondsText } from '../times.js';

const COLUMNS: Columns = [
  ['AS', textOf('as')],
  ['WHO', textOf('who')],
  ['SINCE', ({ at }) => secondsText(at)],
  ['UNTIL', ({ until }) => (until === 'infinity' ? 'for ever' : secondsText(until))],
  ['BY', textOf('by')],
  ['REASON', ({ reason }) => (reason === 'undefined' ? '-' : String(reason))],
];

type BanOptions = ApiCommandOptions & {
  /** `clientid`, `username` or `peerhost`. */
  readonly as: string;
  /** The client id, user name or IP address. */
  readonly who: string;
};

/** Lists who may not come in. @returns the exit code */
export function listBans(options: ApiCommandOptions): Promise<number> {
  return withManagementApi(options, async (api) => {
    await printPages(options, COLUMNS, api.pages('/banned', {}));
  });
}

/**
 * Bans somebody, and says until when.
 * @param options until: seconds since 1970, or `infinity`; in 5 minutes without it
 * @returns the exit code: 1 when it may not be so
 */
export function addBan(
  options: BanOptions & {
    readonly until?: number | string | undefined;
    readonly reason?: string | undefined;
  },
): Promise<number> {
  const { as, who, until, reason, json, stdout } = options;
  return withManagementApi(options, async (api) => {
    const ban = await api.post('/banned', {
      as,
      who,
      reason,
      until,
      by: 'command line',
    });
    if (json) printRow(options, ban);
    else stdout.write(`banned until ${ban.until === 'infinity' ? 'it is lifted' : secondsText(ban.until)}\n`);
  });
}

/** Lifts a ban. @returns the exit code: 1 when there is none */
export function removeBan(options: BanOptions): Promise<number> {
  const { as, who } = options;
  return withManagementApi(options, async (api) => {
    await api.delete(`/banned/${as}/${encodeURIComponent(who)}`);
    printDone(options);
  });
}
