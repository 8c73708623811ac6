import check from '../../../src/checks/path/proxy-failed.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'proxy-failed', 'path')
