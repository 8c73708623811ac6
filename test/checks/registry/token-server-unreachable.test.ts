import check from '../../../src/checks/registry/token-server-unreachable.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'token-server-unreachable', 'registry')
