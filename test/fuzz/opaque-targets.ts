/** OPAQUE's messages at both ends, and the record as the server's database keeps it. */
import { finishLogin, finishServerLogin, loginResponse, startLogin } from "../../core/opaque/login.ts"
import {
  createServerSetup,
  finishRegistration,
  registrationResponse,
  startRegistration,
} from "../../core/opaque/registration.ts"
import { userName } from "../../core/domain/user-name.ts"
import type { Target } from "./target.ts"

const name = userName("alice")
const password = "correct horse"
const stretching = "unsafeTestingTiny"
const SHARE = 0.06

export async function opaqueTargets(): Promise<readonly Target[]> {
  const setup = await createServerSetup()
  const registration = await startRegistration(password)
  const registrationAnswer = await registrationResponse(setup, name, registration.request)
  const registrationEnd = { name, password, state: registration.state, stretching } as const
  const { record } = await finishRegistration({ ...registrationEnd, response: registrationAnswer })
  const login = await startLogin(password)
  const answer = await loginResponse({ setup, name, request: login.request, record })
  const loginEnd = { name, password, state: login.state, stretching } as const
  const { finish } = await finishLogin({ ...loginEnd, response: answer.response })
  const targets: readonly Target[] = [
    {
      name: "OPAQUE registration request",
      corpus: [registration.request],
      decode: (request) => registrationResponse(setup, name, request),
    },
    {
      name: "OPAQUE login request",
      corpus: [login.request],
      decode: (request) => loginResponse({ setup, name, request, record }),
    },
    { name: "OPAQUE login finish", corpus: [finish], decode: (bytes) => finishServerLogin(name, answer.state, bytes) },
    {
      name: "OPAQUE stored record",
      corpus: [record],
      decode: (bytes) => loginResponse({ setup, name, request: login.request, record: bytes }),
    },
    {
      name: "OPAQUE registration response",
      corpus: [registrationAnswer],
      decode: (response) => finishRegistration({ ...registrationEnd, response }),
    },
    {
      name: "OPAQUE login response",
      corpus: [answer.response],
      decode: (response) => finishLogin({ ...loginEnd, response }),
    },
  ]
  return targets.map((target) => ({ ...target, codes: ["E004", "E024", "E026"], share: SHARE }))
}
