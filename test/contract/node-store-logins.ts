/** What every server store promises of an account's logins as one, and of what its password opens. */
import { expect, test } from "vitest"
import type { NodeStore } from "../../server/store/node-store.ts"
import { fresh } from "../fakes/node-device.ts"
import { newAccount, NOW, plain, resident } from "../fakes/node-stores.ts"
import { codeOfAsync } from "../fakes/refusal.ts"
import { sessionOf } from "./node-store-accounts.ts"

export function loginCases(store: () => NodeStore): void {
  test("an account's logins are listed, the newest first, without those that are over", async () => {
    const person = await resident(store())
    const other = await resident(store())
    const [first, second, over] = [0, 1, 2].map((later) => sessionOf(person, { now: NOW + later }))
    await store().openSession(first!)
    await store().openSession(second!)
    await store().openSession({ ...over!, refreshExpires: NOW + 5 })
    await store().openSession(sessionOf(other))
    const row = ({ deviceKey, now, refreshExpires }: typeof over & object) =>
      plain({ deviceKey, since: now, expires: refreshExpires })
    expect(plain(await store().openLogins(person.id, NOW + 5, 10))).toEqual([row(second!), row(first!)])
    expect(plain(await store().openLogins(person.id, NOW + 5, 1))).toEqual([row(second!)])
    expect(await store().openLogins(999_999, NOW, 10)).toEqual([])
    expect(await store().sessionByAccess(second!.accessHash, NOW)).toMatchObject({ loggedInAt: NOW + 1 })
  })

  test("a refresh does not make a login any younger", async () => {
    const person = await resident(store())
    const session = sessionOf(person)
    await store().openSession(session)
    const { accessHash, nextHash } = { accessHash: fresh(32), nextHash: fresh(32) }
    await store().rotateSession({ ...session, accessHash, nextHash, now: NOW + 1000 })
    expect(await store().sessionByAccess(accessHash, NOW)).toMatchObject({ loggedInAt: NOW })
  })

  test("all logins of an account end but the one to keep; other accounts' go on", async () => {
    const person = await resident(store())
    const other = await resident(store())
    const [kept, gone, again] = [sessionOf(person), sessionOf(person), sessionOf(person)]
    const others = sessionOf(other)
    for (const session of [kept, gone, again, others]) await store().openSession(session)
    const ended = await store().endLogins(person.id, kept.accessHash)
    expect(plain(ended)).toEqual({ count: 2, devices: [plain(person.deviceKey)] })
    const known = (session: typeof kept) => store().sessionByAccess(session.accessHash, NOW)
    expect(await known(gone)).toBe(undefined)
    expect(await known(kept)).toBeDefined()
    expect(await store().endLogins(person.id, others.accessHash)).toMatchObject({ count: 1 })
    expect(await known(kept)).toBe(undefined)
    expect(await known(others)).toBeDefined()
    expect(await store().endLogins(person.id)).toEqual({ count: 0, devices: [] })
  })

  test("a login that was proved with another password than the account has now opens no session", async () => {
    const account = newAccount()
    await store().addAccount(account)
    const { id } = (await store().accountByName(account.name))!
    const [deviceKey] = account.deviceKeys
    const begun = sessionOf({ deviceKey: deviceKey! }, { provedBy: account.opaqueRecord })
    const credentials = { opaqueRecord: fresh(192), sealedAccountKey: fresh(61) }
    expect(await store().replaceCredentials(999_999, credentials)).toBe(false)
    expect(await store().replaceCredentials(id, credentials)).toBe(true)
    expect(await codeOfAsync(() => store().openSession(begun))).toBe("E009")
    expect(await store().sessionByAccess(begun.accessHash, NOW)).toBe(undefined)
    expect(plain(await store().accountByName(account.name))).toMatchObject(plain(credentials) as object)
    await store().openSession({ ...begun, provedBy: credentials.opaqueRecord })
    expect(await store().sessionByAccess(begun.accessHash, NOW)).toBeDefined()
  })
}
