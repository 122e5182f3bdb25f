/** A list of what a gateway knows of its clients beyond their sessions: the management API offers it. */
export interface GatewayList {
  /** Below `/api/v4`: `/lwm2m_channels`. Where `:clientid` stands in it, the list is about that client. */
  readonly path: string;
  /** In snake case, as the API names what it can be asked for: `list_lwm2m_channels`. */
  readonly name: string;
  readonly descr: string;
}

/** What stands in a list at present. */
export interface ListedRows {
  readonly size: number;
  /** JSON objects; made one by one, as they are shown. */
  readonly rows: Iterable<object>;
}

/** What stands in lists, by their names. @returns undefined where there is no such client */
export type GatewayLists = Readonly<Record<string, (clientId: string) => ListedRows | undefined>>;
