import check from '../../../src/checks/path/answer-timeout.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'answer-timeout', 'path')
