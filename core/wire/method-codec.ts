/** Makes the codec of one method: typed requests and answers on one side, checked frames on the other. */
import { type Struct, utils } from "capnp-es"
import type { Auth } from "../contract/caller.ts"
import { QpqError } from "../domain/errors.ts"
import { AUTH_VERSION, clientDiffers, WIRE_VERSION } from "../domain/versions.ts"
import { type Auth as WireAuth, NodeService$Client } from "./generated/node.ts"
import { NODE_PARAMS, NODE_RESULTS } from "./generated/node-shapes.ts"
import { checkKinds } from "./kind-check.ts"
import { bytesFrom, put } from "./field-codec.ts"
import { malformed } from "./frame.ts"
import { type Incoming, type Outgoing, paddedBytes, structAt, type StructClass } from "./message.ts"

export const NODE_METHODS = NodeService$Client.methods
export const NODE_INTERFACE_ID = NodeService$Client.interfaceId

/** A static token is longer than a session token, but not by much. */
const TOKEN_BYTES_MAX = 256
const DEVICE_ID_BYTES = 32
/** Params or results struct itself: every one of the schema is smaller. */
const STRUCT_BYTES = 256

export interface Decoded<Request> {
  readonly request: Request
  /** Present where the schema has it. */
  readonly auth: Auth | undefined
}

/** Both directions of one method, for both ends. */
export interface MethodCodec<Request, Answer> {
  readonly name: string
  readonly ordinal: number
  /** @throws E001 without the auth that the method needs, and what is too large or too long for the wire. */
  encodeRequest(request: Request, auth: Auth | undefined): Outgoing
  /** @throws E020, E003, E026 and what the method's fields are checked for. */
  decodeRequest(params: Incoming): Decoded<Request>
  encodeAnswer(answer: Answer): Outgoing
  /** @throws E026 and what the answer's fields are checked for. */
  decodeAnswer(results: Incoming): Answer
}

/** How one method's fields are written and read. `check` runs before writing and after reading a request. */
export interface MethodFields<P extends Struct, R extends Struct, Request, Answer> {
  readonly check?: (request: Request) => void
  /** Room for the request's byte strings and lists. */
  readonly requestBytes: (request: Request) => number
  readonly writeRequest: (params: P, request: Request) => void
  readonly readRequest: (params: P) => Request
  readonly answerBytes?: (answer: Answer) => number
  readonly writeAnswer: (results: R, answer: Answer) => void
  readonly readAnswer: (results: R) => Answer
}

interface Method<P extends Struct, R extends Struct> {
  readonly methodId: number
  readonly methodName?: string
  readonly ParamsClass: StructClass<P>
  readonly ResultsClass: StructClass<R>
}

export function methodCodec<P extends Struct, R extends Struct, Request, Answer>(
  method: Method<P, R>,
  fields: MethodFields<P, R, Request, Answer>,
): MethodCodec<Request, Answer> {
  const { methodId, ParamsClass, ResultsClass } = method
  return {
    name: method.methodName ?? `method ${methodId}`,
    ordinal: methodId,
    encodeRequest(request, auth) {
      fields.check?.(request)
      return outgoing(ParamsClass, fields.requestBytes(request) + authBytes(auth), (params) => {
        writeHeader(params, auth)
        fields.writeRequest(params, request)
      })
    },
    decodeRequest(incoming) {
      const params = structOf(incoming, ParamsClass, NODE_PARAMS[methodId])
      const auth = asSchema(() => readHeader(params))
      const request = asSchema(() => fields.readRequest(params))
      fields.check?.(request)
      return { request, auth }
    },
    encodeAnswer: (answer) =>
      outgoing(ResultsClass, fields.answerBytes?.(answer) ?? 0, (results) => fields.writeAnswer(results, answer)),
    decodeAnswer(incoming) {
      const results = structOf(incoming, ResultsClass, NODE_RESULTS[methodId])
      return asSchema(() => fields.readAnswer(results))
    },
  }
}

function outgoing<S extends Struct>(structClass: StructClass<S>, bytes: number, fill: (struct: S) => void): Outgoing {
  return {
    bytes: STRUCT_BYTES + bytes,
    write: (payload) => fill(utils.initStructAt(0, structClass, payload)),
  }
}

function structOf<S extends Struct>(
  incoming: Incoming,
  structClass: StructClass<S>,
  shape: (typeof NODE_PARAMS)[number] | undefined,
): S {
  if (shape === undefined) throw malformed("method without a shape")
  checkKinds(incoming.frame, incoming.place, shape)
  return structAt(incoming.frame, incoming.place, structClass)
}

/** The getters of capnp-es throw plain errors where an element of a list is smaller than the schema says. @throws E026 */
function asSchema<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw cause instanceof QpqError ? cause : malformed("does not follow the schema", cause)
  }
}

const hasVersion = (struct: Struct): struct is Struct & { version: number } => "version" in struct

const hasAuth = (struct: Struct): struct is Struct & { readonly auth: WireAuth; _initAuth(): WireAuth } =>
  "_initAuth" in struct

const authBytes = (auth: Auth | undefined): number =>
  auth === undefined ? 0 : 64 + paddedBytes(auth.accessToken.length) + paddedBytes(auth.deviceId.length)

function writeHeader(params: Struct, auth: Auth | undefined): void {
  if (hasVersion(params)) params.version = WIRE_VERSION
  if (!hasAuth(params)) return
  if (auth === undefined) throw new QpqError("E001")
  const written = params._initAuth()
  written.version = AUTH_VERSION
  put((length) => written._initAccessToken(length), auth.accessToken)
  put((length) => written._initDeviceId(length), auth.deviceId)
}

function readHeader(params: Struct): Auth | undefined {
  if (hasVersion(params) && params.version !== WIRE_VERSION) {
    throw new QpqError("E020", clientDiffers(params.version, WIRE_VERSION))
  }
  if (!hasAuth(params)) return undefined
  const { version, accessToken, deviceId } = params.auth
  if (version !== AUTH_VERSION) throw new QpqError("E003", clientDiffers(version, AUTH_VERSION))
  const auth = { accessToken: bytesFrom(accessToken), deviceId: bytesFrom(deviceId) }
  if (auth.accessToken.length === 0) throw new QpqError("E001")
  if (auth.accessToken.length > TOKEN_BYTES_MAX) throw new QpqError("E002")
  if (auth.deviceId.length !== 0 && auth.deviceId.length !== DEVICE_ID_BYTES) {
    throw new QpqError("E024", `device id: ${auth.deviceId.length} bytes`)
  }
  return auth
}
