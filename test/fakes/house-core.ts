/** A real session as a screen sees it: a core whose profile is open already. */
import type { Core } from "../../core/client/client-api.ts"
import type { ClientSession } from "../../core/client/session.ts"

export function coreOf(session: ClientSession): Core {
  const gate: Pick<Core, "profile" | "open"> = {
    profile: async () => ({ state: "ready", name: undefined, server: undefined }),
    open: () => session.whoami(),
  }
  return new Proxy(session as unknown as Core, {
    get(_session, name) {
      const owner = Object.hasOwn(gate, name) ? gate : session
      const member: unknown = Reflect.get(owner, name)
      return typeof member === "function" ? (member.bind(owner) as unknown) : member
    },
  })
}
