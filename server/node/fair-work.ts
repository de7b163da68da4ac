/** Calls that take the processor for a millisecond or more, as OPAQUE and signatures do: one in each round of the event loop. */
import type { AccountService } from "../../core/contract/account-service.ts"
import { FairTurns } from "../../core/transport/fair-turns.ts"

/** The addresses take turns; in between the server reads, answers others and keeps its timers. */
export class FairWork {
  readonly #waiting = new FairTurns<() => void>()
  #isDue = false

  /** Resolves when it is the turn of a piece of work of this address. */
  turn(address: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.add(address, resolve)
      this.#soon()
    })
  }

  #soon(): void {
    if (this.#isDue) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      this.#waiting.next()?.()
      if (this.#waiting.size > 0) this.#soon()
    })
  }
}

/** The accounts as one address may ask about them beside others. */
export const fairAccounts = (service: AccountService, work: FairWork, address: string): AccountService => ({
  health: () => service.health(),
  ping: () => service.ping(),
  async registerStart(name, request) {
    await work.turn(address)
    return service.registerStart(name, request)
  },
  async registerFinish(registration) {
    await work.turn(address)
    return service.registerFinish(registration)
  },
  async loginStart(name, request) {
    await work.turn(address)
    return service.loginStart(name, request)
  },
  async loginFinish(login) {
    await work.turn(address)
    return service.loginFinish(login)
  },
  async refreshToken(request) {
    await work.turn(address)
    return service.refreshToken(request)
  },
  async askPairing(request) {
    await work.turn(address)
    return service.askPairing(request)
  },
})
