import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/bucket-not-readable.ts'
import notReadable from '../../../src/checks/storage/storage-not-readable.ts'
import { faultsOfStorage, storageRoot, unseenStorage } from '../../support/storage/storage-facts.ts'

const bucket = { ...unseenStorage('s3.lan throttles requests'), driver: 's3' as const }

test('a bucket that could not be read is reported once, with what to do', () => {
  expect(faultsOfStorage(check, { ...bucket, advice: 'Wait.' })).toEqual([
    { subject: storageRoot, severity: 'error', message: 's3.lan throttles requests', advice: 'Wait.' },
  ])
  expect(faultsOfStorage(check, bucket)[0]?.advice).toBeUndefined()
  expect(faultsOfStorage(notReadable, bucket)).toEqual([])
})

test('a folder, and a healthy storage, have no such finding', () => {
  expect(faultsOfStorage(check)).toEqual([])
  expect(faultsOfStorage(check, unseenStorage('it is empty', ['storage-mount']))).toEqual([])
})

test('a run that was stopped gives no advice', () => {
  const stopped = { ...unseenStorage('stopped by SIGINT'), stopped: true as const }
  expect(faultsOfStorage(check, { ...stopped, driver: 's3' })).toEqual([])
  expect(faultsOfStorage(notReadable, stopped)).toEqual([])
})
