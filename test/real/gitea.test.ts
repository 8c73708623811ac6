import { truncate } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  contentsOf,
  image,
  index,
  multiPlatform,
  randomLayer,
} from '../../src/fake-registry/images/images.ts'
import { type Gitea, type Person, startGitea, suiteWithGitea } from '../support/gitea.ts'
import { push } from '../support/push.ts'
import { corpusNames, depths, pushCorpus, verifyCorpus } from '../support/real-corpus.ts'
import { causeIds, noteIds, verifyCatalog, verifyImages } from '../support/verify.ts'

/** Gitea takes no index in an index. */
const refused = ['corpus/nested']
const taken = corpusNames.filter((name) => !refused.includes(name))

suiteWithGitea()('a real Gitea or Forgejo', () => {
  let gitea: Gitea
  let ann: Person
  let ben: Person
  const layer = randomLayer({ bytes: 100_000, seed: 'gitea' })
  const app = image('linux/amd64', { layers: [layer] })
  const several = multiPlatform({ platforms: ['linux/amd64', 'linux/arm64'], seed: 'gitea' })

  const asOwner = ({ username: user, password }: Person) => ({ credentials: { user, password } })
  beforeAll(async () => {
    gitea = await startGitea()
    ann = await gitea.person('ann', { private: true })
    ben = await gitea.person('ben')
    await pushCorpus(gitea.host, { ...asOwner(await gitea.person('corpus')), except: refused })
    await push(gitea.host, 'ann/app', contentsOf(app), { tag: '1', ...asOwner(ann) })
    await push(gitea.host, 'ben/app', contentsOf(app), { tag: '1', ...asOwner(ben) })
    await push(gitea.host, 'ben/cleaned', several.contents, { tag: '1', ...asOwner(ben) })
  })
  afterAll(() => gitea?.stop())

  const look = async (reference: string, settings: Record<string, string> = {}) => {
    const report = await verifyImages([`${gitea.host}/${reference}`], { settings })
    const faultsOf = JSON.stringify(report)
    expect(faultsOf).not.toContain('-Secret-1')
    return { report, faultsOf, verdict: [report.exitCode, causeIds(report), noteIds(report)] }
  }

  describe.each(depths)('at depth %s', (depth) => {
    test('lets anybody verify the whole corpus', async () => {
      const report = await verifyCorpus(gitea.host, depth, { names: taken })
      expect([report.exitCode, causeIds(report), noteIds(report)]).toEqual([0, [], []])
    })

    test('lets a login verify it, too', async () => {
      const report = await verifyCorpus(gitea.host, depth, { names: taken, settings: ben })
      expect([report.exitCode, causeIds(report), noteIds(report)]).toEqual([0, [], []])
    })
  })

  test('takes no index in an index', async () => {
    const top = index([index([app])])
    const options = { tag: 'nested', ...asOwner(ben) }
    await expect(push(gitea.host, 'ben/app', contentsOf(top), options)).rejects.toThrow('MANIFEST_INVALID')
  })

  test('has its blobs read whole at depth probe, and only listed at depth head', async () => {
    const proofs = async (depth: string) =>
      (await look('ben/app:1', { depth })).report.targets[0]?.members[0]?.proof
    expect(await proofs('probe')).toEqual({ listed: 0, lastByte: 0, whole: 2, opened: 0, unread: 0 })
    expect(await proofs('head')).toEqual({ listed: 1, lastByte: 0, whole: 1, opened: 0, unread: 0 })
  })

  test('is verified as a whole by its catalog', async () => {
    const report = await verifyCatalog(gitea.host, { settings: ann })
    expect([report.exitCode, causeIds(report), noteIds(report)]).toEqual([0, [], []])
    const expected = [...taken, 'ann/app', 'ben/app', 'ben/cleaned'].map((name) => `${gitea.host}/${name}:1`)
    expect(report.targets.map(({ reference }) => reference).toSorted()).toEqual(expected.toSorted())
  })

  test('has a public package pulled without a login, and a private one not', async () => {
    expect((await look('ben/app:1', { also_anonymous: 'true', ...ben })).verdict).toEqual([0, [], []])
    const { verdict } = await look('ann/app:1', { also_anonymous: 'true', ...ann })
    expect(verdict).toEqual([1, ['not-public'], []])
  })

  test('tells a stranger nothing of a private package', async () => {
    const { verdict } = await look('ann/app:1')
    expect(verdict).toEqual([3, ['denied-or-missing'], []])
    expect((await look('ann/app:1', ann)).verdict).toEqual([0, [], []])
  })

  test('takes a login, and refuses who may not read the package', async () => {
    const { verdict, faultsOf } = await look('ann/app:1', ben)
    expect(verdict).toEqual([3, ['access-denied'], []])
    expect(faultsOf).toContain('user “ben”')
  })

  test('refuses a wrong password, which is not repeated', async () => {
    const { verdict, faultsOf } = await look('ben/app:1', { ...ben, password: 'forgejo-wrong' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(faultsOf).not.toContain('forgejo-wrong')
  })

  test.each(['ben/app:none', 'ben/none:1'])('knows no %s', async (reference) => {
    expect((await look(reference, ben)).verdict).toEqual([1, ['tag-missing'], []])
  })

  test('loses the children of an index to a cleanup, and each of them is named', async () => {
    const digests = several.images.map(({ manifest }) => manifest.digest)
    for (const digest of digests) await gitea.api('DELETE', `packages/ben/container/cleaned/${digest}`)
    const { verdict, faultsOf } = await look('ben/cleaned:1')
    expect(verdict).toEqual([1, ['orphaned-index'], []])
    for (const digest of digests) expect(faultsOf).toContain(digest)
  })

  test('has lengths from its database, so a shorter file is seen in the file alone', async () => {
    await truncate(gitea.blobPath(layer.digest), 100)
    expect((await look('ben/app:1', { depth: 'head' })).verdict).toEqual([0, [], []])
    for (const depth of ['probe', 'full'])
      expect((await look('ben/app:1', { depth })).verdict).toEqual([1, ['blob-truncated'], []])
  })
})
