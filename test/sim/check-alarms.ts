/** What people are told of: each alarm has its cause, within the time of that. */
import type { ErrorCode } from "../../core/domain/errors.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import { honest, rowOf } from "./check-groups.ts"
import type { Rooms } from "./check-groups.ts"
import type { Gap } from "./past.ts"
import type { Person } from "./person.ts"
import type { Told } from "./person-rooms.ts"
import type { Violation } from "./violation.ts"

const MINUTE_MS = 60_000
/** Told of a network or a server that is gone. */
const CAUSELESS: readonly ErrorCode[] = ["E053", "E054", "E055", "E059"]
/** Mail of those who do not follow a group, or of those who do to those who do not. */
const STRAY_MAIL: readonly ErrorCode[] = ["E030", "E032", "E033", "E034", "E035", "E036", "E043"]

type Cause = (rooms: Rooms, who: Person, told: Told) => boolean

/** Whether it happened to be open then: until the person has heard of the way back, and a little longer. */
const isOpen = ({ since, until = Infinity }: Gap, at: number): boolean => since <= at && at <= until + MINUTE_MS

const isLost: Cause = ({ past }, who, { at, message }) =>
  past.allGaps(who).some((gap) => {
    const name = rowOf(who, gap.group)?.name
    return isOpen(gap, at) && (name === undefined || message.includes(name))
  })

/** Somebody of a group of the person's asks to be let in, or did within the life of such a request. */
const isSomebodyLost: Cause = ({ scene, past }, who, { at }) =>
  scene.everybody.some((other) =>
    past.allGaps(other).some((gap) => {
      const isShared = gap.group.epochs.some(({ members }) => members.includes(who.device))
      return isShared && isOpen({ ...gap, until: (gap.until ?? Infinity) + DAY_MS }, at)
    }),
  )

const isOlderCopy: Cause = (_, who, { at }) => who.losses.some(({ until }) => until <= at)

const isAnyFull: Cause = ({ scene }, _, { at }) =>
  scene.fullTimes.some(({ from, until = Infinity }) => from <= at && at <= until + MINUTE_MS)

const hasLied: Cause = ({ scene: { ghost } }, _, { at }) => ghost?.liedAt !== undefined && ghost.liedAt <= at

const isSlippedIn: Cause = ({ scene: { ghost } }, _, { at }) => ghost?.slippedAt !== undefined && ghost.slippedAt <= at

/** A device that is listed has no KeyPackages until it has come. */
const isAnyComing: Cause = ({ scene }) => scene.arrivals.length > 0

/** A change that was on its way when its program died names a device that was revoked meanwhile. */
const isRevoked: Cause = ({ scene: { truth } }, _, { message }) =>
  [...truth.revoked.keys()].some((device) => message.includes(device))

/** One that asked to be let in again was revoked since, and who would let it in has not heard of that: an error names its beginning. */
const isAskerRevoked: Cause = ({ scene: { truth } }, _, { at, message }) =>
  [...truth.revoked].some(([device, since]) => since <= at && message.endsWith(device.slice(0, 8)))

const CAUSES: Partial<Readonly<Record<ErrorCode, Cause>>> = {
  E010: isAnyComing,
  E011: hasLied,
  E014: isAskerRevoked,
  E017: hasLied,
  E040: isRevoked,
  E041: isAnyFull,
  E045: isOlderCopy,
  E046: ({ scene }, who, { at }) => scene.truth.letters.hasExpired(who.device, at),
  E048: isLost,
  E049: isOlderCopy,
  E100: isSlippedIn,
  ...Object.fromEntries(STRAY_MAIL.map((code) => [code, isSomebodyLost])),
}

/** Alarms that nothing in the seed gave cause for. */
export function alarms(rooms: Rooms): readonly Violation[] {
  const isCauseless = (who: Person, told: Told): boolean =>
    told.code !== "E099" && !CAUSELESS.includes(told.code) && CAUSES[told.code]?.(rooms, who, told) !== true
  return honest(rooms.scene).flatMap((who) =>
    who.troubles
      .filter((told) => isCauseless(who, told))
      .map(({ code, message }) => ({ check: "alarm", what: `${who.name}: ${code} ${message}` })),
  )
}
