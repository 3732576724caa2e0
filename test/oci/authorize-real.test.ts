import { startDockerRegistry } from '../lab/docker-registry.ts'
import { tokenSuite } from '../lab/token-suite.ts'

tokenSuite('docker-registry 2.8', startDockerRegistry)
