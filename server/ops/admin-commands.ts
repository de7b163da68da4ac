/** What the operator may ask of a running server: one table for the door, the command line and its help. */
import { sha256 } from "../../core/crypto/hash.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import { userName } from "../../core/domain/user-name.ts"
import type { UserName } from "../../core/domain/user-name.ts"
import type { World } from "../../core/domain/world.ts"
import type { Audit } from "../node/audit.ts"
import { shortly } from "../node/audit.ts"
import type { StoredAccount } from "../store/account-rows.ts"
import type { BackupReport } from "../store/backup.ts"
import type { NodeStore } from "../store/node-store.ts"

const ACCOUNTS_PER_PAGE = 500
/** Of the newest; an account has one for each device, and what nobody logged out. */
const SESSIONS_SHOWN_MAX = 1000
const INVITE_BYTES = 16
const INVITE_DAYS = 7
const INVITE_DAYS_MAX = 365

/** The server's key, and the next one. */
export interface KeyChange {
  /** qpq://… with the pins, as clients are given it. */
  readonly address: string
  /** @returns the address with both pins. @throws E071, E072 */
  prepareNext(): Promise<string>
  /** @returns the address with the new pin. @throws E071, E072 */
  useNext(): string
}

/** Of the store, in use or not. */
export interface Upkeep {
  /** @param file an absolute path. @throws as `makeBackup` */
  backup(file: string): Promise<BackupReport>
  /** @returns a line for each fault. @throws as `checkStore` */
  check(): Promise<readonly string[]>
}

export interface AdminRooms {
  readonly store: NodeStore
  readonly world: World
  readonly certificate: KeyChange
  /** No token of the device is trusted from memory any more, no long poll of it goes on. */
  readonly endLogins: (device: DeviceKey) => void
  readonly audit: Audit
  readonly upkeep: Upkeep
  /** Now. */
  readonly numbers: () => Readonly<Record<string, number>>
}

export type AdminRow = Readonly<Record<string, string | number>>

interface AdminCommand {
  /** What follows its name. */
  readonly usage: string
  readonly meaning: string
  /** A row as a line for people. */
  readonly line: (row: AdminRow) => string
  readonly run: (rooms: AdminRooms, args: readonly string[]) => AsyncIterable<AdminRow>
}

/** What is done while no server runs on the data folder. */
export const OFFLINE_COMMANDS: Readonly<Record<string, Pick<AdminCommand, "usage" | "meaning">>> = {
  restore: {
    usage: "FILE",
    meaning: "makes a backup the database of a data folder that has none; clients notice and go on",
  },
  rekey: {
    usage: "KEYFILE",
    meaning: "encrypts the database with another key; --db-key-file names the one until now, if there is one",
  },
}

export const ADMIN_COMMANDS: Readonly<Record<string, AdminCommand>> = {
  accounts: {
    usage: "",
    meaning: "lists accounts: name, status, devices, open logins, since when",
    line: ({ name, status, devices, logins, created }) =>
      `${String(name).padEnd(32)} ${String(status).padEnd(9)} devices ${devices}  logins ${logins}  since ${created}`,
    run: accounts,
  },
  suspend: {
    usage: "NAME",
    meaning: "an account can do nothing until it is resumed; its mail waits",
    line: statusLine,
    run: (rooms, args) => setStatus(rooms, args, "suspended"),
  },
  resume: {
    usage: "NAME",
    meaning: "a suspended account goes on",
    line: statusLine,
    run: (rooms, args) => setStatus(rooms, args, "active"),
  },
  sessions: {
    usage: "NAME",
    meaning: "open logins of an account: device, since when, until when",
    line: ({ device, since, expires }) => `device ${device}  since ${since}  until ${expires}`,
    run: sessions,
  },
  logout: {
    usage: "NAME",
    meaning: "ends every login of an account; the password opens it again",
    line: ({ name, ended }) => `${name}: ${ended} ended`,
    run: logout,
  },
  delete: {
    usage: "NAME",
    meaning: "an account is gone for ever, with its devices, keys and waiting mail; nobody can have its name again",
    line: statusLine,
    run: deleteAccount,
  },
  "invite-token": {
    usage: "[DAYS]",
    meaning: `a token for one registration within so many days (${INVITE_DAYS})`,
    line: ({ token, address, expires }) => `${token}\n${address}\ngood for one registration until ${expires}`,
    run: inviteToken,
  },
  "next-certificate": {
    usage: "",
    meaning: "makes the server's next key and certificate; prints the address with both pins, to be given to all",
    line: ({ address }) => `${address}`,
    run: nextCertificate,
  },
  "use-next-certificate": {
    usage: "",
    meaning: "shows the next certificate from now on: who does not have its pin is refused",
    line: ({ address }) => `${address}`,
    run: useNextCertificate,
  },
  backup: {
    usage: "FILE",
    meaning: "everything the server must not lose, in one file that is not there yet; the server goes on meanwhile",
    line: ({ file, bytes, ms }) => `${file}: ${bytes} bytes, looked through and sound, in ${ms} ms`,
    run: backup,
  },
  check: {
    usage: "",
    meaning: "looks through the whole database; what it finds wrong it says, and ends with 74",
    line: ({ fault }) => `${fault ?? "no fault found"}`,
    run: check,
  },
  stats: {
    usage: "",
    meaning: "how much is kept and may be kept, and who is connected, in numbers",
    line: (row) =>
      Object.entries(row)
        .map(([name, value]) => `${name.padEnd(28)}${value}`)
        .join("\n"),
    run: stats,
  },
}

