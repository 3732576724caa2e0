import { startDistribution } from './distribution.ts'
import { refusalSuite } from './refusal-suite.ts'

// docker-registry 2.8 is asked the same in test/oci/refusals.test.ts
refusalSuite(3, startDistribution)
