// A span for each call of a qpq-server: node --import ./opentelemetry.mjs --import YOUR-SDK.mjs …/dist/server/main.js
// Needs @opentelemetry/api beside it; which SDK registers itself there, and where spans go, is the operator's choice.
import { subscribe } from "node:diagnostics_channel"
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api"

/** Faults of the server; all other codes are answers to what was asked. */
const FAULTS = new Set(["E060", "E063", "E099"])
const tracer = trace.getTracer("qpq-server")

subscribe("qpq-server:call", ({ method, outcome, ms, request, endedAt }) => {
  const attributes = {
    "rpc.system": "capnp",
    "rpc.service": "NodeService",
    "rpc.method": method,
    // The caller's log has the same.
    "qpq.request": request,
    ...(outcome !== "ok" && { "error.type": outcome }),
  }
  const startTime = new Date(endedAt - ms)
  const span = tracer.startSpan(`NodeService/${method}`, { kind: SpanKind.SERVER, startTime, attributes })
  if (FAULTS.has(outcome)) span.setStatus({ code: SpanStatusCode.ERROR, message: outcome })
  span.end(new Date(endedAt))
})
