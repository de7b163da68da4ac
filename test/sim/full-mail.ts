/** Mailboxes that are full when a simulation says so, not after ten thousand rows. */
import { hex } from "../../core/domain/bytes.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { MemoryMail } from "../../server/store/memory-mail.ts"
import type { AccountId } from "../../server/store/account-rows.ts"
import type { Usage } from "../../server/store/quota.ts"

/** full: takes no mail; overfull: no commits either, so that their rows become lost marks. */
export type Fullness = "full" | "overfull"

export class FullMail extends MemoryMail {
  readonly #full: ReadonlyMap<string, Fullness>

  /** @param full by device key in hex; it may change at any time. */
  constructor(full: ReadonlyMap<string, Fullness>, ...rooms: ConstructorParameters<typeof MemoryMail>) {
    super(...rooms)
    this.#full = full
  }

  override hasRoom(key: DeviceKey, sender: AccountId, more: Usage): boolean {
    return !this.#full.has(hex(key)) && super.hasRoom(key, sender, more)
  }

  override hasRoomForCommit(key: DeviceKey, sender: AccountId, bytes: number): boolean {
    return this.#full.get(hex(key)) !== "overfull" && super.hasRoomForCommit(key, sender, bytes)
  }
}
