import check from '../../../src/checks/path/tls-expected.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'tls-expected', 'path')
