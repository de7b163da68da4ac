/** deserialization.json and messages.json: lengths, and every message decodes wholly and encodes to the same bytes. */
import assert from "node:assert/strict"
import { decodeMlsMessage, encodeMlsMessage } from "ts-mls"
import { determineLength } from "ts-mls/codec/variableLength.js"
import { encode } from "ts-mls/codec/tlsEncoder.js"
import { commitEncoder, decodeCommit } from "ts-mls/commit.js"
import { decodeGroupSecrets, encodeGroupSecrets } from "ts-mls/groupSecrets.js"
import * as proposals from "ts-mls/proposal.js"
import { decodeRatchetTree, encodeRatchetTree } from "ts-mls/ratchetTree.js"
import { unhex } from "../../../core/domain/bytes.ts"
import { tlsLength } from "../../../core/mls/key-package-check-reader.ts"
import { roundTrip, same } from "./vector.ts"

export interface DeserializationVector {
  readonly vlbytes_header: string
  readonly length: number
}

export async function checkDeserialization(vector: DeserializationVector): Promise<void> {
  assert.equal(determineLength(unhex(vector.vlbytes_header)).length, vector.length)
  same(tlsLength(vector.length), vector.vlbytes_header, "our own length form")
}

export type MessagesVector = Readonly<Record<string, string>>

const encodeCommit = encode(commitEncoder)

const ROUND_TRIPS: Readonly<Record<string, (text: string) => void>> = {
  ratchet_tree: (text) => roundTrip(decodeRatchetTree, encodeRatchetTree, text),
  group_secrets: (text) => roundTrip(decodeGroupSecrets, encodeGroupSecrets, text),
  add_proposal: (text) => roundTrip(proposals.decodeAdd, proposals.encodeAdd, text),
  update_proposal: (text) => roundTrip(proposals.decodeUpdate, proposals.encodeUpdate, text),
  remove_proposal: (text) => roundTrip(proposals.decodeRemove, proposals.encodeRemove, text),
  pre_shared_key_proposal: (text) => roundTrip(proposals.decodePSK, proposals.encodePSK, text),
  re_init_proposal: (text) => roundTrip(proposals.decodeReinit, proposals.encodeReinit, text),
  external_init_proposal: (text) => roundTrip(proposals.decodeExternalInit, proposals.encodeExternalInit, text),
  group_context_extensions_proposal: (text) =>
    roundTrip(proposals.decodeGroupContextExtensions, proposals.encodeGroupContextExtensions, text),
  commit: (text) => roundTrip(decodeCommit, encodeCommit, text),
}

/** Fields without an entry above are whole MLSMessages. */
export async function checkMessages(vector: MessagesVector): Promise<void> {
  for (const [name, text] of Object.entries(vector)) {
    const check = ROUND_TRIPS[name]
    if (check) check(text)
    else roundTrip(decodeMlsMessage, encodeMlsMessage, text)
  }
}
