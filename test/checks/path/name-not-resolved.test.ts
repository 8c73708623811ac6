import check from '../../../src/checks/path/name-not-resolved.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'name-not-resolved', 'path')
