import check from '../../../src/checks/registry/not-a-registry.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'not-a-registry', 'registry')
