import { startDistribution } from './distribution.ts'
import { tokenSuite } from './token-suite.ts'

// docker-registry 2.8 passes the same in test/oci/authorize-real.test.ts
tokenSuite('distribution 3.1.1', startDistribution)
