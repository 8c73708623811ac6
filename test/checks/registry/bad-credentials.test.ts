import check from '../../../src/checks/registry/bad-credentials.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'bad-credentials', 'registry')
