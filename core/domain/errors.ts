/** Every failure that crosses a room's door carries one of these codes. The table is the documentation (docs/ERRORS.md). */

interface ErrorRow {
  readonly meaning: string
  /** Whether the same request can succeed later without the person changing anything. */
  readonly retryable: boolean
  /** Exit status of the command line, after sysexits.h. */
  readonly exit: number
  /** What the person should do. */
  readonly remedy: string
}

const row = (meaning: string, exit: number, remedy: string, retryable = false): ErrorRow => ({
  meaning,
  exit,
  remedy,
  retryable,
})

export const ERRORS = {
  E001: row("not logged in", 77, "Log in with `qpq login NAME`."),
  E002: row("session token unknown or expired", 77, "Log in again with `qpq login NAME`."),
  E003: row("auth version not supported", 77, "Upgrade the older of the two, client or server; nothing was changed."),
  E004: row("wrong user name or password", 77, "Check the name and the password and try again."),
  E005: row("account suspended or deleted", 77, "Ask the operator of the server."),
  E006: row("session token belongs to another device", 77, "Log in again on this device."),
  E007: row("refresh token refused", 77, "Log in again with `qpq login NAME`."),
  E008: row("registration refused", 77, "Choose another user name, or log in if the account is yours."),
  E009: row("login step unknown or expired", 75, "Try to log in again.", true),
  E010: row("no KeyPackage available", 75, "Ask the person to come online once, then invite again.", true),
  E011: row("KeyPackage refused", 65, "The package is malformed, expired or not certified; ask its owner to refresh."),
  E012: row("identity key is not the caller's", 77, "A device may only use its own key and mailbox."),
  E013: row("hybrid key refused", 65, "The record is malformed, badly signed or expired; publish a new one."),
  E014: row("no valid hybrid key", 75, "Ask the person to come online once, then try again.", true),
  E015: row("no such user", 68, "Check the spelling of the user name."),
  E016: row("user name not allowed", 65, "1 to 32 characters of a-z 0-9 . _ -"),
  E017: row("account record refused", 65, "A signature in the account, certificate or device list does not verify."),
  E018: row(
    "account key changed",
    77,
    "The server shows another key for the name; compare with `qpq verify USER`, or accept it with --unchecked.",
  ),
  E019: row(
    "this device is none of the account's",
    77,
    "`qpq login NAME` adds it with the password, or with the code that `qpq devices pair` shows on another device.",
  ),
  E020: row("wire version not supported", 76, "Upgrade the older of the two, client or server; nothing was changed."),
  E021: row("ciphersuite not allowed", 65, "Use the hybrid or the baseline suite of PROTOCOL.md."),
  E022: row("channel access denied", 77, "Only the two members of a channel may use it."),
  E023: row("channel not found", 69, "Open the conversation again."),
  E024: row("field has the wrong length", 65, "The request was built wrongly; upgrade the client."),
  E025: row("payload larger than 5 MB", 65, "Send less at once."),
  E026: row("malformed message", 76, "The bytes do not follow the schema; upgrade the client."),
  E027: row("too many items in one request", 65, "Send fewer items at once."),
  E028: row("file too large", 65, "Send a smaller file, or ask the operator of the server for a higher limit."),
  E029: row("blob refused", 65, "Its size, order or hash do not fit what was announced; send the file again."),
  E030: row("MLS message refused", 65, "The message is forged, replayed or damaged; nothing was changed."),
  E031: row(
    "payload is not a hybrid envelope",
    65,
    "The sender does not speak this protocol; the payload was dropped.",
  ),
  E032: row("envelope cannot be opened", 65, "The payload is damaged or meant for another device; it was dropped."),
  E033: row("no such group", 65, "See `qpq groups`; a name must be unambiguous."),
  E034: row("message of another epoch", 65, "The message is too old or too early to be read."),
  E035: row("Welcome refused", 65, "The invitation is damaged or not for this device; ask to be invited again."),
  E036: row("not a member of the group", 77, "Ask a member to invite you."),
  E037: row("group changed too often meanwhile", 75, "Try again in a moment.", true),
  E038: row("already a member", 65, "The person is in the group."),
  E039: row("application message unreadable", 65, "The message needs a newer version or is damaged."),
  E040: row("recipient unknown", 65, "The device does not exist or was revoked."),
  E041: row("mailbox full", 75, "The recipient has too much unread mail; it is tried again.", true),
  E042: row("group epoch has passed", 75, "The message is sealed anew for the new epoch.", true),
  E043: row("commit refused", 65, "The commit's author signature or its fields do not fit."),
  E044: row("too many new groups today", 75, "Wait a day before making more groups.", true),
  E045: row(
    "the server left out messages",
    69,
    "What is missing cannot be fetched; ask the senders, and tell the operator.",
  ),
  E046: row(
    "messages expired before they were fetched",
    69,
    "Ask the senders to say it again; come online more often.",
  ),
  E047: row(
    "the server went back to an earlier state",
    69,
    "Mail since then may be lost; tell the operator. Newer mail is read on.",
  ),
  E048: row("this device must be added to the group again", 75, "A member's client does it by itself; wait.", true),
  E049: row(
    "this profile seems to run twice",
    78,
    "Somebody joined the group with this device's key: stop the copy, or register anew.",
  ),
  E050: row("rate limit reached", 75, "Wait a moment and try again.", true),
  E051: row("too many connections", 75, "Wait a moment and try again.", true),
  E052: row("too many calls at once", 75, "Wait for earlier calls to end.", true),
  E053: row("server unreachable", 69, "Check the address and that the server runs.", true),
  E054: row("connection lost", 75, "The client reconnects by itself; try again.", true),
  E055: row("no answer in time", 75, "Try again, or give more time with --timeout.", true),
  E056: row("server key does not match the pin", 77, "Do not go on; ask the operator for the right address."),
  E057: row(
    "server certificate not trusted",
    77,
    "Give the address with its pin, or the CA with --ca; with a wrong clock every certificate looks expired.",
  ),
  E058: row("server does not speak this protocol", 76, "Check that the address is a qpq server (ALPN capnp)."),
  E059: row("server is shutting down", 75, "The client reconnects by itself; try again.", true),
  E060: row("database cannot be opened", 74, "The file is damaged or not a qpq database; it was left as it is."),
  E061: row("wrong database key", 77, "Check the password or the key file; the database was left as it is."),
  E062: row("database is newer than this program", 74, "Install the newer version; the database was left as it is."),
  E063: row("storage failed", 74, "Check free space and permissions; nothing acknowledged was lost.", true),
  E064: row("profile changed by another process", 75, "Try again.", true),
  E065: row("profile has no account", 77, "Run `qpq register-user NAME` first."),
  E066: row("profile already has an account", 65, "Use another --home for another account."),
  E070: row("wrong usage", 2, "See `qpq COMMAND --help`."),
  E071: row("configuration value not allowed", 78, "Correct the value named in the message."),
  E072: row("file cannot be read", 66, "Check the path and its permissions."),
  E073: row("profile belongs to another server", 77, "Leave out --server, or use another --home."),
  E074: row("no terminal", 2, "Use `qpq` in scripts; qpq-tui needs a terminal."),
  E075: row("server not trusted yet", 77, "Compare the fingerprint, then give the address with its pin."),
  E076: row("interrupted", 130, "Run the command again; nothing is lost."),
  E077: row("process is not this server", 69, "It was left alone; end the server by hand if it still runs."),
  E078: row("client core did not start", 70, "Try again; if it fails again, install the program anew.", true),
  E079: row("no such message", 65, "See the ids in `qpq history GROUP --json`; the beginning of one is enough."),
  E080: row(
    "members see different states of the group",
    75,
    "The clients find out by themselves whose state the server goes on from; if it is told again, ask the operator.",
    true,
  ),
  E081: row(
    "account key changed, not yet confirmed",
    77,
    "Compare the new number with `qpq verify USER`, or accept the key unchecked with `qpq verify USER --unchecked`.",
  ),
  E082: row(
    "safety number does not match",
    65,
    "Compare again, digit by digit. If it stays so, do not trust the key. To go on all the same: `qpq verify USER --unchecked`.",
  ),
  E083: row("no such file on the server, or it expired", 69, "Ask the sender to send it again."),
  E084: row("file is not what its hash says", 65, "Nothing was saved; ask the sender to send it again."),
  E085: row("no room for more files on the server", 75, "Wait until older files expire; it is tried again.", true),
  E086: row("you have blocked this person", 65, "`qpq unblock USER` lets them be heard and written to again."),
  E087: row(
    "no such time for messages to disappear after",
    64,
    "Name from 1 second to a year: 30s, 5m, 8h, 1d, 4w; or off.",
  ),
  E088: row("file is gone and has to be sent anew", 65, "Send the file again."),
  E089: row(
    "no valid invite token",
    77,
    "This server registers by invitation: ask its operator for a token that was not used yet, and give it with --invite.",
  ),
  E090: row(
    "this computer's clock is wrong",
    75,
    "Set date, time and time zone of this computer; until then logins, invitations and certificates may be refused.",
  ),
  E091: row("registration is closed", 77, "This server takes no new accounts; ask its operator."),
  E092: row("this device was revoked", 77, "Its key never comes back: log in with another --home as a new device."),
  E093: row("a fresh login is needed", 77, "Give the account's present password once more."),
  E094: row("list of devices changed meanwhile", 75, "Try again.", true),
  E095: row("pairing code unknown or ended", 77, "Show a new one on the other device with `qpq devices pair`."),
  E096: row("password too easy to guess", 65, "Use several words that do not belong together, or more characters."),
  E097: row(
    "recovery code needed, or wrong",
    77,
    "Give the code that was shown at registration with --recovery-code-file, or pair with another device.",
  ),
  E098: row(
    "this device does not hold the account key",
    77,
    "Use the device that the account was made on; with --no-recovery only that one holds the key.",
  ),
  E100: row(
    "a device that its account does not list",
    77,
    "Somebody may have slipped it in: it is removed by itself; compare safety numbers, and tell the operator.",
  ),
  E101: row(
    "the server was restored from a backup",
    75,
    "What this device sent lately is offered again; ask others whether they miss anything.",
  ),
  E099: row("internal fault", 70, "See the log; please report it."),
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof ERRORS

export class QpqError extends Error {
  override readonly name = "QpqError"
  readonly code: ErrorCode
  readonly detail: string | undefined
  /** Which call a server refused, as its log has it: the connection's trace and the call's number on it. */
  request?: string

  /** @param detail for people and logs; never a key, token, password or plaintext. */
  constructor(code: ErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail === undefined ? ERRORS[code].meaning : `${ERRORS[code].meaning}: ${detail}`, options)
    this.code = code
    this.detail = detail
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable
  }
}

export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(ERRORS, text)

/** Anything unexpected becomes E099, keeping its cause for the log. */
export function toQpqError(thrown: unknown): QpqError {
  return thrown instanceof QpqError ? thrown : new QpqError("E099", undefined, { cause: thrown })
}

/** Whether `thrown` is a QpqError with one of `codes`. */
export const hasCode = (thrown: unknown, ...codes: readonly ErrorCode[]): thrown is QpqError =>
  thrown instanceof QpqError && codes.includes(thrown.code)
