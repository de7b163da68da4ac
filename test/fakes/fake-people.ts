/** The people of the scripted core: who exists, whose numbers were compared, whose keys changed. */
import type { UserView } from "../../core/client/client-api.ts"
import type { DeviceView, PairingView } from "../../core/client/device-view.ts"
import type { VerificationView } from "../../core/client/verification-view.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { fingerprintOf } from "./fake-gate.ts"
import { START } from "./fake-group.ts"
import { FakeTrust, numberOf } from "./fake-trust.ts"
import { FakeWire } from "./fake-wire.ts"

const PUBLISHED = { baseline: { kind: "lastResort" }, hybrid: { kind: "single", ageHours: 3 } } as const

export abstract class FakePeople extends FakeWire {
  protected readonly trust = new FakeTrust()
  /** Names that exist on the server. */
  readonly users = new Set(["alice", "bob", "carol", "dave", "erin"])
  /** Where it is not the usual; undefined as a value: the server does not say. */
  readonly published = new Map<string, UserView["published"]>()
  /** Names asked for, in order. */
  readonly lookedUp: string[] = []

  protected abstract isKnown(name: string): boolean

  verify(name: string): void {
    this.trust.set(name, { verified: true })
  }

  /** The server shows another key for somebody. */
  changesKey(name: string): void {
    this.trust.set(name, { changed: true })
    this.#told(name)
  }

  async lookUp(name: string): Promise<UserView> {
    this.lookedUp.push(name)
    await this.answer("lookUp")
    if (!this.users.has(name)) throw new QpqError("E015", name)
    const { verified } = this.trust.of(name)
    this.trust.check(name)
    if (this.trust.of(name).changed) throw new QpqError("E018", name)
    const about = { fingerprint: fingerprintOf(name), number: numberOf(name), verified }
    const published = this.published.has(name) ? this.published.get(name) : PUBLISHED
    return { name, accountKey: name, ...about, firstContact: !this.isKnown(name), published }
  }

  async verification(name: string): Promise<VerificationView> {
    await this.answer("verification")
    if (!this.users.has(name)) throw new QpqError("E015", name)
    return this.trust.view(name, this.name)
  }

  async confirm(name: string, number: string): Promise<VerificationView> {
    this.calls.push(`confirm ${name}`)
    await this.answer("confirm")
    this.trust.confirm(name, number)
    return this.#told(name)
  }

  async denyNumber(name: string): Promise<VerificationView> {
    this.calls.push(`deny ${name}`)
    this.trust.set(name, { mismatched: true })
    return this.#told(name)
  }

  async trustUnchecked(name: string): Promise<VerificationView> {
    this.calls.push(`unchecked ${name}`)
    this.trust.trustUnchecked(name)
    return this.#told(name)
  }

  async block(name: string): Promise<void> {
    this.calls.push(`block ${name}`)
    await this.answer("block")
    this.#setBlocked(name, true)
  }

  /** The person's own, by the first two letters of their ids. */
  readonly ownDevices = new Map<string, DeviceView>()

  readonly devices = async (name = this.name): Promise<readonly DeviceView[]> => {
    await this.answer("devices")
    if (!this.users.has(name)) throw new QpqError("E015", name)
    if (name === this.name && this.ownDevices.size > 0) return [...this.ownDevices.values()]
    const ids = name === "carol" ? ["c1", "c2"] : [name.slice(0, 1) + "1"]
    const facts = { user: name, name: "", status: "active", listedAt: START } as const
    return ids.map((id) => ({ ...facts, id: id.repeat(32), current: name === this.name }))
  }

  readonly pairing = async (): Promise<PairingView> => {
    await this.answer("pairing")
    return { code: "0123-4567-89AB-CDEF-GHJK-MNPQ-RS0", expires: START + 600_000 }
  }

  readonly takeIn = async (code: string): Promise<DeviceView> => {
    this.calls.push(`takeIn ${code}`)
    await this.answer("takeIn")
    return this.#ownDevice("d2", { name: "laptop" })
  }

  readonly revokeDevice = async (id: string): Promise<DeviceView> => {
    this.calls.push(`revokeDevice ${id.slice(0, 2)}`)
    await this.answer("revokeDevice")
    return this.#ownDevice(id.slice(0, 2), { status: "revoked" })
  }

  readonly nameDevice = async (id: string, name: string): Promise<DeviceView> => {
    this.calls.push(`nameDevice ${id.slice(0, 2)} ${name}`)
    await this.answer("nameDevice")
    return this.#ownDevice(id.slice(0, 2), { name })
  }

  #ownDevice(id: string, change: Partial<DeviceView>): DeviceView {
    const facts = {
      user: this.name,
      id: id.repeat(32),
      name: "",
      status: "active",
      current: false,
      listedAt: START,
    } as const
    const device = { ...facts, ...this.ownDevices.get(id), ...change }
    this.ownDevices.set(id, device)
    return device
  }

  readonly unblock = async (name: string): Promise<void> => this.#setBlocked(name, false)
  readonly blocked = async (): Promise<readonly string[]> =>
    [...this.users].filter((name) => this.trust.of(name).blocked).sort()

  #setBlocked(name: string, blocked: boolean): void {
    if (!this.users.has(name)) throw new QpqError("E015", name)
    if (this.trust.of(name).blocked === blocked && !blocked) throw new QpqError("E070", `${name} is not blocked`)
    this.trust.set(name, { blocked })
    this.tell({ kind: "lagged" })
  }

  #told(name: string): VerificationView {
    const view = this.trust.view(name, this.name)
    this.tell({ kind: "contact", name, state: view.state, verified: this.trust.wasVerified(name) })
    this.tell({ kind: "lagged" })
    return view
  }
}