async function* accounts({ store }: AdminRooms, args: readonly string[]): AsyncIterable<AdminRow> {
  noMore(args, 0)
  for (let after = 0; ;) {
    const page = await store.listAccounts(after, ACCOUNTS_PER_PAGE)
    for (const { name, status, devices, logins, createdAt } of page)
      yield { name, status, devices, logins, created: timeText(createdAt) }
    const last = page.at(-1)
    if (!last || page.length < ACCOUNTS_PER_PAGE) return
    after = last.id
  }
}

async function* setStatus(
  { store, endLogins }: AdminRooms,
  args: readonly string[],
  status: "active" | "suspended",
): AsyncIterable<AdminRow> {
  const name = oneName(args)
  const devices = await store.setAccountStatus(name, status)
  if (!devices) throw new QpqError("E015", name)
  for (const device of devices) endLogins(device)
  yield { name, status }
}

function statusLine({ name, status }: AdminRow): string {
  return `${name} is ${status}`
}

async function* sessions({ store, world }: AdminRooms, args: readonly string[]): AsyncIterable<AdminRow> {
  const { id } = await accountOf(store, oneName(args))
  const open = await store.openLogins(id, world.clock.now(), SESSIONS_SHOWN_MAX)
  for (const { deviceKey, since, expires } of open) {
    yield { device: shortly(deviceKey), since: timeText(since), expires: timeText(expires) }
  }
}

async function* logout({ store, endLogins }: AdminRooms, args: readonly string[]): AsyncIterable<AdminRow> {
  const { id, name } = await accountOf(store, oneName(args))
  const { count, devices } = await store.endLogins(id)
  for (const device of devices) endLogins(device)
  yield { name, ended: count }
}

async function* deleteAccount({ store, endLogins }: AdminRooms, args: readonly string[]): AsyncIterable<AdminRow> {
  const { id, name } = await accountOf(store, oneName(args))
  for (const device of await store.deleteAccount(id)) endLogins(device)
  yield { name, status: "deleted" }
}

/** @throws E015 */
async function accountOf(store: NodeStore, name: UserName): Promise<StoredAccount> {
  const account = await store.accountByName(name)
  if (!account) throw new QpqError("E015", name)
  return account
}

const timeText = (time: number): string => new Date(time).toISOString()

async function* inviteToken(
  { store, world, certificate }: AdminRooms,
  args: readonly string[],
): AsyncIterable<AdminRow> {
  noMore(args, 1)
  const days = args[0] === undefined ? INVITE_DAYS : Number(args[0])
  if (!Number.isInteger(days) || days < 1 || days > INVITE_DAYS_MAX)
    throw new QpqError("E070", `${args[0] ?? ""}: a whole number of days from 1 to ${INVITE_DAYS_MAX}`)
  const token = Buffer.from(world.random.bytes(INVITE_BYTES)).toString("base64url")
  const now = world.clock.now()
  const expiresAt = now + days * DAY_MS
  // What a client sends is the text.
  await store.addInvite({ hash: sha256(Buffer.from(token)), now, expiresAt })
  yield { token, address: `${certificate.address}&invite=${token}`, expires: timeText(expiresAt) }
}

async function* nextCertificate({ certificate }: AdminRooms, args: readonly string[]): AsyncIterable<AdminRow> {
  noMore(args, 0)
  yield { address: await certificate.prepareNext() }
}

async function* useNextCertificate({ certificate }: AdminRooms, args: readonly string[]): AsyncIterable<AdminRow> {
  noMore(args, 0)
  yield { address: certificate.useNext() }
}

async function* backup({ upkeep }: AdminRooms, args: readonly string[]): AsyncIterable<AdminRow> {
  noMore(args, 1)
  if (args[0] === undefined) throw new QpqError("E070", "FILE is missing")
  yield { ...(await upkeep.backup(args[0])) }
}

async function* check({ upkeep }: AdminRooms, args: readonly string[]): AsyncIterable<AdminRow> {
  noMore(args, 0)
  const faults = await upkeep.check()
  for (const fault of faults) yield { fault }
  if (faults.length > 0) throw new QpqError("E060", `${faults.length} found`)
  yield { faults: 0 }
}

async function* stats({ store, world, numbers }: AdminRooms, args: readonly string[]): AsyncIterable<AdminRow> {
  noMore(args, 0)
  yield { ...(await store.counts(world.clock.now())), ...numbers() }
}

function oneName(args: readonly string[]): UserName {
  noMore(args, 1)
  if (args[0] === undefined) throw new QpqError("E070", "NAME is missing")
  return userName(args[0])
}

function noMore(args: readonly string[], max: number): void {
  if (args.length > max) throw new QpqError("E070", `${args[max] ?? ""} is one too many`)
}
