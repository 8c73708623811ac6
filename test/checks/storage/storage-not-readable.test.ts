import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/storage-not-readable.ts'
import {
  faultsOfStorage,
  storageRoot,
  unreadPaths,
  unseenStorage,
} from '../../support/storage/storage-facts.ts'

const denied = 'this user may not read it'

test('a root that may not be read is one warning, for nothing is known to be wrong', () => {
  expect(faultsOfStorage(check, unseenStorage(denied, ['storage-access']))).toEqual([
    { subject: storageRoot, severity: 'warning', message: denied },
  ])
})

test('paths without permission are one finding, the first of them and how many', () => {
  const paths = ['blobs/sha256/01', 'blobs/sha256/02', 'repositories/app']
  expect(faultsOfStorage(check, unreadPaths('permission', denied, ...paths))).toMatchObject([
    {
      subject: 'blobs/sha256/01',
      severity: 'warning',
      message: `${denied}, and 2 other paths`,
      evidence: ['blobs/sha256/02', 'repositories/app'],
      advice: expect.stringContaining('as root'),
    },
  ])
})

test('an error of the disk is an error, and advises a copy rather than a change', () => {
  const why = 'the disk reported an input/output error'
  expect(faultsOfStorage(check, unreadPaths('disk', why, 'blobs/sha256/01'))).toMatchObject([
    { severity: 'error', message: why, advice: expect.stringContaining('copy what can still be read') },
  ])
})

test('a symbolic link is named, with what to do instead', () => {
  const change = unreadPaths('symlink', 'it is a symbolic link, which is not followed', 'repositories/app')
  expect(faultsOfStorage(check, change)).toMatchObject([
    { severity: 'warning', advice: expect.stringContaining('mount --bind') },
  ])
  // A scan of the folder above meets the same link.
  expect(faultsOfStorage(check, change)[0]?.advice).not.toContain('a folder that contains it')
})

test('a healthy storage has no finding, and one that is none is left to storage-not-a-registry', () => {
  expect(faultsOfStorage(check)).toEqual([])
  expect(faultsOfStorage(check, unseenStorage('it is empty', ['storage-mount']))).toEqual([])
})
