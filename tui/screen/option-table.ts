/** What qpq-tui can be started with: usage, settings, config.toml and the man page come from this table. */
import { LOG_LEVELS } from "../../core/client/core-log.ts"
import { NOTIFICATIONS } from "./notifications.ts"
import { THEME_NAMES } from "./themes.ts"

export type OptionName =
  | "home"
  | "server"
  | "user"
  | "password-file"
  | "local"
  | "no-recovery"
  | "recovery-code"
  | "stop-local"
  | "keys"
  | "theme"
  | "notifications"
  | "ascii"
  | "ca"
  | "no-animation"
  | "screen-reader"
  | "say-sent"
  | "no-share"
  | "log-file"
  | "log-level"
  | "help"

export interface Option {
  /** What stands for its value; a flag without one is on or off. */
  readonly value?: string
  readonly variable?: string
  /** Also a key of config.toml. */
  readonly file?: true
  readonly accepted?: readonly string[]
  readonly help: string
}

const OPTIONS: Readonly<Record<OptionName, Option>> = {
  home: { value: "DIR", variable: "QPQ_HOME", help: "where keys and history are kept" },
  server: { value: "URL", variable: "QPQ_SERVER", file: true, help: "qpq://host:port?pin=..." },
  ca: { value: "FILE", variable: "QPQ_CA", file: true, help: "CA certificates (PEM) to trust for the server" },
  user: { value: "NAME", help: "register with this name when the profile is new" },
  "password-file": {
    value: "FILE",
    variable: "QPQ_PASSWORD_FILE",
    help: "read the password from a file; else QPQ_PASSWORD",
  },
  local: { help: "start a server on this computer without asking" },
  "no-recovery": { help: "the server of a new account keeps nothing that brings it back without its devices" },
  "recovery-code": { help: "to bring a new account back takes a code besides the password; it is shown once" },
  "stop-local": { help: "end the server on this computer, and say whether one ran" },
  keys: {
    value: "FILE",
    variable: "QPQ_KEYS",
    help: "keys to use instead of keys.toml in that folder, docs/KEYS.md",
  },
  theme: { value: "NAME", variable: "QPQ_THEME", file: true, accepted: THEME_NAMES, help: THEME_NAMES.join(", ") },
  notifications: {
    value: "HOW",
    variable: "QPQ_NOTIFICATIONS",
    file: true,
    accepted: NOTIFICATIONS,
    help: NOTIFICATIONS.join(", "),
  },
  ascii: { variable: "QPQ_ASCII", file: true, help: "no box drawing, no symbols" },
  "no-animation": { variable: "QPQ_NO_ANIMATION", file: true, help: "nothing on the screen moves by itself" },
  "screen-reader": {
    variable: "QPQ_SCREEN_READER",
    file: true,
    help: "plain lines, one under the other, to be read out",
  },
  "say-sent": { variable: "QPQ_SAY_SENT", file: true, help: "in plain lines: say when the server has a message" },
  "no-share": {
    variable: "QPQ_NO_SHARE",
    file: true,
    help: "commands of the profile ask for the password, though this is open",
  },
  "log-file": {
    value: "FILE",
    variable: "QPQ_LOG_FILE",
    file: true,
    help: "another place for the log than qpq-tui.log in that folder, or off",
  },
  "log-level": {
    value: "LEVEL",
    variable: "QPQ_LOG_LEVEL",
    file: true,
    accepted: LOG_LEVELS,
    help: LOG_LEVELS.join(", "),
  },
  help: { help: "this text" },
}

export const OPTION_ROWS = Object.entries(OPTIONS) as readonly (readonly [OptionName, Option])[]
