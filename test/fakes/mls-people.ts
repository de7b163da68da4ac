/** Devices with accounts and engines, and groups of them, for tests of MLS. */
import { randomBytes } from "node:crypto"
import { issueDeviceCertificate } from "../../core/crypto/device-certificate.ts"
import { generateEd25519 } from "../../core/crypto/ed25519.ts"
import type { Ed25519KeyPair } from "../../core/crypto/ed25519.ts"
import { accountKey, deviceKey, groupId } from "../../core/domain/ids.ts"
import type { AccountKey, DeviceKey } from "../../core/domain/ids.ts"
import type { Suite } from "../../core/domain/suite.ts"
import type { MlsGroup, OpenedCommit, OwnKeyPackage, StagedCommit } from "../../core/mls/group-engine.ts"
import { TsMlsEngine } from "../../core/mls/ts-mls-engine.ts"

/** ts-mls compares lifetimes of KeyPackages one adds with the machine's clock, so tests start there. */
export const NOW = Date.now()

export interface Person {
  readonly account: Ed25519KeyPair
  readonly accountKey: AccountKey
  readonly device: Ed25519KeyPair
  readonly deviceKey: DeviceKey
  readonly certificate: Uint8Array
  readonly engine: TsMlsEngine
}

export function person(account: Ed25519KeyPair = generateEd25519()): Person {
  const device = generateEd25519()
  const identity = { accountKey: accountKey(account.publicKey), deviceKey: deviceKey(device.publicKey) }
  const certificate = issueDeviceCertificate(account.secretSeed, identity)
  const engine = new TsMlsEngine({ deviceSeed: device.secretSeed, certificate })
  return { account, device, certificate, engine, ...identity }
}

export const keyPackageOf = (who: Person, suite: Suite = "baseline"): Promise<OwnKeyPackage> =>
  who.engine.makeKeyPackage({ suite, now: NOW })

/** A person and their present state of the one group of the test. */
export interface Seat {
  readonly who: Person
  group: MlsGroup
}

export const newGroupId = (): ReturnType<typeof groupId> => groupId(new Uint8Array(randomBytes(32)))

/** Joins a newcomer by the staged commit's Welcome. */
export async function seatOf(staged: StagedCommit, who: Person, own: OwnKeyPackage): Promise<Seat> {
  return { who, group: await who.engine.join(invitationFor(staged, who, own)) }
}

export function invitationFor(
  { welcome }: StagedCommit,
  who: Person,
  keyPackage: OwnKeyPackage,
): { shared: Uint8Array; secrets: Uint8Array; keyPackage: OwnKeyPackage } {
  const own = welcome?.perRecipient.find((recipient) => Buffer.compare(recipient.deviceKey, who.deviceKey) === 0)
  if (!welcome || !own) throw new TypeError("no Welcome for this person")
  return { shared: welcome.shared, secrets: own.secrets, keyPackage }
}

/** A group of `size` people, all added by the first in one commit. */
export async function groupOf(size: number, suite: Suite = "baseline"): Promise<Seat[]> {
  const first = person()
  const founder: Seat = { who: first, group: await first.engine.create(newGroupId(), suite, NOW) }
  if (size === 1) return [founder]
  return [founder, ...(await invite([founder], founder, size - 1))]
}

/** `by` adds `count` new people; everybody in `seats` follows. */
export async function invite(seats: readonly Seat[], by: Seat, count: number): Promise<Seat[]> {
  const people = Array.from({ length: count }, () => person())
  const keyPackages = await Promise.all(people.map((who) => keyPackageOf(who, by.group.suite)))
  const staged = await by.who.engine.stage(by.group, { now: NOW, add: keyPackages.map((own) => own.publicBytes) })
  await settle(seats, by, staged)
  return Promise.all(people.map((who, index) => seatOf(staged, who, keyPackages[index]!)))
}

/** The commit is accepted: everybody else opens it, its author adopts it. */
export async function settle(seats: readonly Seat[], by: Seat, staged: StagedCommit): Promise<OpenedCommit[]> {
  const opened: OpenedCommit[] = []
  for (const seat of seats) {
    if (seat === by) continue
    const request = { message: staged.message, expectedVerifier: staged.nextVerifier }
    const result = await seat.who.engine.open(seat.group, request)
    seat.group = result.group
    if (result.kind === "commit") opened.push(result)
  }
  by.group = by.who.engine.adopt(staged.next, by.group)
  return opened
}

/** Seals, moves the sender on and returns the message. */
export async function say(seat: Seat, text: string): Promise<Uint8Array> {
  const sealed = await seat.who.engine.seal(seat.group, { plaintext: Buffer.from(text) })
  seat.group = sealed.group
  return sealed.message
}

/** Opens an application message and returns its text. */
export async function hear(seat: Seat, message: Uint8Array): Promise<string> {
  const opened = await seat.who.engine.open(seat.group, { message })
  seat.group = opened.group
  return opened.kind === "application" ? Buffer.from(opened.plaintext).toString() : `not a text but ${opened.kind}`
}

/** Whether all are in the same epoch with the same secrets. */
export function agree(seats: readonly Seat[]): boolean {
  const authenticators = seats.map((seat) =>
    Buffer.from(seat.who.engine.epochAuthenticator(seat.group)).toString("hex"),
  )
  return new Set(authenticators).size === 1
}
