/** What a change did to a group, as the timeline keeps it. */
import type { DeviceIdentity } from "../crypto/device-certificate.ts"
import { hex } from "../domain/bytes.ts"

/** Account keys in hex. */
export interface ChangeNote {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly updated: readonly string[]
  /** Who said that they leave. */
  readonly left?: readonly string[]
  /** Whose lost state was replaced: removed and added in one commit. */
  readonly rejoined?: readonly string[]
  /** Who has one device more here, or one less, and stays; who is in both has nothing but other devices here than before. */
  readonly newDevices?: readonly string[]
  readonly goneDevices?: readonly string[]
  /** Device keys that were added. */
  readonly devices?: readonly string[]
  /** Seconds until what is said from now on disappears; 0: it stays. */
  readonly timer?: number
}

/** What a commit did to the leaves. */
export interface LeafChange {
  /** Whose keys are fresh when nobody came or went. */
  readonly by: DeviceIdentity | undefined
  readonly incoming: readonly DeviceIdentity[]
  readonly outgoing: readonly DeviceIdentity[]
  /** Who was there before and is there after. */
  readonly staying: readonly DeviceIdentity[]
}

export function changeNote({ by, incoming, outgoing, staying }: LeafChange): ChangeNote {
  const [came, went, stay] = [accounts(incoming), accounts(outgoing), accounts(staying)]
  const anew = new Set(outgoing.map(({ deviceKey }) => hex(deviceKey)))
  const rejoined = accounts(incoming.filter(({ deviceKey }) => anew.has(hex(deviceKey))))
  const isThere = (key: string): boolean => stay.includes(key) || (came.includes(key) && went.includes(key))
  const isElse = (key: string): boolean => !rejoined.includes(key) && !isThere(key)
  const isOneMore = (key: string): boolean => !rejoined.includes(key) && isThere(key)
  const isUpdate = came.length + went.length === 0
  const [newDevices, goneDevices] = [came.filter(isOneMore), went.filter(isOneMore)]
  return {
    added: came.filter(isElse),
    removed: went.filter(isElse),
    updated: isUpdate && by ? accounts([by]) : [],
    rejoined,
    ...(newDevices.length > 0 && { newDevices }),
    ...(goneDevices.length > 0 && { goneDevices }),
    devices: incoming.map(({ deviceKey }) => hex(deviceKey)),
  }
}

/** Somebody came in who has to be told of the group: new, or on none of the devices of before. */
export const isAnyInvited = ({ added, newDevices = [], goneDevices = [] }: ChangeNote): boolean =>
  added.length > 0 || newDevices.some((key) => goneDevices.includes(key))

/** Those of the leaves that are none of `others`. */
export function leavesBut<Leaf extends DeviceIdentity>(
  leaves: readonly Leaf[],
  others: readonly DeviceIdentity[],
): readonly Leaf[] {
  const keys = new Set(others.map(({ deviceKey }) => hex(deviceKey)))
  return leaves.filter(({ deviceKey }) => !keys.has(hex(deviceKey)))
}

const accounts = (members: readonly DeviceIdentity[]): readonly string[] => [
  ...new Set(members.map((member) => hex(member.accountKey))),
]
