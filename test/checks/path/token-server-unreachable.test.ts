import check from '../../../src/checks/path/token-server-unreachable.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'token-server-unreachable', 'path')
