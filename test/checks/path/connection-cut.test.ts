import { expect, test } from 'vitest'
import check from '../../../src/checks/path/connection-cut.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'connection-cut', 'path')

test('the advice names what cuts large responses: buffers of a proxy, and caps on their size', () => {
  for (const word of ['proxy_temp_path', 'proxy_max_temp_file_size', '32 MiB'])
    expect(check.advice).toContain(word)
})
