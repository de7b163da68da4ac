/** Being online: the link kept up, mail pumped while it is, keys kept published. */
import type { AccountService } from "../contract/account-service.ts"
import type { NodeService } from "../contract/node-service.ts"
import { hasCode, QpqError, toQpqError } from "../domain/errors.ts"
import { abortedAfter, within } from "../domain/deadline.ts"
import { isRotationDue, refill } from "./key-package-pool.ts"
import type { Pump } from "./pump.ts"
import type { Rooms } from "./session-parts.ts"
import { ownList } from "./devices.ts"
import { checkEpochs } from "./epoch-check.ts"
import { tidyGroups } from "./leave.ts"

const REFILL_EVERY_MS = 3_600_000
const RETRY_MS = 300
const ONLINE_MS_MAX = 15_000

export type Server = NodeService & AccountService

export class Presence {
  readonly #rooms: Rooms
  readonly #pump: Pump
  readonly #signal: AbortSignal
  #linked: Promise<void> | undefined
  #followed: Promise<void> | undefined

  constructor(rooms: Rooms, pump: Pump, signal: AbortSignal) {
    this.#rooms = rooms
    this.#pump = pump
    this.#signal = signal
  }

  get isFollowing(): boolean {
    return this.#followed !== undefined
  }

  /** @throws what keeps the link down when there is no connection in time: E053, E056, E001, … */
  async online(timeoutMs: number): Promise<Server> {
    this.#connect()
    const late = abortedAfter(this.#rooms.world, timeoutMs)
    try {
      return await this.#rooms.link.online(AbortSignal.any([late, this.#signal]))
    } catch (thrown) {
      if (!late.aborted) throw thrown
      throw new QpqError(this.#rooms.link.view.code ?? "E053")
    }
  }

  /** Asks the server now whether our groups went on without us, and reads what that brings. */
  async check(timeoutMs: number): Promise<void> {
    await this.#within(timeoutMs, async (node) => {
      await this.#pump.once(node)
      await checkEpochs(this.#rooms, node, true)
      await this.#pump.once(node)
    })
  }

  /** Reads to the end and sends what waits. @throws E055 when that takes longer. */
  async sync(timeoutMs: number): Promise<void> {
    await this.#within(timeoutMs, (node) => this.#pump.once(node))
    if (!this.isFollowing && isRotationDue(this.#rooms)) await this.#keepUp()
  }

  /** A profile that is used by commands alone must not lose its keys; what the command was for is done by now. */
  async #keepUp(): Promise<void> {
    try {
      await this.#within(ONLINE_MS_MAX, (node) => this.#upkeep(node))
    } catch (thrown) {
      this.#report(toQpqError(thrown))
    }
  }

  /**
   * For a step that a person asked for. A computer that slept may wake up with a connection that outlived its token: then
   * it is tried again with a new one. @throws what `online` and the step throw.
   */
  async use<T>(step: (node: Server) => Promise<T>): Promise<T> {
    const node = await this.online(ONLINE_MS_MAX)
    try {
      return await step(node)
    } catch (thrown) {
      if (!hasCode(thrown, "E002")) throw thrown
      await this.#rooms.link.renew()
      return step(await this.online(ONLINE_MS_MAX))
    }
  }

  /** The same within a time. */
  async #within(timeoutMs: number, work: (node: Server) => Promise<void>): Promise<void> {
    const { world, link } = this.#rooms
    const begun = world.clock.monotonic()
    try {
      await within(world, timeoutMs, work(await this.online(timeoutMs)))
    } catch (thrown) {
      if (!hasCode(thrown, "E002")) throw thrown
      await within(world, timeoutMs, link.renew())
      const leftMs = timeoutMs - (world.clock.monotonic() - begun)
      await within(world, leftMs, work(await this.online(leftMs)))
    }
  }

  follow(): void {
    this.#connect()
    this.#followed ??= this.#keepFollowing()
  }

  /** Settles when nothing runs any more, after the signal fired. */
  async ended(): Promise<void> {
    await Promise.allSettled([this.#linked, this.#followed])
  }

  #connect(): void {
    this.#linked ??= this.#rooms.link.run(this.#signal)
  }

  async #keepFollowing(): Promise<void> {
    let refillAt = 0
    while (!this.#signal.aborted) {
      try {
        const node = await this.#rooms.link.online(this.#signal)
        const now = this.#rooms.world.clock.now()
        if (now >= refillAt) {
          await this.#pump.once(node)
          await this.#upkeep(node)
          refillAt = now + REFILL_EVERY_MS
        }
        await this.#pump.run(node, AbortSignal.any([this.#signal, abortedAfter(this.#rooms.world, refillAt - now)]))
      } catch (thrown) {
        if (hasCode(thrown, "E001", "E007")) return
        if (hasCode(thrown, "E002")) await this.#rooms.link.renew()
        this.#report(toQpqError(thrown))
        await this.#rooms.world.clock.sleep(RETRY_MS, this.#signal).catch(() => undefined)
      }
    }
  }

  /** A lost connection shows in the link; anything else is told. */
  #report({ code, message, retryable }: QpqError): void {
    if (!retryable && code !== "E002" && !this.#signal.aborted)
      this.#rooms.events.emit({ kind: "trouble", code, message })
  }

  async #upkeep(node: NodeService): Promise<void> {
    tidyGroups(this.#rooms)
    await ownList(this.#rooms, node)
    await checkEpochs(this.#rooms, node)
    await refill(this.#rooms, node)
  }
}
