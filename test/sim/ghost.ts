/**
 * A device of the server's own, which it would like to have in the groups: shown in forged or older device lists, given in
 * place of another's KeyPackage, or, with an account's key in the hands of a thief, added by a member's own machine.
 */
import { holder, keysOf } from "../../core/client/identity.ts"
import type { Identity } from "../../core/client/identity.ts"
import type { AccountRecord } from "../../core/contract/account-record.ts"
import { issueDeviceCertificate } from "../../core/crypto/device-certificate.ts"
import { decodeDeviceList, encodeDeviceList } from "../../core/crypto/device-list.ts"
import { equal, hex } from "../../core/domain/bytes.ts"
import type { AccountKey, DeviceKey } from "../../core/domain/ids.ts"
import type { Suite } from "../../core/domain/suite.ts"
import { groupTagOf } from "../../core/mls/group-tag.ts"
import type { GroupEngine } from "../../core/mls/group-engine.ts"
import { TsMlsEngine } from "../../core/mls/ts-mls-engine.ts"
import type { Person } from "./person.ts"
import type { ClientBreak } from "./person-rooms.ts"
import type { Schedule } from "./schedule.ts"
import type { Ask, Tamper } from "./wire.ts"

/** forged: a list that the account did not sign. older: one from before, to who knows a newer. swapped: another KeyPackage. */
export type Lie = "forged" | "older" | "swapped"
export const LIES: readonly Lie[] = ["forged", "older", "swapped"]

interface GhostRooms {
  /** An account of its own, by which the server keeps its keys and mail. */
  readonly who: Person
  readonly schedule: Schedule
  readonly isDirect: (tag: string) => boolean
  /** The counter of the newest list of the account that somebody has seen. */
  readonly counterKnownTo: (name: string, account: AccountKey) => bigint
}

export class Ghost {
  readonly who: Person
  /** Since when the server lied, and since when it was in a group by a thief's help; undefined: not yet. */
  liedAt: number | undefined
  slippedAt: number | undefined
  /** Whose account the server lies about now, and how. */
  lie: { readonly user: string; readonly how: Lie } | undefined
  /** Whose machine adds it with the next commit. */
  thief: Person | undefined
  readonly #told = new Map<string, number>()
  /** Groups that a thief's machine has staged it for, by the hex of their tags. */
  readonly slips = new Set<string>()
  /** Steps that were done on the strength of a lie. */
  readonly believed: string[] = []
  readonly #rooms: GhostRooms
  /** The first records that were shown, by name. */
  readonly #first = new Map<string, AccountRecord>()

  constructor(rooms: GhostRooms) {
    this.who = rooms.who
    this.#rooms = rooms
  }

  /** What the server and the thief do to a program. */
  breakOf(name: string): ClientBreak {
    return { tamper: this.#tamper(name), engine: (engine) => this.#engine(name, engine) }
  }

  #tamper =
    (name: string): Tamper =>
    (ask: Ask): Ask =>
    async (method, args) => {
      const answer = await ask(method, args)
      if (method === "resolveUser" || method === "resolveIdentity") return this.#record(name, answer as AccountRecord)
      if (method !== "fetchKeyPackage") return answer
      const [device, suite] = args as [DeviceKey, Suite]
      const keyPackage = await this.#keyPackage(name, device, suite)
      return keyPackage ? { ...(answer as object), keyPackage } : answer
    }

  #record(name: string, record: AccountRecord): AccountRecord {
    const first = this.#first.get(record.name) ?? record
    this.#first.set(record.name, first)
    if (this.lie?.user !== record.name || this.lie.how === "swapped") return record
    if (this.lie.how === "older") return this.#older(name, record, first)
    const list = decodeDeviceList(record.deviceList)
    const { deviceKey } = this.who.me
    const deviceList = encodeDeviceList({ ...list, counter: list.counter + 1n, devices: [...list.devices, deviceKey] })
    this.#note(name)
    const { certificate } = this.#disguise(record.accountKey)
    return { ...record, deviceList, certificates: [...record.certificates, certificate] }
  }

  #older(name: string, record: AccountRecord, first: AccountRecord): AccountRecord {
    if (decodeDeviceList(first.deviceList).counter >= this.#rooms.counterKnownTo(name, record.accountKey)) return record
    this.#note(name)
    return first
  }

  async #keyPackage(name: string, device: DeviceKey, suite: Suite): Promise<Uint8Array | undefined> {
    const { lie, who } = this
    const isOwn = equal(device, who.me.deviceKey)
    if (!lie || (!isOwn && lie.how !== "swapped")) return undefined
    const first = this.#first.get(lie.user)
    const isTheirs = first && decodeDeviceList(first.deviceList).devices.some((key) => equal(key, device))
    if (!first || (!isOwn && !isTheirs)) return undefined
    this.#note(name)
    return this.#made(isOwn ? this.#disguise(first.accountKey) : who.me, suite)
  }

  #note(name: string): void {
    this.liedAt ??= this.#rooms.schedule.elapsed
    const whom = `${name}/${this.lie?.user ?? ""}`
    this.#told.set(whom, (this.#told.get(whom) ?? 0) + 1)
  }

  /** How many lies this one was told about that account. */
  told(name: string, user: string): number {
    return this.#told.get(`${name}/${user}`) ?? 0
  }

  /** As the account's, by a certificate that the account did not sign. */
  #disguise(accountKey: AccountKey): Identity {
    const { me } = this.who
    const { accountSeed, deviceKey } = holder(me)
    return { ...me, accountKey, certificate: issueDeviceCertificate(accountSeed, { accountKey, deviceKey }) }
  }

  async #made(me: Identity, suite: Suite): Promise<Uint8Array> {
    const now = this.#rooms.schedule.clock().now()
    return (await new TsMlsEngine(me).makeKeyPackage({ suite, now })).publicBytes
  }

  #engine(name: string, engine: GroupEngine): GroupEngine {
    return {
      ...engine,
      stage: async (group, change) => {
        const { thief, who } = this
        const isThere = group.members.some(({ deviceKey }) => equal(deviceKey, who.me.deviceKey))
        const isPlain = (change.add ?? []).length === 0 && (change.remove ?? []).length === 0
        const tag = hex(groupTagOf(group.id))
        if (thief?.name !== name || isThere || !isPlain || this.#rooms.isDirect(tag)) return engine.stage(group, change)
        this.thief = undefined
        this.slips.add(tag)
        this.slippedAt ??= this.#rooms.schedule.elapsed
        const stolen = { ...who.me, ...keysOf(holder(thief.me).accountSeed, who.me.deviceSeed) }
        return engine.stage(group, { ...change, add: [await this.#made(stolen, group.suite)] })
      },
    }
  }
}
