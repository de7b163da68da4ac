/** What the operator may ask of a running server: one table for the door, the command line and its help. */
import { sha256 } from "../../core/crypto/hash.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import { userName } from "../../core/domain/user-name.ts"
import type { World } from "../../core/domain/world.ts"
import type { Audit } from "../node/audit.ts"
import type { NodeStore } from "../store/node-store.ts"

const ACCOUNTS_PER_PAGE = 500
const INVITE_BYTES = 16
const INVITE_DAYS = 7
const INVITE_DAYS_MAX = 365

export interface AdminRooms {
  readonly store: NodeStore
  readonly world: World
  /** qpq://… with the pin, as clients are given it. */
  readonly address: string
  /** No token of the device is trusted from memory any more, no long poll of it goes on. */
  readonly endLogins: (device: DeviceKey) => void
  readonly audit: Audit
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
  "invite-token": {
    usage: "[DAYS]",
    meaning: `a token for one registration within so many days (${INVITE_DAYS})`,
    line: ({ token, address, expires }) => `${token}\n${address}\ngood for one registration until ${expires}`,
    run: inviteToken,
  },
  stats: {
    usage: "",
    meaning: "how much is kept, and who is connected, in numbers",
    line: (row) =>
      Object.entries(row)
        .map(([name, value]) => `${name.padEnd(16)}${value}`)
        .join("\n"),
    run: stats,
  },
}

async function* accounts({ store }: AdminRooms, args: readonly string[]): AsyncIterable<AdminRow> {
  noMore(args, 0)
  for (let after = 0; ;) {
    const page = await store.listAccounts(after, ACCOUNTS_PER_PAGE)
    for (const { name, status, devices, logins, createdAt } of page)
      yield { name, status, devices, logins, created: new Date(createdAt).toISOString() }
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
  noMore(args, 1)
  if (args[0] === undefined) throw new QpqError("E070", "NAME is missing")
  const name = userName(args[0])
  const devices = await store.setAccountStatus(name, status)
  if (!devices) throw new QpqError("E015", name)
  for (const device of devices) endLogins(device)
  yield { name, status }
}

function statusLine({ name, status }: AdminRow): string {
  return `${name} is ${status}`
}

async function* inviteToken({ store, world, address }: AdminRooms, args: readonly string[]): AsyncIterable<AdminRow> {
  noMore(args, 1)
  const days = args[0] === undefined ? INVITE_DAYS : Number(args[0])
  if (!Number.isInteger(days) || days < 1 || days > INVITE_DAYS_MAX)
    throw new QpqError("E070", `${args[0] ?? ""}: a whole number of days from 1 to ${INVITE_DAYS_MAX}`)
  const token = Buffer.from(world.random.bytes(INVITE_BYTES)).toString("base64url")
  const now = world.clock.now()
  const expiresAt = now + days * DAY_MS
  // What a client sends is the text.
  await store.addInvite({ hash: sha256(Buffer.from(token)), now, expiresAt })
  yield { token, address: `${address}&invite=${token}`, expires: new Date(expiresAt).toISOString() }
}

async function* stats({ store, numbers }: AdminRooms, args: readonly string[]): AsyncIterable<AdminRow> {
  noMore(args, 0)
  yield { ...(await store.counts()), ...numbers() }
}

function noMore(args: readonly string[], max: number): void {
  if (args.length > max) throw new QpqError("E070", `${args[max] ?? ""} is one too many`)
}
