/** How many bytes of mail and files come and go: sealed payloads, without what frames add. */
import type { NodeService } from "../../core/contract/node-service.ts"

export type PayloadKind = "mail" | "files"
export type Way = "in" | "out"

/** Must not throw. */
export type Measure = (kind: PayloadKind, way: Way, bytes: number) => void

type Prefixed = readonly { readonly prefix: Uint8Array }[]

/** The service of one caller; what was refused does not count. */
export function measuredNode(service: NodeService, measure: Measure): NodeService {
  const answered = async (answer: ReturnType<NodeService["fetch"]>): ReturnType<NodeService["fetch"]> => {
    const { envelopes } = await answer
    if (envelopes.length > 0) measure("mail", "out", sum(envelopes.map(({ payload }) => payload.length)))
    return answer
  }
  const taken = async <Answer>(kind: PayloadKind, bytes: number, step: Promise<Answer>): Promise<Answer> => {
    const answer = await step
    measure(kind, "in", bytes)
    return answer
  }
  return {
    ...service,
    enqueue: (letter) => taken("mail", letter.payload.length, service.enqueue(letter)),
    enqueueMany: (fanOut) => taken("mail", fanOut.payload.length + prefixes(fanOut.items), service.enqueueMany(fanOut)),
    commit(request) {
      const bodies = request.payload.length + request.welcomeBody.length
      const bytes = bodies + prefixes(request.recipients) + prefixes(request.welcomes)
      return taken("mail", bytes, service.commit(request))
    },
    fetch: (request) => answered(service.fetch(request)),
    fetchWait: (request, timeoutMs, signal) => answered(service.fetchWait(request, timeoutMs, signal)),
    uploadBlob: (upload) => taken("files", upload.chunk.length, service.uploadBlob(upload)),
    async downloadBlob(request) {
      const piece = await service.downloadBlob(request)
      measure("files", "out", piece.chunk.length)
      return piece
    },
  }
}

const prefixes = (items: Prefixed): number => sum(items.map(({ prefix }) => prefix.length))

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
