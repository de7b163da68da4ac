/** Gives a face the core of a profile. Placeholder in this thread, to be replaced by the worker's host. */
import type { Client, Core } from "../core/client/client-api.ts"
import { ProfileGate } from "../core/client/gate.ts"
import { realWorld } from "../core/domain/world.ts"

const GATE_METHODS = ["profile", "unlock", "inspect", "register", "login", "open", "close"]

export async function startCore({ home }: { readonly home: string }): Promise<Core> {
  const gate = new ProfileGate({ home, world: realWorld })
  return new Proxy(gate as unknown as Core, {
    get(_target, name) {
      // A promise is asked for `then`: the core is none.
      if (name === "then") return undefined
      const owner = GATE_METHODS.includes(String(name)) ? gate : gate.client
      const method: unknown = Reflect.get(owner, name)
      return typeof method === "function" ? (method.bind(owner) as Client["whoami"]) : method
    },
  })
}
