/** Two processes on one database renew their tokens with a server that keeps to PROTOCOL.md section 4. */
import { beforeEach, describe, expect, test } from "vitest"
import { renewTokens, saveLogin, storedAuth } from "../../../core/client/tokens.ts"
import type { TokenRooms } from "../../../core/client/tokens.ts"
import type { AccountService, RefreshRequest, Session } from "../../../core/contract/account-service.ts"
import { sha256 } from "../../../core/crypto/hash.ts"
import { hex } from "../../../core/domain/bytes.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import type { ClientStore } from "../../../core/store/client-store.ts"
import { memoryStore } from "../../../core/store/memory-store.ts"
import { DEVICE, fakeServices, filled } from "../../fakes/fake-services.ts"
import { codeOf, codeOfAsync } from "../../fakes/refusal.ts"
import { until } from "../../fakes/until.ts"
import { fakeWorld, turn } from "../../fakes/world.ts"
import type { FakeWorld } from "../../fakes/world.ts"

const HOUR_MS = 3_600_000

/** Knows one family: the hash it expects next, and the pair that it answered last. */
class TokenServer {
  readonly service: AccountService
  renewals = 0
  revoked = false
  #expected: string
  #last: { readonly old: string; readonly next: string } | undefined
  /** Runs after the server has acted and before its answer is heard. */
  beforeAnswer: () => Promise<void> = async () => undefined
  readonly #world: FakeWorld

  constructor(world: FakeWorld, first: Uint8Array) {
    this.#world = world
    this.#expected = hex(sha256(first))
    this.service = fakeServices({ refreshToken: (request: RefreshRequest) => this.#refresh(request) }).account
  }

  async #refresh({ refreshToken, nextHash }: RefreshRequest): Promise<Session> {
    const [old, next] = [hex(sha256(refreshToken)), hex(nextHash)]
    const isRepeat = this.#last?.old === old && this.#last.next === next
    if (this.#last?.old === old && !isRepeat) this.revoked = true
    if (this.revoked || (!isRepeat && old !== this.#expected)) throw new QpqError("E007")
    this.#last = { old, next }
    this.#expected = next
    this.renewals++
    await this.beforeAnswer()
    return this.session()
  }

  session(): Session {
    const now = this.#world.clock.now()
    return { accessToken: this.#world.random.bytes(32), accessExpires: now + HOUR_MS, refreshExpires: now + HOUR_MS }
  }
}

let world: FakeWorld
let store: ClientStore
let server: TokenServer
let one: TokenRooms
let other: TokenRooms

beforeEach(() => {
  world = fakeWorld()
  store = memoryStore()
  const first = filled(32, 1)
  server = new TokenServer(world, first)
  store.write((tx) => {
    saveLogin(tx, server.session(), first)
  })
  one = { store, world, owner: filled(16, 1), deviceKey: DEVICE }
  other = { ...one, owner: filled(16, 2) }
})

const access = (): string => hex(storedAuth(store, DEVICE).accessToken)
const renew = (rooms: TokenRooms, always: boolean): Promise<void> => renewTokens(rooms, server.service, always)

describe("a token", () => {
  test("is kept while it is good, renewed when it is about to end, and in any case when asked", async () => {
    const before = access()
    await renew(one, false)
    expect(access()).toBe(before)
    await world.advance(HOUR_MS - 30_000)
    await renew(one, false)
    expect(access()).not.toBe(before)
    const second = access()
    await renew(one, true)
    expect(access()).not.toBe(second)
    expect(server.renewals).toBe(2)
  })

  test("is renewed once when two processes need it at the same time", async () => {
    let answer: () => void = () => undefined
    server.beforeAnswer = () => new Promise((resolve) => (answer = resolve))
    const before = access()
    const both = [renew(one, true), renew(other, true)]
    await until("one has asked", () => server.renewals === 1)
    await world.advance(1000)
    expect(server.renewals).toBe(1)
    answer()
    await turn()
    await world.advance(1000)
    await Promise.all(both)
    expect(server.renewals).toBe(1)
    expect(access()).not.toBe(before)
  })

  test("is renewed with the same pair after a crash between the server's answer and the store", async () => {
    server.beforeAnswer = () => new Promise(() => undefined)
    void renew(one, true)
    await until("the first has asked", () => server.renewals === 1)
    server.beforeAnswer = async () => undefined
    const later = renew(other, true)
    await world.advance(11_000)
    await later
    expect(server.revoked).toBe(false)
    expect(codeOf(() => access())).toBe("accepted")
    await renew(other, true)
    await renew(one, true)
    expect(server.revoked).toBe(false)
  })

  test("that another process has replaced meanwhile is no failure", async () => {
    let answer: () => void = () => undefined
    server.beforeAnswer = () => new Promise((resolve) => (answer = resolve))
    const slow = renew(one, true)
    await until("the slow one has asked", () => server.renewals === 1)
    server.beforeAnswer = async () => undefined
    const quick = renew(other, true)
    await world.advance(11_000)
    await quick
    const replaced = access()
    answer()
    await slow
    expect(access()).toBe(replaced)
    expect(server.revoked).toBe(false)
  })

  test("of a login that is over is E007, and the lease is free again", async () => {
    server.revoked = true
    expect(await codeOfAsync(() => renew(one, true))).toBe("E007")
    expect(await codeOfAsync(() => renew(other, true))).toBe("E007")
  })

  test("is not there when nobody is logged in: E001", async () => {
    const empty = { ...one, store: memoryStore() }
    expect(await codeOfAsync(() => renewTokens(empty, server.service, true))).toBe("E001")
    expect(codeOf(() => storedAuth(empty.store, DEVICE))).toBe("E001")
  })
})
