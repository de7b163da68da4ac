/** What every server store promises of accounts and sessions. */
import { expect, test } from "vitest"
import { userName } from "../../core/domain/user-name.ts"
import type { NewAccount, NewSession, Rotation } from "../../server/store/account-rows.ts"
import type { NodeStore } from "../../server/store/node-store.ts"
import { fresh } from "../fakes/node-device.ts"
import { freshKey, newAccount, NOW, plain, resident, sweepAll } from "../fakes/node-stores.ts"
import type { Resident } from "../fakes/node-stores.ts"
import { codeOfAsync } from "../fakes/refusal.ts"

const HOUR_MS = 3_600_000

export function accountCases(store: () => NodeStore): void {
  test("an account is found by its name and by each device; a stranger is not", async () => {
    const account = newAccount({ deviceKeys: [freshKey(), freshKey()] })
    expect(await store().addAccount(account)).toBe("added")
    const { name, accountKey, signature, deviceList, deviceListSignature, certificates, opaqueRecord } = account
    const { sealedAccountKey } = account
    const proven = { signature, deviceList, deviceListSignature, certificates }
    const record = { name, accountKey, ...proven, opaqueRecord, sealedAccountKey }
    const found = await store().accountByName(name)
    expect(plain(found)).toEqual({ ...(plain(record) as object), id: found!.id, status: "active" })
    for (const key of account.deviceKeys) expect(plain(await store().accountByDevice(key))).toEqual(plain(found))
    const unknown = userName("nobody")
    expect(await store().accountByName(unknown)).toBe(undefined)
    expect(await store().accountByDevice(freshKey())).toBe(undefined)
    const several = await store().accountsByName([unknown, name])
    expect(several.map((one) => one?.id)).toEqual([undefined, found!.id])
  })

  test("a login begins with the account's record, or with the given one for a name that nobody has", async () => {
    const account = newAccount()
    const nobody = fresh(192)
    const unknown = userName("nobody")
    expect(await store().loginRecord(unknown, nobody)).toMatchObject({ opaqueRecord: nobody, isNobody: true })
    await store().addAccount(account)
    const { id } = (await store().accountByName(account.name))!
    const found = await store().loginRecord(account.name, nobody)
    expect(plain(found)).toEqual(plain({ id, status: "active", opaqueRecord: account.opaqueRecord, isNobody: false }))
    expect(plain(await store().loginRecord(unknown, nobody))).toMatchObject(
      plain({ opaqueRecord: nobody, isNobody: true }) as object,
    )
    await store().setAccountStatus(account.name, "suspended")
    expect(await store().loginRecord(account.name, nobody)).toMatchObject({ id, status: "suspended", isNobody: false })
  })

  test.each(["name", "accountKey", "deviceKeys"] as const)("a taken %s is refused and adds nothing", async (what) => {
    const first = newAccount()
    await store().addAccount(first)
    const { accounts } = await store().counts(NOW)
    const second = newAccount({ [what]: first[what] })
    expect(await store().addAccount(second)).toBe("taken")
    expect((await store().counts(NOW)).accounts).toBe(accounts)
    if (what !== "name") expect(await store().accountByName(second.name)).toBe(undefined)
  })

  test("an invite token is good for one account, until it expires; what is refused does not use it up", async () => {
    const [hash, other] = [fresh(32), fresh(32)]
    for (const one of [hash, other]) await store().addInvite({ hash: one, now: NOW, expiresAt: NOW + HOUR_MS })
    const add = (change: Partial<NewAccount>) => store().addAccount(newAccount({ now: NOW, ...change }))
    expect(await add({ inviteHash: fresh(32) })).toBe("uninvited")
    expect(await add({ inviteHash: hash, now: NOW + HOUR_MS })).toBe("uninvited")
    const first = newAccount({ inviteHash: hash })
    expect(await store().addAccount(first)).toBe("added")
    expect(await add({ inviteHash: hash })).toBe("uninvited")
    expect(await add({ inviteHash: other, name: first.name })).toBe("taken")
    await sweepAll(store(), NOW + HOUR_MS - 1)
    expect(await add({ inviteHash: other })).toBe("added")
    await store().addInvite({ hash: fresh(32), now: NOW, expiresAt: NOW })
    await sweepAll(store(), NOW + HOUR_MS)
    expect(await add({ inviteHash: hash })).toBe("uninvited")
  })

  test("accounts are listed by pages, with what is open of them", async () => {
    const [first, second] = [await resident(store()), await resident(store())]
    await store().openSession(sessionOf(first))
    const all = await store().listAccounts(0, 1000)
    const mine = all.filter(({ id }) => id === first.id || id === second.id)
    expect(mine.map(({ status, devices, logins }) => [status, devices, logins])).toEqual([
      ["active", 1, 1],
      ["active", 1, 0],
    ])
    expect(mine[0]?.createdAt).toBe(NOW)
    expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).sort((a, b) => a - b))
    expect(await store().listAccounts(first.id, 1)).toEqual([all[all.findIndex(({ id }) => id === first.id) + 1]])
    expect(await store().listAccounts(all.at(-1)!.id, 10)).toEqual([])
  })

  test("a suspended account says so at its sessions and its login, and goes on when it is resumed", async () => {
    const person = await resident(store())
    const session = sessionOf(person)
    await store().openSession(session)
    const { name } = (await store().accountByDevice(person.deviceKey))!
    for (const status of ["suspended", "active"] as const) {
      expect(plain(await store().setAccountStatus(name, status))).toEqual(plain([person.deviceKey]))
      expect(await store().sessionByAccess(session.accessHash, NOW)).toMatchObject({ status })
      expect(await store().accountByName(name)).toMatchObject({ status })
    }
    expect(await store().setAccountStatus(userName("nobody"), "suspended")).toBe(undefined)
  })

  test("a session is known by its access token until that expires", async () => {
    const person = await resident(store())
    const session = sessionOf(person)
    await store().openSession(session)
    const known = await store().sessionByAccess(session.accessHash, NOW)
    expect(plain(known)).toMatchObject({
      accountId: person.id,
      deviceKey: plain(person.deviceKey),
      accountKey: plain(person.accountKey),
      status: "active",
      accessExpires: NOW + HOUR_MS,
    })
    expect(await store().sessionByAccess(session.accessHash, NOW + HOUR_MS)).toBe(undefined)
    expect(await store().sessionByAccess(fresh(32), NOW)).toBe(undefined)
    await store().closeSession(session.accessHash)
    expect(await store().sessionByAccess(session.accessHash, NOW)).toBe(undefined)
    expect(await store().rotateSession(rotationOf(session))).toBe("refused")
  })

  test("a device nobody registered gets no session", async () => {
    const session = sessionOf({ deviceKey: freshKey() })
    await store().openSession(session)
    expect(await store().sessionByAccess(session.accessHash, NOW)).toBe(undefined)
  })

  test("a refresh token used before opens no session, and other calls of the moment go on", async () => {
    const person = await resident(store())
    const first = sessionOf(person)
    await store().openSession(first)
    const again = sessionOf(person, { refreshHash: first.refreshHash })
    const other = sessionOf(person)
    const outcomes = [codeOfAsync(() => store().openSession(again)), codeOfAsync(() => store().openSession(other))]
    expect(await Promise.all(outcomes)).toEqual(["E007", "accepted"])
    expect(await store().sessionByAccess(again.accessHash, NOW)).toBe(undefined)
    expect(await store().sessionByAccess(other.accessHash, NOW)).toBeDefined()
    expect(await store().sessionByAccess(first.accessHash, NOW)).toBeDefined()
  })

  test("the same refresh works again until its next was used, and is then refused without harm", async () => {
    const session = sessionOf(await resident(store()))
    await store().openSession(session)
    const first = rotationOf(session)
    expect(await store().rotateSession(first)).toBe("rotated")
    const repeated = { ...first, accessHash: fresh(32) }
    expect(await store().rotateSession(repeated)).toBe("rotated")
    const second = rotationOf({ ...session, refreshHash: first.nextHash })
    expect(await store().rotateSession(second)).toBe("rotated")
    expect(await store().rotateSession({ ...first, accessHash: fresh(32) })).toBe("refused")
    for (const { accessHash } of [first, repeated, second]) {
      expect(await store().sessionByAccess(accessHash, NOW)).toBeDefined()
    }
  })

  test("an old refresh token with another next is reuse: the whole family ends, other logins stay", async () => {
    const person = await resident(store())
    const session = sessionOf(person)
    const elsewhere = sessionOf(person)
    await store().openSession(session)
    await store().openSession(elsewhere)
    const first = rotationOf(session)
    expect(await store().rotateSession(first)).toBe("rotated")
    expect(await store().rotateSession(rotationOf(session))).toBe("reused")
    expect(await store().sessionByAccess(first.accessHash, NOW)).toBe(undefined)
    expect(await store().sessionByAccess(session.accessHash, NOW)).toBe(undefined)
    expect(await store().rotateSession(rotationOf({ ...session, refreshHash: first.nextHash }))).toBe("refused")
    expect(await store().sessionByAccess(elsewhere.accessHash, NOW)).toBeDefined()
  })

  test("a refresh is refused for another device, an unknown token, an expired one and a next that is in use", async () => {
    const person = await resident(store())
    const session = sessionOf(person)
    const other = sessionOf(person)
    await store().openSession(session)
    await store().openSession(other)
    const refused = [
      rotationOf(session, { deviceKey: freshKey() }),
      rotationOf(session, { refreshHash: fresh(32) }),
      rotationOf(session, { now: session.refreshExpires }),
      rotationOf(session, { nextHash: other.refreshHash }),
    ]
    for (const rotation of refused) expect(await store().rotateSession(rotation)).toBe("refused")
    expect(await store().rotateSession(rotationOf(session))).toBe("rotated")
  })

  test("a refresh prolongs the login", async () => {
    const session = sessionOf(await resident(store()))
    await store().openSession(session)
    const first = rotationOf(session, { refreshExpires: session.refreshExpires + HOUR_MS })
    await store().rotateSession(first)
    const late = rotationOf({ ...session, refreshHash: first.nextHash }, { now: session.refreshExpires })
    expect(await store().rotateSession(late)).toBe("rotated")
  })

  test("a setting keeps the first value it was given", async () => {
    const name = "a setting"
    expect(await store().setting(name)).toBe(undefined)
    expect(plain(await store().settle(name, Uint8Array.of(1)))).toBe("01")
    expect(plain(await store().settle(name, Uint8Array.of(2)))).toBe("01")
    expect(plain(await store().setting(name))).toBe("01")
    await store().probe(NOW)
  })
}

export const sessionOf = (
  { deviceKey }: Pick<Resident, "deviceKey">,
  change: Partial<NewSession> = {},
): NewSession => ({
  deviceKey,
  family: fresh(16),
  accessHash: fresh(32),
  accessExpires: NOW + HOUR_MS,
  refreshHash: fresh(32),
  refreshExpires: NOW + 24 * HOUR_MS,
  now: NOW,
  ...change,
})

const rotationOf = ({ refreshHash, deviceKey }: NewSession, change: Partial<Rotation> = {}): Rotation => ({
  refreshHash,
  nextHash: fresh(32),
  deviceKey,
  accessHash: fresh(32),
  accessExpires: NOW + HOUR_MS,
  refreshExpires: NOW + 24 * HOUR_MS,
  now: NOW,
  ...change,
})
