/** Another password, and the end of logins, for one caller (PROTOCOL.md sections 3 and 4). */
import type { OwnAccount } from "../../core/contract/own-account.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { exactly } from "../../core/domain/ids.ts"
import type { DeviceKey } from "../../core/domain/ids.ts"
import { FRESH_LOGIN_MS, SEALED_ACCOUNT_KEY_BYTES_MAX } from "../../core/domain/limits.ts"
import type { World } from "../../core/domain/world.ts"
import { REGISTRATION_RECORD_BYTES, registrationResponse } from "../../core/opaque/registration.ts"
import type { NodeStore } from "../store/node-store.ts"
import type { KnownCaller } from "./caller.ts"
import { deviceOf } from "./known-device.ts"
import type { RateLimits } from "./rate-limits.ts"

export interface PasswordRooms {
  readonly store: NodeStore
  readonly world: World
  /** OPAQUE server setup, 128 bytes. Secret. */
  readonly setup: Uint8Array
  readonly limits: RateLimits
  /** No token of the device is trusted from memory any more, no long poll of it goes on. */
  readonly endLogins: (device: DeviceKey) => void
}

type PasswordService = Pick<OwnAccount, "logoutEverywhere" | "changePasswordStart" | "changePasswordFinish">

export function passwordService(known: KnownCaller, rooms: PasswordRooms): PasswordService {
  const { store, world, setup, limits } = rooms
  return {
    async logoutEverywhere(keepThis) {
      deviceOf(known)
      const { count, devices } = await store.endLogins(known.accountId, keepThis ? known.accessHash : undefined)
      for (const device of devices) rooms.endLogins(device)
      return count
    },
    async changePasswordStart(request) {
      const { name } = deviceOf(known)
      limits.password(known)
      requireFresh(known, world.clock.now())
      return registrationResponse(setup, name, request)
    },
    async changePasswordFinish({ record, sealedAccountKey }) {
      deviceOf(known)
      requireFresh(known, world.clock.now())
      exactly(record, REGISTRATION_RECORD_BYTES, "OPAQUE registration record")
      if (sealedAccountKey.length > SEALED_ACCOUNT_KEY_BYTES_MAX) throw new QpqError("E024", "sealed account key")
      const credentials = { opaqueRecord: record, sealedAccountKey }
      if (!(await store.replaceCredentials(known.accountId, credentials))) throw new QpqError("E005")
    },
  }
}

/** Whoever finds an unlocked computer has a token, not the password. @throws E093 unless it was given just now */
export function requireFresh({ caller, loggedInAt }: KnownCaller, now: number): void {
  if (caller.kind !== "device" || now - loggedInAt > FRESH_LOGIN_MS) throw new QpqError("E093")
}
