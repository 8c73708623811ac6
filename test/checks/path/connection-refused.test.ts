import check from '../../../src/checks/path/connection-refused.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'connection-refused', 'path')
