/** What the operator hears of the node: numbers for all of it, lines in the log for what should not happen. */
import type { NodeWatch } from "../node.ts"
import type { AuditLog } from "./audit-log.ts"
import { publishCall } from "./call-channel.ts"
import type { ServerLog } from "./log.ts"
import type { Metrics } from "./metrics.ts"

/** Calls are counted; only what should not happen is told. */
export function watchOf(log: ServerLog, metrics: Metrics, audit?: Pick<AuditLog, "write" | "limited">): NodeWatch {
  return {
    call({ method, outcome, ms, request, thrown }) {
      metrics.call(method, outcome, ms)
      publishCall({ method, outcome, ms, request })
      const fields = { method, outcome, ms: Math.round(ms * 10) / 10, request }
      if (outcome === "E099") log.error({ ...fields, error: thrown }, "call failed")
      else if (outcome === "E063") log.error(fields, "call failed")
      else log.debug(fields, "call")
    },
    commit(fate) {
      metrics.commit(fate)
    },
    limited(limit, whom) {
      metrics.limited(limit)
      audit?.limited(limit, whom)
    },
    paced(ms) {
      metrics.paced(ms)
    },
    payload(kind, way, bytes) {
      metrics.payload(kind, way, bytes)
    },
    audit(event) {
      audit?.write(event)
    },
    swept(rows) {
      metrics.swept(rows)
      if (rows > 0) log.info({ rows }, "mail expired")
    },
    failed(what, thrown) {
      metrics.failed(what)
      log.error({ what, error: thrown }, "background work failed")
    },
  }
}
