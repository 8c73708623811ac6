import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/registry-floating-tag.ts'
import type { RegistryContainer } from '../../../src/facts/storage/registry-container.ts'
import { faultsOfStorage } from '../../support/storage/storage-facts.ts'

const faults = (value: RegistryContainer) =>
  faultsOfStorage(check, (storage) => {
    storage.registry = { seen: true, from: 'the container engine', value }
  })

test('a floating tag is a note that names the version to pin', () => {
  const version = { text: '2.8.3', from: 'history' as const }
  expect(faults({ name: 'registry', image: 'registry.lan:5000/registry:2', version })).toEqual([
    {
      subject: 'registry.lan:5000/registry:2',
      severity: 'note',
      message:
        'the container registry runs version 2.8.3 from registry.lan:5000/registry:2, a tag that moves',
      advice: 'Pin the version that runs: registry.lan:5000/registry:2.8.3. Change it on purpose.',
    },
  ])
})

test('a tag is no proof of the version, so none is named', () => {
  const [fault] = faults({ name: 'registry', image: 'registry', version: { text: '2', from: 'tag' } })
  expect(fault?.message).toBe('the container registry runs registry, a tag that moves')
  expect(fault?.advice).toBeUndefined()
})

test('what the tag has become is evidence', () => {
  const image = 'registry:latest'
  const [fault] = faults({ name: 'registry', image, replacedBy: { version: '3.1.2' } })
  expect(fault?.evidence).toEqual([
    'on this host registry:latest is another image by now, version 3.1.2: it runs once the container is created anew',
  ])
  expect(faults({ name: 'registry', image, replacedBy: {} })[0]?.evidence?.[0]).toContain('by now: it runs')
})

test('a fixed version, a tag of its own, and no engine are no finding', () => {
  expect(faults({ name: 'registry', image: 'registry:2.8.3' })).toEqual([])
  expect(faults({ name: 'registry', image: 'registry:prod' })).toEqual([])
  expect(faultsOfStorage(check)).toEqual([])
  expect(
    faultsOfStorage(check, (storage) => {
      storage.registry = { seen: false, why: 'none', remedies: [], applies: false }
    }),
  ).toEqual([])
})
