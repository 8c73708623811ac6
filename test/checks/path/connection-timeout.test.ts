import check from '../../../src/checks/path/connection-timeout.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'connection-timeout', 'path')
