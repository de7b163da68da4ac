/** How many connections are open in all and from one address: the caps of a listener. */
import { isIPv6 } from "node:net"
import type { TransportLimits } from "./transport.ts"

export class Admission {
  readonly #limits: TransportLimits
  readonly #perGroup = new Map<string, number>()
  #total = 0
  refusedTotal = 0
  refusedAddress = 0

  constructor(limits: TransportLimits) {
    this.#limits = limits
  }

  get total(): number {
    return this.#total
  }

  /** Takes a place for a connection from `address`; undefined when there is none. Call the result once, at its end. */
  enter(address: string): (() => void) | undefined {
    const group = addressGroup(address)
    const present = this.#perGroup.get(group) ?? 0
    if (this.#total >= this.#limits.connectionsMax) {
      this.refusedTotal++
      return undefined
    }
    if (present >= this.#limits.connectionsPerAddressMax) {
      this.refusedAddress++
      return undefined
    }
    this.#total++
    this.#perGroup.set(group, present + 1)
    return () => this.#leave(group)
  }

  #leave(group: string): void {
    this.#total--
    const left = (this.#perGroup.get(group) ?? 1) - 1
    if (left === 0) this.#perGroup.delete(group)
    else this.#perGroup.set(group, left)
  }
}

/** The same of a connection's peer. @param peerAddress HOST:PORT, an IPv6 address in brackets. */
export const peerGroup = (peerAddress: string): string =>
  addressGroup(peerAddress.replace(/:\d+$/u, "").replace(/^\[(.*)\]$/u, "$1"))

/** Who counts as one: an IPv4 address, or the /64 that one IPv6 host usually has to itself. */
export function addressGroup(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [head = "", tail = ""] = (address.split("%")[0] ?? "").split("::")
  const before = head === "" ? [] : head.split(":")
  const after = tail === "" ? [] : tail.split(":")
  const zeros = address.includes("::") ? Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0") : []
  const words = [...before, ...zeros, ...after].slice(0, 4)
  return `${words.map((word) => Number.parseInt(word, 16).toString(16)).join(":")}::/64`
}
