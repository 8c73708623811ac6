import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-tag-broken.ts'
import { multiPlatform } from '../../../src/fake-registry/images/images.ts'
import { pushTo } from '../../support/storage/made-storage.ts'
import { faultsOfMade, madeImage } from '../../support/storage/storage-facts.ts'

const history = [madeImage.index.manifest.digest]

test.each([
  ['', 'error', 'its current/link is empty'],
  ['nonsense', 'error', 'its current/link says “nonsense”'],
  [undefined, 'warning', 'there is a folder of the tag, but no current/link in it'],
])('a link that says %j', (current, severity, message) => {
  expect(faultsOfMade(check, ({ tags }) => tags.set('1', { current, history }))).toMatchObject([
    {
      ...{ subject: 'app:1', severity, message },
      evidence: [expect.stringMatching(/^last pushed: sha256:[0-9a-f]{8}\u2026, which is there$/)],
      commands: [expect.stringMatching(/REGISTRY\/v2\/app\/manifests\/1$/)],
    },
  ])
})

test('nothing can be pasted where what was pushed is lost, or unknown', () => {
  const lost = faultsOfMade(check, ({ tags }, { data }) => {
    tags.set('1', { current: '', history })
    data.delete(madeImage.amd64.config.digest)
  })
  expect(lost).toMatchObject([
    { advice: expect.stringMatching(/^Push the tag again/), commands: ['docker restart registry'] },
  ])
  const unknown = faultsOfMade(check, ({ tags }) => tags.set('2', { current: '', history: [] }))
  expect(unknown).toMatchObject([{ subject: 'app:2', commands: [] }])
})

test('a whole tag is no finding', () => {
  expect(faultsOfMade(check, () => {})).toEqual([])
})

test('a tag beside others of the same image has its own command', () => {
  const faults = faultsOfMade(check, ({ tags }) => {
    const history = tags.get('1')?.history ?? []
    for (const tag of ['0', '2', '3']) tags.set(tag, { current: tag === '0' ? history[0] : '', history })
  })
  expect(
    faults.map(({ subject, commands }) => [subject, commands?.map((one) => one.split('/').at(-1))]),
  ).toEqual([
    ['app:2', ['2']],
    ['app:3', ['3']],
  ])
})

test.each([0, 999, 1000])('a history whose times are %i ms apart', (pushedEvery) => {
  const newer = multiPlatform({ seed: 'newer' })
  const [fault] = faultsOfMade(check, ({ tags }, storage) => {
    pushTo(storage, 'app', newer.contents, '1')
    storage.pushedEvery = pushedEvery
    tags.set('1', { current: '', history: tags.get('1')?.history ?? [] })
  })
  const told = { commands: fault?.commands?.length, evidence: fault?.evidence?.length }
  expect(told).toEqual(pushedEvery < 1000 ? { commands: 0, evidence: 2 } : { commands: 1, evidence: 1 })
  expect(fault?.advice).toMatch(pushedEvery < 1000 ? /^Push the tag again: the times / : /^These commands /)
})
