import check from '../../../src/checks/registry/storage-forbidden.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'storage-forbidden', 'registry')
