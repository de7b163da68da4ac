/** What keeps a client from trusting a CA's certificate is named: name, dates, CA, a certificate in between. */
import { expect, test } from "vitest"
import type { ServerCertificate } from "../../core/transport/certificate.ts"
import { EchoServer, assertEchoes } from "../fakes/quic-server.ts"
import { hours, makeTestCa } from "../fakes/test-ca.ts"

/** It takes some ten; this only tells an answer from a timeout. */
const PROMPT_MS = 5000
const NAME = "chat.example"
const ca = await makeTestCa()

async function refusal(certificate: ServerCertificate, serverName = NAME): Promise<string> {
  await using server = await EchoServer.start({ certificate })
  const since = performance.now()
  const refused = await server.connect({ trust: { kind: "ca", pem: ca.pem }, serverName }).then(
    () => "trusted",
    (thrown: unknown) => thrown,
  )
  expect(refused).toMatchObject({ code: "E057" })
  expect(performance.now() - since).toBeLessThan(PROMPT_MS)
  return (refused as { readonly detail: string }).detail
}

const withChain = (leaf: ServerCertificate, ...more: readonly string[]): ServerCertificate => ({
  ...leaf,
  certificatePem: [leaf.certificatePem, ...more].join("\n"),
})

test("another name, of a host or an address", async () => {
  const certificate = await ca.issue([NAME])
  expect(await refusal(certificate, "other.example")).toBe(
    "the certificate is not for other.example, but for DNS:chat.example",
  )
  expect(await refusal(certificate, "127.0.0.1")).toContain("is not for 127.0.0.1")
})

test("dates: over, or not begun", async () => {
  expect(await refusal(await ca.issue([NAME], "P-256", hours(-3, -2)))).toMatch(/^the certificate expired on \d{4}-/)
  expect(await refusal(await ca.issue([NAME], "P-256", hours(2, 3)))).toMatch(
    /^the certificate is not valid before .*; or this computer's clock is wrong$/,
  )
})

test("another CA, also one that takes the name of the trusted one", async () => {
  const other = await makeTestCa("other CA")
  const certificate = await other.issue([NAME])
  expect(await refusal(certificate)).toContain("the issuer CN=other CA is neither trusted here nor shown")
  expect(await refusal(withChain(certificate, other.pem))).toBe("the CA CN=other CA is not one that is trusted here")
  const namesake = await makeTestCa()
  expect(await refusal(await namesake.issue([NAME]))).toBe("signed by another CA with the name CN=test CA")
})

test("no CA at all", async () => {
  await using server = await EchoServer.start()
  await expect(server.connect({ trust: { kind: "ca", pem: ca.pem }, serverName: "localhost" })).rejects.toMatchObject({
    code: "E057",
    detail: "the server itself signed its certificate",
  })
})

test("a certificate in between: trusted when it is shown, named when it is missing or over", async () => {
  const between = await ca.intermediate("between")
  const leaf = await between.issue([NAME])
  expect(await refusal(leaf)).toContain("the issuer CN=between is neither trusted here nor shown by the server")
  await using server = await EchoServer.start({ certificate: withChain(leaf, between.pem) })
  const trust = { kind: "ca", pem: ca.pem } as const
  await assertEchoes(await server.connect({ trust, serverName: NAME }))
  const old = await ca.intermediate("of old", hours(-3, -2))
  expect(await refusal(withChain(await old.issue([NAME]), old.pem))).toContain("certificate of CN=of old expired on")
})

test("what a stranger's certificate says is one line of plain signs", async () => {
  const other = await makeTestCa("evil\u001b[31m\nE000 all is well")
  const detail = await refusal(await other.issue([NAME]))
  expect(detail).toMatch(/^[\x20-\x7e]+$/)
})
