/** What groups of 2 to 500 cost their members: MLS engine and sealing, both suites. Run: npm run bench groups */
import type { HybridKeyRecord } from "../../core/crypto/device-hybrid-record.ts"
import { openFromEpoch, sealSharedBody, sealToEpoch, sharedPrefix } from "../../core/crypto/envelope.ts"
import type { EnvelopeContent } from "../../core/crypto/envelope-content.ts"
import { generateHybridKey, readHybridKeyRecord } from "../../core/crypto/hybrid-key.ts"
import { NO_CHANNEL } from "../../core/domain/ids.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { GROUP_LEAVES_MAX } from "../../core/domain/limits.ts"
import type { Suite } from "../../core/domain/suite.ts"
import type { OwnKeyPackage, StagedCommit } from "../../core/mls/group-engine.ts"
import { keyPackageOf, newGroupId, NOW, person, seatOf } from "../fakes/mls-people.ts"
import type { Person, Seat } from "../fakes/mls-people.ts"
import { plot, table } from "../fakes/plot.ts"
import type { Series } from "../fakes/plot.ts"

const SIZES = (process.env["BENCH_SIZES"] ?? "2,10,50,100,200,500").split(",").map(Number)
const ROUNDS = 5
const TEXT = new Uint8Array(200)
const STEPS = [
  "create",
  "bulk add",
  "seal Welcomes",
  "join",
  "update, first",
  "update, warm",
  "seal commit",
  "process",
  "add one",
  "remove one",
  "send",
  "receive",
] as const
type Step = (typeof STEPS)[number]
type Times = Record<Step, number[]>
type Own = OwnKeyPackage

for (const suite of ["hybrid", "baseline"] as const) {
  const results = new Map<number, Times>()
  for (const size of SIZES) results.set(size, await measured(suite, size))
  const series = STEPS.map((name): Series => {
    const measuredAt = [...results].filter(([, times]) => times[name].length > 0)
    const ms = new Map(measuredAt.map(([size, times]) => [size, median(times[name])]))
    return { name, ms }
  })
  console.log(`${suite} suite: medians in ms`)
  console.log(table("members", SIZES, series))
  console.log()
  for (const one of series.filter(({ name }) => ["bulk add", "join", "update, warm", "process"].includes(name)))
    console.log(plot(one))
  console.log()
  console.log(JSON.stringify({ suite, series: series.map(({ name, ms }) => ({ name, ms: [...ms] })) }))
}

async function measured(suite: Suite, size: number): Promise<Times> {
  const times = Object.fromEntries(STEPS.map((step) => [step, [] as number[]])) as Times
  const timed = async <T>(step: Step, job: () => T | Promise<T>): Promise<T> => {
    const since = performance.now()
    const result = await job()
    times[step].push(performance.now() - since)
    return result
  }
  const first = person()
  const founder: Seat = {
    who: first,
    group: await timed("create", () => first.engine.create(newGroupId(), suite, NOW)),
  }
  const people = Array.from({ length: size - 1 }, () => person())
  const packages: Own[] = []
  for (const who of people) packages.push(await keyPackageOf(who, suite))
  const add = packages.map(({ publicBytes }) => publicBytes)
  const staged = await timed("bulk add", () => first.engine.stage(founder.group, { now: NOW, add }))
  const record = recordOf(first)
  await timed("seal Welcomes", () => sealWelcomes(staged, record))
  const newcomers = people.map((who, at) => ({ who, own: packages[at] }))
  const join = async ({ who, own }: (typeof newcomers)[number]): Promise<Seat> => {
    if (!own) throw new TypeError("no KeyPackage")
    return timed("join", () => seatOf(staged, who, own))
  }
  const seats: Seat[] = [founder]
  // One of each subtree beside the founder's path, and the last.
  for (const at of new Set([...copath(size), size - 1])) seats.push(await join(newcomers[at - 1]!))
  founder.group = first.engine.adopt(staged.next, founder.group)
  const update = async (by: Seat, step: Step | undefined): Promise<void> => {
    const stage = () => by.who.engine.stage(by.group, { now: NOW })
    const made = step === undefined ? await stage() : await timed(step, stage)
    if (by === founder) await timed("seal commit", () => sealToAll(suite, by, made.message, record))
    await follow(timed, by, seats, made)
  }
  await update(founder, "update, first")
  // A tree whose members have all been at work: the founder's path is sealed to one key a level.
  for (const seat of seats.slice(1)) await update(seat, undefined)
  for (let round = 0; round < ROUNDS; round++) {
    await update(founder, "update, warm")
    await chat(timed, founder, seats)
  }
  const newcomer = person()
  const newPackage = (await keyPackageOf(newcomer, suite)).publicBytes
  for (let round = 0; round < ROUNDS && size < GROUP_LEAVES_MAX; round++)
    await timed("add one", () => first.engine.stage(founder.group, { now: NOW, add: [newPackage] }))
  const gone = people[0]?.deviceKey
  if (gone && size > 2)
    for (let round = 0; round < ROUNDS; round++)
      await timed("remove one", () => first.engine.stage(founder.group, { now: NOW, remove: [gone] }))
  return times
}

