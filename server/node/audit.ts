/** Who did what, and with what outcome, for the operator's audit log (REQUIREMENTS.md, O2): never what was said. */
import type { AccountService } from "../../core/contract/account-service.ts"
import type { NodeService } from "../../core/contract/node-service.ts"
import { hex } from "../../core/domain/bytes.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"
import { PENDING_LOGINS_MAX } from "../../core/domain/limits.ts"
import type { KnownCaller } from "./caller.ts"

export interface AuditEvent {
  readonly event: string
  readonly outcome: "ok" | ErrorCode
  /** Names as they are, addresses, counts, and keys and ids by their first eight hex digits. */
  readonly [field: string]: string | number | boolean
}

/** Must not throw. */
export type Audit = (event: AuditEvent) => void

type Fields = Readonly<Record<string, string | number | boolean>>

const DIGITS = 8
/** Where a device certificate has the device's key. */
const CERTIFIED_AT = 33

export const shortly = (key: Uint8Array): string => hex(key).slice(0, DIGITS)

/** Tells of a step when it has ended, and passes on what came of it. */
async function told<Answer>(
  audit: Audit,
  about: Fields & { readonly event: string },
  step: () => Promise<Answer>,
  more: (answer: Answer) => Fields = () => ({}),
): Promise<Answer> {
  try {
    const answer = await step()
    audit({ ...about, outcome: "ok", ...more(answer) })
    return answer
  } catch (thrown) {
    refused(audit, about, thrown)
    throw thrown
  }
}

/** What came too soon is counted by the limits, not told one by one. */
export function refused(audit: Audit, about: Fields & { readonly event: string }, thrown: unknown): void {
  const { code } = toQpqError(thrown)
  if (code !== "E050") audit({ ...about, outcome: code })
}

/** Names of logins that were begun, by login id: the second step does not say it. The oldest is forgotten first. */
export class BegunLogins {
  readonly #names = new Map<string, string>()

  add(loginId: Uint8Array, name: string): void {
    this.#names.set(hex(loginId), name)
    const [oldest] = this.#names.keys()
    if (this.#names.size > PENDING_LOGINS_MAX && oldest !== undefined) this.#names.delete(oldest)
  }

  take(loginId: Uint8Array): string {
    const id = hex(loginId)
    const name = this.#names.get(id) ?? ""
    this.#names.delete(id)
    return name
  }
}

export interface AuditedAddress {
  readonly audit: Audit
  readonly address: string
  readonly logins: BegunLogins
}

/** The accounts as one address asks about them. */
export const auditedAccounts = (
  service: AccountService,
  { audit, address, logins }: AuditedAddress,
): AccountService => ({
  ...service,
  registerFinish(registration) {
    const about = { event: "register", name: registration.account.name, address }
    return told(audit, about, () => service.registerFinish(registration))
  },
  async loginStart(name, request) {
    try {
      const begun = await service.loginStart(name, request)
      logins.add(begun.loginId, name)
      audit({ event: "login begun", outcome: "ok", name, address })
      return begun
    } catch (thrown) {
      refused(audit, { event: "login", name, address }, thrown)
      throw thrown
    }
  },
  loginFinish(login) {
    const about = { event: "login", name: logins.take(login.loginId), device: shortly(login.deviceKey), address }
    return told(audit, about, () => service.loginFinish(login))
  },
  refreshToken(request) {
    const about = { event: "refresh", device: shortly(request.deviceKey), address }
    return told(audit, about, () => service.refreshToken(request))
  },
})

/** What one caller does with keys and mail. Empty answers of long polls are left out. */
export function auditedNode(service: NodeService, { caller }: KnownCaller, audit: Audit): NodeService {
  const who: Fields =
    caller.kind === "service" ? { name: "" } : { name: caller.name, device: shortly(caller.deviceKey) }
  const fetched = ({ envelopes }: { readonly envelopes: readonly unknown[] }): void => {
    if (envelopes.length > 0) audit({ event: "fetch", outcome: "ok", ...who, rows: envelopes.length })
  }
  return {
    ...service,
    uploadKeyPackage(upload) {
      const about = { event: "upload keys", ...who, packages: upload.packages.length, replace: upload.replace }
      return told(audit, about, () => service.uploadKeyPackage(upload))
    },
    fetchKeyPackage(identityKey, suite) {
      const about = { event: "take key", ...who, of: shortly(identityKey), suite }
      return told(audit, about, () => service.fetchKeyPackage(identityKey, suite))
    },
    enqueue(letter) {
      const about = { event: "enqueue", ...who, items: 1, bytes: letter.payload.length }
      return told(audit, about, () => service.enqueue(letter))
    },
    enqueueMany(fanOut) {
      const about = { event: "enqueue", ...who, items: fanOut.items.length, bytes: fanOut.payload.length }
      return told(audit, about, () => service.enqueueMany(fanOut))
    },
    commit(request) {
      const about = { event: "commit", ...who, tag: shortly(request.groupTag), recipients: request.recipients.length }
      return told(
        audit,
        about,
        () => service.commit(request),
        ({ accepted }) => ({ accepted }),
      )
    },
    async fetch(request) {
      const answer = await service.fetch(request)
      fetched(answer)
      return answer
    },
    async fetchWait(request, timeoutMs, signal) {
      const answer = await service.fetchWait(request, timeoutMs, signal)
      fetched(answer)
      return answer
    },
    ...auditedDevices(service, who, audit),
    ...auditedLogins(service, who, audit),
  }
}

type LoginEvents = Pick<NodeService, "logout" | "logoutEverywhere" | "changePasswordFinish">

const auditedLogins = (service: NodeService, who: Fields, audit: Audit): LoginEvents => ({
  logout: () => told(audit, { event: "logout", ...who }, () => service.logout()),
  logoutEverywhere(keepThis) {
    const about = { event: "logout everywhere", ...who, keepThis }
    return told(
      audit,
      about,
      () => service.logoutEverywhere(keepThis),
      (ended) => ({ ended }),
    )
  },
  changePasswordFinish: (change) =>
    told(audit, { event: "password change", ...who }, () => service.changePasswordFinish(change)),
})

type DeviceEvents = Pick<NodeService, "registerDevice" | "revokeDevice" | "fetchAccountKey" | "deleteAccount">

const auditedDevices = (service: NodeService, who: Fields, audit: Audit): DeviceEvents => ({
  registerDevice(device) {
    const added = shortly(device.certificate.subarray(CERTIFIED_AT))
    return told(audit, { event: "add device", ...who, added }, () => service.registerDevice(device))
  },
  revokeDevice(revocation) {
    const about = { event: "revoke device", ...who, revoked: shortly(revocation.deviceKey) }
    return told(audit, about, () => service.revokeDevice(revocation))
  },
  fetchAccountKey: () => told(audit, { event: "fetch account key", ...who }, () => service.fetchAccountKey()),
  deleteAccount: () => told(audit, { event: "delete account", ...who }, () => service.deleteAccount()),
})
