/** Every limit that two rooms must agree on. Sizes in bytes, times in milliseconds unless the name says otherwise. */

/** What `payload` or a body holds after the envelope (PROTOCOL.md section 2). */
export const PAYLOAD_BYTES_MAX = 5_242_880
/** Payload cap plus room for prefixes and headers. */
export const FRAME_BYTES_MAX = PAYLOAD_BYTES_MAX + 1_048_576
/** The same on a connection on which no call with a valid token was answered yet. */
export const STRANGER_FRAME_BYTES_MAX = 65_536
export const FRAME_SEGMENTS_MAX = 64
export const FRAME_DEPTH_MAX = 32
export const QUESTIONS_UNFINISHED_MAX = 1024
export const CALLS_RUNNING_MAX = 256
/** A frame that was begun must be complete after this long. */
export const HALF_FRAME_MS_MAX = 30_000

export const FETCH_LIMIT_DEFAULT = 64
export const FETCH_LIMIT_MAX = 256
export const ANSWER_BYTES_MAX = 4_194_304
export const WAIT_MS_MAX = 30_000
export const FANOUT_ITEMS_MAX = 1024
export const GROUP_LEAVES_MAX = 500
export const RESOLVE_NAMES_MAX = 100

export const ENVELOPE_PREFIX_BYTES_MAX = 8192
export const KEY_PACKAGE_BYTES_MAX = 16_384
export const KEY_PACKAGES_PER_UPLOAD_MAX = 128
export const KEY_PACKAGES_PER_DEVICE_MAX = 200

/** What one call carries of a file; far below ANSWER_BYTES_MAX, so that mail between two chunks does not wait long. */
export const BLOB_CHUNK_BYTES_MAX = 1_048_576
/** Only the last chunk of a file may be smaller: many small ones would cost more than they hold. */
export const BLOB_CHUNK_BYTES_MIN = 65_536
/** A file as the server keeps it, and all that it keeps of one account; unless the operator says otherwise. */
export const BLOB_BYTES_MAX = 100 * 1_048_576
export const BLOB_QUOTA_BYTES = 1024 * 1_048_576
/** What each file counts beside its bytes. */
export const BLOB_OVERHEAD_BYTES = 4096

const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS
/** A certificate with fewer days left is told of, by the server and by its clients. */
export const CERTIFICATE_WARN_DAYS = 30

export const RETENTION_MS = 7 * DAY_MS
/** An upload that was begun and not finished is forgotten after this long. */
export const UNFINISHED_BLOB_MS = 24 * HOUR_MS
export const ACCESS_TOKEN_MS = 60 * MINUTE_MS
export const REFRESH_TOKEN_MS = 30 * DAY_MS
export const PENDING_LOGIN_MS = MINUTE_MS
export const PENDING_LOGINS_MAX = 10_000

export const MAILBOX_ROWS_MAX = 10_000
export const MAILBOX_BYTES_MAX = 64 * 1_048_576
/** Rows that commits may use beyond the quota. */
export const COMMIT_RESERVE_ROWS = 1000
/** Marks for commits past the reserve, one of a group; what finds no room here is found by the daily check of its epoch. */
export const LOST_MARKS_MAX = 1000
export const NEW_GROUPS_PER_DAY_MAX = 100

export const HYBRID_KEY_AHEAD_MS_MAX = 31 * DAY_MS
export const TOKEN_BYTES = 32
/** What a password change and the end of an account need: the password, given not longer ago. */
export const FRESH_LOGIN_MS = 5 * 60_000
export const SEALED_ACCOUNT_KEY_BYTES_MAX = 256
export const STATIC_TOKEN_CHARACTERS_MIN = 16

/** What two devices leave for each other while they pair. */
export const PAIRING_ID_BYTES = 16
export const PAIRING_BYTES_MAX = 4096
/** A device's name as the server keeps it. */
export const SEALED_NAME_BYTES_MAX = 128

/** By so much a server that was restored numbers higher: more than any mailbox is given since its backup. */
export const RESTORE_STEP = 1_048_576
