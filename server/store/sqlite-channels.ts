/** 1:1 channels in SQLite: one for each two accounts, and who may use it (PROTOCOL.md section 9). */
import type { OpenedChannel } from "../../core/contract/node-service.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { channelId } from "../../core/domain/ids.ts"
import type { SqliteDatabase } from "../../core/sqlite/open.ts"
import { channelRefusal } from "./node-store.ts"
import type { AccountId } from "./account-rows.ts"
import type { ChannelCode, ChannelMembers, ChannelOrder } from "./node-store.ts"

function channelStatements(db: SqliteDatabase) {
  return {
    account: db.prepare<[Uint8Array], { id: number }>(
      "SELECT id FROM accounts WHERE account_key = ? AND status <> 'deleted'",
    ),
    between: db.prepare<[number, number], { id: Buffer }>(
      "SELECT id FROM channels WHERE low_account = ? AND high_account = ?",
    ),
    add: db.prepare("INSERT INTO channels VALUES (?, ?, ?, ?)"),
    members: db.prepare<[Uint8Array], ChannelMembers>(
      "SELECT low_account AS low, high_account AS high FROM channels WHERE id = ?",
    ),
  }
}

export class SqliteChannels {
  readonly #sql: ReturnType<typeof channelStatements>

  constructor(db: SqliteDatabase) {
    this.#sql = channelStatements(db)
  }

  /** @throws E070 */
  open({ account, peerKey, newId, now }: ChannelOrder): OpenedChannel | undefined {
    const peer = this.#sql.account.get(peerKey)
    if (!peer) return undefined
    if (peer.id === account) throw new QpqError("E070", "a channel with oneself")
    const [low, high] = [Math.min(account, peer.id), Math.max(account, peer.id)]
    const known = this.#sql.between.get(low, high)
    if (known) return { channelId: channelId(known.id), wasNew: false }
    this.#sql.add.run(newId, low, high, now)
    return { channelId: newId, wasNew: true }
  }

  /** One lookup by primary key; none for the empty channel. */
  refusal(channel: Uint8Array, ...accounts: readonly AccountId[]): ChannelCode {
    return channel.length === 0 ? 0 : channelRefusal(this.#sql.members.get(channel), accounts)
  }

  /** @throws E022, E023 */
  check(channel: Uint8Array, ...accounts: readonly AccountId[]): void {
    const code = this.refusal(channel, ...accounts)
    if (code !== 0) throw new QpqError(code === 22 ? "E022" : "E023")
  }
}
