/** Says who will not get a message: a mailbox full for a day, gone or closed, a device without a key (PROTOCOL.md section 9). */
import type { FanOut, FanOutAnswer } from "../contract/node-service.ts"
import { equal, hex, uintBytes } from "../domain/bytes.ts"
import type { AccountKey } from "../domain/ids.ts"
import { DAY_MS } from "../domain/limits.ts"
import type { MlsGroup } from "../mls/group-engine.ts"
import type { OutboxRow } from "../store/client-store.ts"
import { isForOwnDevices } from "./answers.ts"
import { nameOf } from "./directory.ts"
import { takeDown } from "./group-shelf.ts"
import { notice } from "./heirs.ts"
import type { Rooms } from "./session-parts.ts"
import { tellOutcome } from "./tell.ts"

const NAMES_MAX = 8
const TEXT_SHOWN = 40
const STORED = 0
const FULL = 41
/** It was left out, because nothing could be sealed for it. */
const NO_KEY = -1

const WHY: Readonly<Record<number, string>> = {
  [FULL]: "mailbox full for a day",
  40: "the mailbox is gone",
  22: "the mailbox takes no more mail from you",
  [NO_KEY]: "the device has no valid key",
}

interface Unreached {
  readonly account: AccountKey
  readonly code: number
}

export interface Reach {
  /** Other people of whom no device gets it. */
  readonly unreached: readonly Unreached[]
  readonly isNobodyReached: boolean
}

/** As nearly every message is: not worth a look at each member. */
const isForAll = ({ members }: MlsGroup, items: number, results: FanOutAnswer["results"]): boolean =>
  items + 1 >= members.length && results.every(({ code }) => code === STORED)

/** Nobody is named to whom it was not meant to go. */
const reachesAll = (group: MlsGroup, row: OutboxRow, items: number, results: FanOutAnswer["results"]): boolean =>
  isForAll(group, items, results) || isForOwnDevices(row)

const ALL: Reach = { unreached: [], isNobodyReached: false }

/** Whom a message got to. @param results one for each item of `fanOut`, in its order. */
export function reachOf(
  rooms: Rooms,
  row: OutboxRow,
  { items, group: sealedFor }: FanOut,
  results: FanOutAnswer["results"],
): Reach {
  const { store, me } = rooms
  if (store.groupVersion(row.groupId) === undefined) return ALL
  const { group } = takeDown(rooms, row.groupId)
  if (reachesAll(group, row, items.length, results)) return ALL
  const leaving = store.wishes(row.groupId)
  const codes = new Map(items.map(({ recipientKey }, at) => [hex(recipientKey), results[at]?.code ?? STORED]))
  const people = new Map<string, { readonly account: AccountKey; readonly codes: number[] }>()
  for (const { deviceKey, accountKey } of group.members) {
    const leftOut = sealedFor?.epoch === group.epoch ? NO_KEY : undefined
    const code = codes.get(hex(deviceKey)) ?? leftOut
    const isOurs = equal(accountKey, me.accountKey) || leaving.some((wish) => equal(wish.deviceKey, deviceKey))
    if (code === undefined || isOurs) continue
    const person = people.get(hex(accountKey)) ?? { account: accountKey, codes: [] }
    person.codes.push(code)
    people.set(hex(accountKey), person)
  }
  const unreached = [...people.values()].flatMap(({ account, codes: all }) => {
    const [code] = all
    return code === undefined || all.includes(STORED) ? [] : [{ account, code }]
  })
  return { unreached, isNobodyReached: unreached.length > 0 && unreached.length === people.size }
}

/** One line for a message; of one person no more than one a day, but for full mailboxes: there the day was waited for. */
export function tellUndelivered(rooms: Rooms, row: OutboxRow, { unreached }: Reach): void {
  const { store, me } = rooms
  const message = store.timelineRow({ groupId: row.groupId, senderKey: me.accountKey, messageId: row.messageId })
  const told = unreached.filter((one) => one.code === FULL || !wasTold(rooms, row, one))
  if (!message || told.length === 0) return
  const reasons = [...new Set(told.map(({ code }) => code))].map((code) => {
    const names = told.filter((one) => one.code === code).map(({ account }) => nameOf(rooms, account))
    return `to ${listed(names)}: ${WHY[code] ?? `refused with E${code.toString().padStart(3, "0")}`}`
  })
  const { group } = takeDown(rooms, row.groupId)
  const line = notice(rooms, group, `${beginning(message.body)} was not delivered ${reasons.join("; ")}.`)
  const now = uintBytes(rooms.world.clock.now(), 8)
  store.write((tx) => {
    tx.addTimeline(line)
    for (const one of told) tx.set(toldName(row, one), now)
  })
  tellOutcome(rooms, { group: group.id, line: { group: group.id, sender: line.senderKey, id: line.messageId } })
}

function wasTold({ store, world }: Rooms, row: OutboxRow, one: Unreached): boolean {
  const at = store.setting(toldName(row, one))
  return at !== undefined && world.clock.now() - Number(Buffer.from(at).readBigUInt64BE()) < DAY_MS
}

const toldName = ({ groupId }: OutboxRow, { account }: Unreached): string =>
  `undelivered-${hex(groupId)}-${hex(account)}`

/** Enough of it to know which one is meant. */
function beginning(body: string): string {
  const letters = Array.from(body)
  return `"${letters.length > TEXT_SHOWN ? `${letters.slice(0, TEXT_SHOWN).join("")}…` : body}"`
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX)
  return names.length > shown.length ? `${shown.join(", ")} and ${names.length - shown.length} more` : shown.join(", ")
}
