import check from '../../../src/checks/path/connection-cut.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'connection-cut', 'path')
