import check from '../../../src/checks/path/tls-plain-http.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'tls-plain-http', 'path')
