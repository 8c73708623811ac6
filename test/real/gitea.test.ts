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

/** Gitea does not accept an index inside an index. */
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

  const outcomeOf = async (reference: string, settings: Record<string, string> = {}) => {
    const report = await verifyImages([`${gitea.host}/${reference}`], { settings })
    const reportText = JSON.stringify(report)
    expect(reportText).not.toContain('-Secret-1')
    return { report, reportText, verdict: [report.exitCode, causeIds(report), noteIds(report)] }
  }

  describe.each(depths)('at depth %s', (depth) => {
    test('verifies the whole corpus without a login', async () => {
      const report = await verifyCorpus(gitea.host, depth, { names: taken })
      expect([report.exitCode, causeIds(report), noteIds(report)]).toEqual([0, [], []])
    })

    test('verifies it with a login too', async () => {
      const report = await verifyCorpus(gitea.host, depth, { names: taken, settings: ben })
      expect([report.exitCode, causeIds(report), noteIds(report)]).toEqual([0, [], []])
    })
  })

  test('does not accept an index inside an index', async () => {
    const top = index([index([app])])
    const options = { tag: 'nested', ...asOwner(ben) }
    await expect(push(gitea.host, 'ben/app', contentsOf(top), options)).rejects.toThrow('MANIFEST_INVALID')
  })

  test('has its blobs read completely at depth probe, and only listed at depth head', async () => {
    const proofs = async (depth: string) =>
      (await outcomeOf('ben/app:1', { depth })).report.targets[0]?.members[0]?.proof
    expect(await proofs('probe')).toMatchObject({
      ...{ listed: 0, opened: 0, lastByte: 0, whole: 2 },
      ...{ layers: 1, unpacked: 0, unread: 0 },
    })
    expect(await proofs('head')).toMatchObject({
      ...{ listed: 1, opened: 0, lastByte: 0, whole: 1 },
      ...{ layers: 0, unpacked: 0, unread: 0 },
    })
  })

  test('is verified completely by its catalog', async () => {
    const report = await verifyCatalog(gitea.host, { settings: ann })
    expect([report.exitCode, causeIds(report), noteIds(report)]).toEqual([0, [], []])
    const expected = [...taken, 'ann/app', 'ben/app', 'ben/cleaned'].map((name) => `${gitea.host}/${name}:1`)
    expect(report.targets.map(({ reference }) => reference).toSorted()).toEqual(expected.toSorted())
  })

  test('a public package is pulled without a login, a private one is not', async () => {
    expect((await outcomeOf('ben/app:1', { also_anonymous: 'true', ...ben })).verdict).toEqual([0, [], []])
    const { verdict } = await outcomeOf('ann/app:1', { also_anonymous: 'true', ...ann })
    expect(verdict).toEqual([1, ['not-public'], []])
  })

  test('reveals nothing about a private package without a login', async () => {
    const { verdict } = await outcomeOf('ann/app:1')
    expect(verdict).toEqual([3, ['denied-or-missing'], []])
    expect((await outcomeOf('ann/app:1', ann)).verdict).toEqual([0, [], []])
  })

  test('rejects a login that may not read the package', async () => {
    const { verdict, reportText } = await outcomeOf('ann/app:1', ben)
    expect(verdict).toEqual([3, ['access-denied'], []])
    expect(reportText).toContain('user “ben”')
  })

  test('rejects a wrong password, which is not shown', async () => {
    const { verdict, reportText } = await outcomeOf('ben/app:1', { ...ben, password: 'forgejo-wrong' })
    expect(verdict).toEqual([3, ['bad-credentials'], []])
    expect(reportText).not.toContain('forgejo-wrong')
  })

  test.each(['ben/app:none', 'ben/none:1'])('%s is missing', async (reference) => {
    expect((await outcomeOf(reference, ben)).verdict).toEqual([1, ['tag-missing'], []])
  })

  test('children of an index removed by a cleanup are all reported', async () => {
    const digests = several.images.map(({ manifest }) => manifest.digest)
    for (const digest of digests) await gitea.api('DELETE', `packages/ben/container/cleaned/${digest}`)
    const { verdict, reportText } = await outcomeOf('ben/cleaned:1')
    expect(verdict).toEqual([1, ['orphaned-index'], []])
    for (const digest of digests) expect(reportText).toContain(digest)
  })

  test('takes sizes from its database, so a truncated file is only found by reading it', async () => {
    await truncate(gitea.blobPath(layer.digest), 100)
    expect((await outcomeOf('ben/app:1', { depth: 'head' })).verdict).toEqual([0, [], []])
    for (const depth of ['probe', 'full'])
      expect((await outcomeOf('ben/app:1', { depth })).verdict).toEqual([1, ['blob-truncated'], []])
  })
})
