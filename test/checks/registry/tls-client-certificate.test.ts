import check from '../../../src/checks/registry/tls-client-certificate.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'tls-client-certificate', 'registry')
