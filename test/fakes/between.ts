/** Stands between a client and its server, and may answer in the server's place: a hostile server, or a bad line. */
import type { AccountService } from "../../core/contract/account-service.ts"
import type { NodeService } from "../../core/contract/node-service.ts"

export type Service = NodeService & AccountService

type Method = keyof Service

/** `ask` is the honest server's method. */
type Instead<Name extends Method> = (
  ask: Service[Name],
  ...args: Parameters<Service[Name]>
) => ReturnType<Service[Name]>

/** What happens instead of a call; set and removed while the client runs. */
export type Between = { [Name in Method]?: Instead<Name> | undefined }

export function between(service: Service, tampering: Between): Service {
  const calls = Object.entries(service) as unknown as [Method, (...args: unknown[]) => Promise<unknown>][]
  const wrapped = calls.map(([name, call]) => {
    const ask = (...args: unknown[]): Promise<unknown> => {
      const instead = tampering[name] as ((...given: unknown[]) => Promise<unknown>) | undefined
      return instead ? instead(call, ...args) : call(...args)
    }
    return [name, ask]
  })
  return Object.fromEntries(wrapped) as Service
}
