/** A member whose commits win, and reach some of the others, or all, not at all or as nothing that MLS can apply. */
import type { CommitRequest, FanOutItem } from "../../core/contract/node-service.ts"
import { concat, hex, uintBytes, utf8 } from "../../core/domain/bytes.ts"
import { PREFIX_LENGTH_AT } from "../../core/domain/shared-prefix.ts"
import { groupTagOf } from "../../core/mls/group-tag.ts"
import type { Change, GroupEngine, MlsGroup, StagedCommit } from "../../core/mls/group-engine.ts"
import type { Dice } from "./dice.ts"
import type { Ask, Tamper } from "./wire.ts"

/** For all: noise, a message that is no commit, a damaged commit, one of an epoch that it does not lead to. For some: a row is damaged, or missing. */
export type Harm = "noise" | "no commit" | "damaged" | "another epoch" | "some rows" | "left out"

export const FOR_ALL: readonly Harm[] = ["noise", "no commit", "damaged", "another epoch"]
/** With fewer there is nobody to let the victim in again. */
const OTHERS_MIN = 2
/** Of its ordinary commits. */
const SHARE = 0.3
const NOISE = new Uint8Array(200).fill(0x5a)
/** contentKey(32) ‖ SHA-256(body)(32) ‖ tag(16). */
const SEALED_BYTES = 80

export interface HostileRooms {
  readonly dice: Dice
  /** Before a commit is sent: whom it will not reach, device keys in hex. */
  readonly onHarm: (verifier: string, victims: readonly string[]) => void
}

export class Hostility {
  /** What the next commit that can do harm will do. */
  next: Harm | undefined
  isOver = false
  /** Groups, by the hex of their tags, that it has broken for all. */
  readonly broken = new Set<string>()
  readonly #rooms: HostileRooms
  /** Whose rows are spoilt, by the commit's verifier. */
  readonly #victims = new Map<string, { readonly devices: readonly string[]; readonly isLeftOut: boolean }>()

  constructor(rooms: HostileRooms) {
    this.#rooms = rooms
  }

  /** What its client stages. */
  engine(engine: GroupEngine): GroupEngine {
    return {
      ...engine,
      stage: async (group, change) => {
        const staged = await engine.stage(group, change)
        const harm = this.#harm(group, change)
        return harm ? this.#spoilt(engine, { group, staged, harm }) : staged
      },
    }
  }

  /** What its client says to the server. */
  readonly tamper: Tamper =
    (ask: Ask): Ask =>
    (method, args) => {
      if (method !== "commit") return ask(method, args)
      const request = args[0] as CommitRequest
      const harm = this.#victims.get(hex(request.nextVerifier))
      if (!harm) return ask(method, args)
      const recipients = request.recipients.flatMap((item) => {
        if (!harm.devices.includes(hex(item.recipientKey))) return [item]
        return harm.isLeftOut ? [] : [damaged(item)]
      })
      return ask(method, [{ ...request, recipients }])
    }

  #harm({ members }: MlsGroup, { add = [] }: Change): Harm | undefined {
    if (this.isOver || add.length > 0 || members.length - 1 < OTHERS_MIN) return undefined
    const { next } = this
    this.next = undefined
    if (next) return next
    return this.#rooms.dice.chance(SHARE) ? this.#rooms.dice.pick(["some rows", "left out"]) : undefined
  }

  async #spoilt(engine: GroupEngine, { group, staged, harm }: Spoilage): Promise<StagedCommit> {
    const { dice, onHarm } = this.#rooms
    const others = group.members.filter(({ leafIndex }) => leafIndex !== group.ownLeaf)
    const devices = others.map(({ deviceKey }) => hex(deviceKey))
    if (!FOR_ALL.includes(harm)) {
      const isLeftOut = harm === "left out"
      // A group whose members all hear nothing of a commit does not know that it is broken.
      const most = isLeftOut ? devices.length - 1 : devices.length
      const victims = dice.some(devices, dice.chance(0.5) ? 1 : dice.between(1, most))
      const verifier = hex(staged.nextVerifier)
      this.#victims.set(verifier, { devices: victims, isLeftOut })
      if (victims.length === devices.length) this.broken.add(hex(groupTagOf(group.id)))
      onHarm(verifier, victims)
      return staged
    }
    const spoilt = await made(engine, { group, staged, harm })
    this.broken.add(hex(groupTagOf(group.id)))
    onHarm(hex(spoilt.nextVerifier), devices)
    return spoilt
  }
}

interface Spoilage {
  readonly group: MlsGroup
  readonly staged: StagedCommit
  readonly harm: Harm
}

/** The envelope around it, and the signature, are as they should be. */
async function made(engine: GroupEngine, { group, staged, harm }: Spoilage): Promise<StagedCommit> {
  if (harm === "another epoch") return { ...staged, nextVerifier: otherAtEnd(staged.nextVerifier) }
  if (harm === "noise") return { ...staged, message: NOISE }
  if (harm === "damaged") return { ...staged, message: otherAtEnd(staged.message) }
  const { message } = await engine.seal(group, { plaintext: utf8("no commit") })
  return { ...staged, message }
}

function otherAtEnd(bytes: Uint8Array): Uint8Array {
  const other = bytes.slice()
  other[other.length - 1] = (other.at(-1) ?? 0) ^ 1
  return other
}

/** A prefix as the server wants them, that opens nothing. */
function damaged(item: FanOutItem): FanOutItem {
  if (item.prefix.length > 0) return { ...item, prefix: otherAtEnd(item.prefix) }
  const opening = concat(Uint8Array.of(3), new Uint8Array(PREFIX_LENGTH_AT - 1))
  return { ...item, prefix: concat(opening, uintBytes(SEALED_BYTES, 4), new Uint8Array(SEALED_BYTES)) }
}
