import check from '../../../src/checks/path/storage-unreachable.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'storage-unreachable', 'path')
