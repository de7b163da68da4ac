/** Options that every command has. */

export const GLOBAL_OPTIONS: readonly {
  readonly flags: string
  readonly variable?: string
  readonly meaning: string
}[] = [
  { flags: "--home DIR", variable: "QPQ_HOME", meaning: "profile folder" },
  { flags: "--server URL", variable: "QPQ_SERVER", meaning: "qpq://host:port?pin=sha256:…; stored at registration" },
  { flags: "--ca FILE", variable: "QPQ_CA", meaning: "CA certificates (PEM) to trust for the server" },
  {
    flags: "--password-file FILE",
    variable: "QPQ_PASSWORD_FILE, QPQ_PASSWORD",
    meaning: "account password; also unlocks the local database",
  },
  { flags: "--passphrase-file FILE", variable: "QPQ_PASSPHRASE_FILE", meaning: "unlocks the local database instead" },
  { flags: "--json", variable: "QPQ_JSON=1", meaning: "one JSON object per line on standard output" },
  {
    flags: "--no-share",
    variable: "QPQ_NO_SHARE=1",
    meaning: "take no key from an open qpq-tui; ask for the password",
  },
  { flags: "--timeout SECONDS", meaning: "give up after this long" },
]
