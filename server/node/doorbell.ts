/** Wakes long polls when their mailbox grew. Ring only after COMMIT. */
import { hex } from "../../core/domain/bytes.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"

const WAITERS_PER_DEVICE_MAX = 16

export interface Doorbell {
  ring(devices: readonly DeviceKey[]): void
  /** Begins to listen; a ring from now on is not missed. `stop` ends it. */
  listen(device: DeviceKey): { readonly rung: Promise<void>; stop(): void }
  /** Wakes everybody, for the drain. */
  ringAll(): void
  /** How many wait. */
  readonly waiting: number
}

export function doorbell(): Doorbell {
  const waiters = new Map<string, Set<() => void>>()
  let waiting = 0

  const remove = (name: string, wake: () => void): void => {
    const set = waiters.get(name)
    if (!set?.delete(wake)) return
    waiting--
    if (set.size === 0) waiters.delete(name)
  }
  const wakeAll = (name: string): void => {
    for (const wake of [...(waiters.get(name) ?? [])]) wake()
  }

  return {
    get waiting() {
      return waiting
    },
    ring(devices) {
      for (const device of devices) wakeAll(hex(device))
    },
    ringAll() {
      for (const name of [...waiters.keys()]) wakeAll(name)
    },
    listen(device) {
      const name = hex(device)
      const set = waiters.get(name) ?? new Set()
      waiters.set(name, set)
      const [oldest] = set
      if (set.size >= WAITERS_PER_DEVICE_MAX) oldest?.()
      let wake: () => void = () => undefined
      const rung = new Promise<void>((resolve) => {
        wake = () => {
          remove(name, wake)
          resolve()
        }
      })
      set.add(wake)
      waiting++
      return {
        rung,
        stop: () => {
          remove(name, wake)
        },
      }
    },
  }
}
