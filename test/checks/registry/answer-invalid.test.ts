import check from '../../../src/checks/registry/answer-invalid.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'answer-invalid', 'registry')