type Timed = <T>(step: Step, job: () => T | Promise<T>) => Promise<T>

async function follow(timed: Timed, by: Seat, seats: readonly Seat[], staged: StagedCommit): Promise<void> {
  const request = { message: staged.message, expectedVerifier: staged.nextVerifier }
  for (const seat of seats) {
    if (seat === by) continue
    seat.group = (await timed("process", () => seat.who.engine.open(seat.group, request))).group
  }
  by.group = by.who.engine.adopt(staged.next, by.group)
}

/** 1, 2, 4, …: the first leaf of each subtree beside the path of leaf 0. */
function copath(size: number): readonly number[] {
  const leaves: number[] = []
  for (let leaf = 1; leaf < size; leaf *= 2) leaves.push(leaf)
  return leaves
}

/** Of the hybrid suite's envelope, which is one for all; a baseline text is sealed to each: see "seal commit". */
async function chat(timed: Timed, founder: Seat, seats: readonly Seat[]): Promise<void> {
  const member = seats.at(-1)
  if (!member) return
  const payload = await timed("send", async () => {
    const sealed = await founder.who.engine.seal(founder.group, { plaintext: TEXT })
    founder.group = sealed.group
    const content: EnvelopeContent = { kind: "messages", messages: [sealed.message] }
    return sealToEpoch(await founder.who.engine.envelopeKeys(founder.group), NO_CHANNEL, content)
  })
  await timed("receive", async () => {
    const { content } = openFromEpoch(await member.who.engine.envelopeKeys(member.group), NO_CHANNEL, payload)
    if (content.kind !== "messages") throw new TypeError("no message")
    const [message] = content.messages
    if (message) member.group = (await member.who.engine.open(member.group, { message })).group
  })
}

/** One envelope for all in the hybrid suite; in the baseline one a shared body, and its key for each. */
async function sealToAll(suite: Suite, by: Seat, message: Uint8Array, record: HybridKeyRecord): Promise<void> {
  const content: EnvelopeContent = { kind: "messages", messages: [message] }
  if (suite === "hybrid") {
    sealToEpoch(await by.who.engine.envelopeKeys(by.group), NO_CHANNEL, content)
    return
  }
  const others = by.group.members.filter(({ leafIndex }) => leafIndex !== by.group.ownLeaf)
  sealEach(others, content, record)
}

function sealWelcomes({ welcome }: StagedCommit, record: HybridKeyRecord): void {
  if (!welcome) throw new TypeError("no Welcome")
  sealEach(welcome.perRecipient, { kind: "welcome", shared: welcome.shared, note: new Uint8Array(40) }, record)
}

function sealEach(
  recipients: readonly { readonly deviceKey: DeviceKey }[],
  content: EnvelopeContent,
  record: HybridKeyRecord,
): void {
  const shared = sealSharedBody(NO_CHANNEL, content)
  for (const { deviceKey } of recipients) sharedPrefix({ deviceKey, record, channelId: NO_CHANNEL }, shared)
}

/** A device's hybrid key, as its record shows it. Whose it is does not change what sealing to it costs. */
function recordOf({ device, deviceKey }: Person): HybridKeyRecord {
  const { record, signature } = generateHybridKey(device.secretSeed, NOW)
  return readHybridKeyRecord({ deviceKey, record, signature }, NOW)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
