/**
 * Every error that an operator can meet, in one place: a stable code, what happened, and what to do about it.
 */
const CATALOGUE = {
  PORTICO_ERR_CONFIG: {
    message: 'the configuration is wrong',
    action: 'Correct the keys named and start again.',
  },
  PORTICO_ERR_CONFIG_KEY: {
    message: 'there is nothing to show',
    action: 'See which keys have values: portico config show.',
  },
  PORTICO_ERR_CONFIG_SYNTAX: {
    message: 'the configuration is no YAML',
    action: 'Correct the lines named; whether the keys are right can only be said after that.',
  },
  PORTICO_ERR_CONFIG_FILE: {
    message: 'the configuration file cannot be read',
    action: 'Check the path given with -c and its permissions.',
  },
  PORTICO_ERR_LOG_FILE: {
    message: 'the log file cannot be written',
    action: 'Check path and permissions of log.file, or have the log on the console: log.to.',
  },
  PORTICO_ERR_LISTEN: {
    message: 'a listener cannot be opened',
    action: 'Free the port or change the key named.',
  },
  PORTICO_ERR_TLS_FILE: {
    message: 'a certificate or key cannot be loaded',
    action: 'Check the file named: path, permissions, PEM contents, password.',
  },
  PORTICO_ERR_ACL_FILE: {
    message: 'the access rules cannot be read',
    action: 'Check path and permissions of access.acl_file, or correct the line named.',
  },
  PORTICO_ERR_PSK_FILE: {
    message: 'the pre-shared keys cannot be read',
    action: 'Check path and permissions of the file named, or correct its line.',
  },
  PORTICO_ERR_OBJECT_FILES: {
    message: 'the object definition files cannot be read',
    action: 'Check path and permissions of gateways.lwm2m.xml_dir.',
  },
  PORTICO_ERR_VEHICLE_KEYS: {
    message: 'the keys of vehicles cannot be read',
    action: 'Check path and permissions of the file named, or correct its line.',
  },
  PORTICO_ERR_MANAGEMENT: {
    message: 'the management API cannot be used',
    action:
      'Check that Portico runs, and as which user; or say where and as whom: --url, --app and --secret.',
  },
  PORTICO_ERR_REQUEST: {
    message: 'the management API refuses',
    action: 'Correct what is named.',
  },
  PORTICO_ERR_STATE: {
    message: 'nothing is done',
    action: 'See how it is: portico modules list, portico listeners list.',
  },
  PORTICO_ERR_NOT_FOUND: {
    message: 'not found',
    action: 'Check how it is written; the lists of portico show what there is.',
  },
  PORTICO_ERR_IMPORT: {
    message: 'the file cannot be imported',
    action: 'Check its path and permissions, and that it is an export of Portico.',
  },
  PORTICO_ERR_SUBSCRIBE: {
    message: 'messages cannot be watched',
    action: 'Correct what is named; --user and --password say as whom to connect.',
  },
  PORTICO_ERR_MODULE: {
    message: 'the configuration cannot be changed so',
    action: 'Correct what is named; all is as it was before.',
  },
  PORTICO_ERR_CHANGES: {
    message: 'the change cannot be kept for the next start',
    action: 'Make room for the file named, or put its permissions right; all is as it was before.',
  },
  PORTICO_ERR_STORE: {
    message: 'the store cannot be used',
    action:
      'Put right what is named. Where a file is damaged or missing, put the folder back from a copy, or move it away to begin with an empty store.',
  },
  PORTICO_ERR_STORE_LOCKED: {
    message: 'the store is in use',
    action: 'Stop the other process, or give this one a node.data_dir of its own.',
  },
} as const;

export type ErrorCode = keyof typeof CATALOGUE;

/** An error meant for the operator. `message` holds all that is needed to act. */
export class PorticoError extends Error {
  override readonly name = 'PorticoError';
  readonly code: ErrorCode;
  /** What the operator should do. */
  readonly action: string;

  /** @param detail what exactly happened: the file, port, key, value */
  constructor(code: ErrorCode, detail: string, options?: ErrorOptions) {
    super(`${CATALOGUE[code].message}: ${detail}`, options);
    this.code = code;
    this.action = CATALOGUE[code].action;
  }
}
