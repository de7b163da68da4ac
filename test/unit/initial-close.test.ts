/** The packet that refuses a client without making a connection for it. */
import { expect, test } from "vitest"
import { hex, unhex } from "../../core/domain/bytes.ts"
import { serverInitialKeys } from "../../core/transport/initial-close.ts"

test("the server's Initial keys are those of RFC 9001 appendix A.1", () => {
  const { key, iv, headerKey } = serverInitialKeys(unhex("8394c8f03e515708"))
  expect(hex(key)).toBe("cf3a5331653c364c88f0f379b6067e37")
  expect(hex(iv)).toBe("0ac1493ca1905853b0bba03e")
  expect(hex(headerKey)).toBe("c206b8d9b9f0f37644430b490eeaa314")
})
