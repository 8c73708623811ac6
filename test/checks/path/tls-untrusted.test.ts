import check from '../../../src/checks/path/tls-untrusted.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'tls-untrusted', 'path')
