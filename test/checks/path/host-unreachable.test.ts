import check from '../../../src/checks/path/host-unreachable.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'host-unreachable', 'path')
