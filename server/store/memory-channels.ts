/** The model's 1:1 channels: one for each two accounts. */
import type { OpenedChannel } from "../../core/contract/node-service.ts"
import { hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { AccountKey, ChannelId } from "../../core/domain/ids.ts"
import { channelRefusal } from "./node-store.ts"
import type { AccountId } from "./account-rows.ts"
import type { ChannelCode, ChannelMembers, ChannelOrder } from "./node-store.ts"

interface Channel extends ChannelMembers {
  readonly id: ChannelId
}

export class MemoryChannels {
  readonly #accountOf: (key: AccountKey) => AccountId | undefined
  readonly #channels = new Map<string, Channel>()

  constructor(accountOf: (key: AccountKey) => AccountId | undefined) {
    this.#accountOf = accountOf
  }

  open({ account, peerKey, newId: id }: ChannelOrder): OpenedChannel | undefined {
    const peer = this.#accountOf(peerKey)
    if (peer === undefined) return undefined
    if (peer === account) throw new QpqError("E070", "a channel with oneself")
    const [low, high] = [Math.min(account, peer), Math.max(account, peer)]
    const known = [...this.#channels.values()].find((channel) => channel.low === low && channel.high === high)
    if (known) return { channelId: known.id, wasNew: false }
    this.#channels.set(hex(id), { id, low, high })
    return { channelId: id, wasNew: true }
  }

  refusal(channel: ChannelId, ...accounts: readonly AccountId[]): ChannelCode {
    return channel.length === 0 ? 0 : channelRefusal(this.#channels.get(hex(channel)), accounts)
  }
}
