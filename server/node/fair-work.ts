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
export function fairAccounts(service: AccountService, work: FairWork, address: string): AccountService {
  const inTurn = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    await work.turn(address)
    return call()
  }
  return {
    health: () => service.health(),
    ping: () => service.ping(),
    registerStart: (name, request) => inTurn(() => service.registerStart(name, request)),
    registerFinish: (registration) => inTurn(() => service.registerFinish(registration)),
    loginStart: (name, request) => inTurn(() => service.loginStart(name, request)),
    loginFinish: (login) => inTurn(() => service.loginFinish(login)),
    refreshToken: (request) => inTurn(() => service.refreshToken(request)),
    askPairing: (request) => inTurn(() => service.askPairing(request)),
  }
}
