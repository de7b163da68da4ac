/** Wakes long polls when their mailbox grew, or sends them home. Ring only after COMMIT. */
import { hex } from "../../core/domain/bytes.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"

const WAITERS_PER_DEVICE_MAX = 16

/** mail: the mailbox grew; dismissed: there is nothing more to wait for. */
export type Waking = "mail" | "dismissed"

export interface Doorbell {
  ring(devices: readonly DeviceKey[]): void
  /** Begins to listen; a ring from now on is not missed. `stop` ends it. */
  listen(device: DeviceKey): { readonly rung: Promise<Waking>; stop(): void }
  /** Sends the device's listeners home: one of its logins ended. */
  dismiss(device: DeviceKey): void
  /** Sends everybody home, for the drain. */
  dismissAll(): void
  /** How many wait. */
  readonly waiting: number
}

type Wake = (why: Waking) => void

export function doorbell(): Doorbell {
  const waiters = new Map<string, Set<Wake>>()
  let waiting = 0

  const remove = (name: string, wake: Wake): void => {
    const set = waiters.get(name)
    if (!set?.delete(wake)) return
    waiting--
    if (set.size === 0) waiters.delete(name)
  }
  const wakeAll = (name: string, why: Waking): void => {
    for (const wake of [...(waiters.get(name) ?? [])]) wake(why)
  }

  return {
    get waiting() {
      return waiting
    },
    ring(devices) {
      for (const device of devices) wakeAll(hex(device), "mail")
    },
    dismiss(device) {
      wakeAll(hex(device), "dismissed")
    },
    dismissAll() {
      for (const name of [...waiters.keys()]) wakeAll(name, "dismissed")
    },
    listen(device) {
      const name = hex(device)
      const set = waiters.get(name) ?? new Set()
      waiters.set(name, set)
      const [oldest] = set
      if (set.size >= WAITERS_PER_DEVICE_MAX) oldest?.("dismissed")
      let wake: Wake = () => undefined
      const rung = new Promise<Waking>((resolve) => {
        wake = (why) => {
          remove(name, wake)
          resolve(why)
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
