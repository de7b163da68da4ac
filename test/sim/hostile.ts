/** A member whose commits win, and reach one of the others not at all, or damaged. */
import type { CommitRequest, FanOutItem } from "../../core/contract/node-service.ts"
import { hex } from "../../core/domain/bytes.ts"
import type { Dice } from "./dice.ts"
import type { Tamper } from "./wire.ts"

/** With fewer there is nobody to let the victim in again. */
const RECIPIENTS_MIN = 2
const SHARE = 0.3

export interface HostileRooms {
  readonly dice: Dice
  /** The victim's device key in hex. */
  readonly onHarm: (device: string) => void
}

export function hostileCommits({ dice, onHarm }: HostileRooms): Tamper {
  /** Each commit harms the same one, however often it is sent. */
  const chosen = new Map<string, { readonly victim: string; readonly isLeftOut: boolean } | undefined>()
  const choose = ({ recipients, welcomes }: CommitRequest) => {
    if (recipients.length < RECIPIENTS_MIN || welcomes.length > 0 || !dice.chance(SHARE)) return undefined
    const victim = dice.pick(recipients)
    return victim && { victim: hex(victim.recipientKey), isLeftOut: dice.chance(0.5) }
  }
  return (ask) => async (method, args) => {
    if (method !== "commit") return ask(method, args)
    const request = args[0] as CommitRequest
    const name = hex(request.messageId)
    if (!chosen.has(name)) chosen.set(name, choose(request))
    const harm = chosen.get(name)
    if (!harm) return ask(method, args)
    const recipients = request.recipients.flatMap((item) => {
      if (hex(item.recipientKey) !== harm.victim) return [item]
      return harm.isLeftOut ? [] : [damaged(item)]
    })
    onHarm(harm.victim)
    return await ask(method, [{ ...request, recipients }])
  }
}

/** Its last byte is another; without a prefix of its own the row is of another channel. */
function damaged(item: FanOutItem): FanOutItem {
  const prefix = item.prefix.slice()
  const last = prefix.length - 1
  if (last >= 0) prefix[last] = (prefix[last] ?? 0) ^ 1
  return { ...item, prefix: last < 0 ? Uint8Array.of(9) : prefix }
}
