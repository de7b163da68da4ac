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
  /** Device keys that were added. */
  readonly devices?: readonly string[]
  /** Seconds until what is said from now on disappears; 0: it stays. */
  readonly timer?: number
}

/** @param by whose keys are fresh when nobody came or went. */
export function changeNote(
  by: DeviceIdentity | undefined,
  incoming: readonly DeviceIdentity[],
  outgoing: readonly DeviceIdentity[],
): ChangeNote {
  const [came, went] = [accounts(incoming), accounts(outgoing)]
  const rejoined = came.filter((key) => went.includes(key))
  const isElse = (key: string): boolean => !rejoined.includes(key)
  const isUpdate = came.length + went.length === 0
  return {
    added: came.filter(isElse),
    removed: went.filter(isElse),
    updated: isUpdate && by ? accounts([by]) : [],
    rejoined,
    devices: incoming.map(({ deviceKey }) => hex(deviceKey)),
  }
}

const accounts = (members: readonly DeviceIdentity[]): readonly string[] => [
  ...new Set(members.map((member) => hex(member.accountKey))),
]
