/** The two ciphersuites a group may have, in order of strength (PROTOCOL.md section 5). */

export type Suite = "baseline" | "hybrid"

/** Wire ids: 0x0001 of RFC 9420 section 17.1; 0xF103 is private use (X-Wing, AES-128-GCM, SHA-256, Ed25519). */
export const SUITE_IDS: Readonly<Record<Suite, number>> = { baseline: 0x0001, hybrid: 0xf103 }

export const SUITES: readonly Suite[] = ["baseline", "hybrid"]

/** The suite of a wire id; undefined when it is not one of ours. */
export const suiteOf = (wireId: number): Suite | undefined => SUITES.find((suite) => SUITE_IDS[suite] === wireId)
