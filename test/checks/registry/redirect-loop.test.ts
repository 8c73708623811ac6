import check from '../../../src/checks/registry/redirect-loop.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'redirect-loop', 'registry')
