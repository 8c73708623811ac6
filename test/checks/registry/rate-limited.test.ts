import check from '../../../src/checks/registry/rate-limited.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'rate-limited', 'registry')
