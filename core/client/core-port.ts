/** The core's end of the port: answers the face's calls and tells it events. */
import { QpqError, toQpqError } from "../domain/errors.ts"
import type { World } from "../domain/world.ts"
import type { Client } from "./client-api.ts"
import { errorTrace } from "./error-trace.ts"
import type { ProfileGate } from "./gate.ts"
import { BEAT_MS } from "./port-messages.ts"
import type { FromCore, Port, ToCore } from "./port-messages.ts"

type Call = (...args: readonly unknown[]) => Promise<unknown>

/** @param signal ends the heartbeat and the events. */
export function serveCore(
  port: Port<ToCore, FromCore>,
  gate: ProfileGate,
  { world, signal }: { readonly world: World; readonly signal: AbortSignal },
): void {
  const teller = new EventTeller(port, signal)
  port.on("message", ({ id, method, args }) => {
    void answer(gate, method, args)
      .then((value) => {
        if (OPENS.includes(method)) teller.tell(gate.client)
        port.postMessage({ kind: "answer", id, value })
      })
      .catch((thrown: unknown) => {
        const { code, detail } = toQpqError(thrown)
        port.postMessage({ kind: "failure", id, error: { code, detail, trace: errorTrace(thrown) } })
      })
  })
  void beat(port, world, signal)
}

const OPENS: readonly string[] = ["open", "register", "login", "pairUp"]
const PASSWORD_METHODS: readonly string[] = ["passwordStrength", "checkPassword", "changePassword"]
const GATE_METHODS: readonly string[] = [
  "profile",
  "unlock",
  "inspect",
  "register",
  "login",
  "pairUp",
  "deleteAccount",
  "open",
  "close",
  ...PASSWORD_METHODS,
]

async function answer(gate: ProfileGate, method: string, args: readonly unknown[]): Promise<unknown> {
  const target: object = GATE_METHODS.includes(method) ? gate : gate.client
  const call: unknown = Reflect.get(target, method)
  if (typeof call !== "function") throw new QpqError("E099", method)
  return (call as Call).apply(target, args as unknown[])
}

class EventTeller {
  readonly #port: Port<ToCore, FromCore>
  readonly #signal: AbortSignal
  #told: Client | undefined

  constructor(port: Port<ToCore, FromCore>, signal: AbortSignal) {
    this.#port = port
    this.#signal = signal
  }

  /** Once per session. */
  tell(client: Client): void {
    if (this.#told === client) return
    this.#told = client
    void this.#forward(client)
  }

  async #forward(client: Client): Promise<void> {
    for await (const event of client.events(this.#signal)) this.#port.postMessage({ kind: "event", event })
  }
}

async function beat(port: Port<ToCore, FromCore>, { clock }: World, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    port.postMessage({ kind: "beat" })
    await clock.sleep(BEAT_MS, signal).catch(() => undefined)
  }
}
