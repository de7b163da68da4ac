/** The audit log: JSON lines in a file of their own, which can be shipped and rotated. */
import { closeSync, openSync } from "node:fs"
import { pino } from "pino"
import { QpqError } from "../../core/domain/errors.ts"
import type { World } from "../../core/domain/world.ts"
import type { Audit, AuditEvent } from "../node/audit.ts"
import type { RateLimit } from "../node/rate-limits.ts"
import type { ServerLog } from "./log.ts"

const OWNER_ONLY = 0o600
/** Whoever floods the server must not fill its disk: refusals for coming too soon are counted, and told so often. */
const COUNTED_MS = 10_000
const COUNTED_MAX = 1000

export interface AuditLog {
  readonly write: Audit
  /** A request came too soon. @param whom address, account, device or name that it is counted for. */
  limited(limit: RateLimit, whom: string): void
  /** After the file was renamed: writes to a new one of its name. */
  reopen(): void
  /** All is written. */
  close(): void
}

/** @throws E072 when the file cannot be opened for appending. */
export async function openAuditLog(path: string, { clock }: Pick<World, "clock">, log: ServerLog): Promise<AuditLog> {
  checkAppendable(path)
  const file = pino.destination({ dest: path, append: true, mode: OWNER_ONLY, sync: false })
  // A process that ends before would end with the library's failure instead of its own.
  await new Promise((resolve) => file.once("ready", resolve))
  file.on("error", (error: Error) => {
    log.error({ error }, "the audit log cannot be written")
  })
  const write = (event: AuditEvent): void => {
    file.write(`${JSON.stringify({ time: new Date(clock.now()).toISOString(), ...event })}\n`)
  }
  const counted = new Map<string, { readonly limit: RateLimit; readonly whom: string; readonly times: number }>()
  let cancel: (() => void) | undefined
  const tell = (): void => {
    cancel = undefined
    for (const { limit, whom, times } of counted.values())
      write({ event: "limited", outcome: "E050", limit, whom, times })
    counted.clear()
  }
  return {
    write,
    limited(limit, whom) {
      const name = `${limit} ${whom}`
      const before = counted.get(name)
      if (!before && counted.size >= COUNTED_MAX) return
      counted.set(name, { limit, whom, times: (before?.times ?? 0) + 1 })
      cancel ??= clock.after(COUNTED_MS, tell)
    },
    reopen() {
      file.reopen()
    },
    close() {
      cancel?.()
      tell()
      file.flushSync()
      file.end()
    },
  }
}

function checkAppendable(path: string): void {
  try {
    closeSync(openSync(path, "a", OWNER_ONLY))
  } catch (cause) {
    throw new QpqError("E072", path, { cause })
  }
}
