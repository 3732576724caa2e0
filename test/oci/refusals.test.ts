import { startDockerRegistry } from '../lab/docker-registry.ts'
import { refusalSuite } from '../lab/refusal-suite.ts'

// distribution 3 is asked the same in test/lab/refusals.lab.ts
refusalSuite(2, startDockerRegistry)
