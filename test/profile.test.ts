import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultProfile } from '../electron/profile.ts'

test.each([
  ['linux', '/home/ann', {}, ['/home/ann', '.config', 'chartroom']],
  ['linux', '/home/ann', { XDG_CONFIG_HOME: '/srv/config' }, ['/srv/config', 'chartroom']],
  ['linux', '/home/ann', { XDG_CONFIG_HOME: 'relative' }, ['/home/ann', '.config', 'chartroom']],
  ['linux', '/home/ann', { XDG_CONFIG_HOME: '' }, ['/home/ann', '.config', 'chartroom']],
  ['darwin', '/Users/ann', {}, ['/Users/ann', 'Library', 'Application Support', 'chartroom']],
  ['win32', 'C:\\Users\\ann', { APPDATA: 'D:\\Data' }, ['D:\\Data', 'chartroom']],
  ['win32', 'C:\\Users\\ann', {}, ['C:\\Users\\ann', 'AppData', 'Roaming', 'chartroom']],
] as const)('on %s at %s with %j the profile is where that system keeps it', (platform, home, env, parts) => {
  expect(defaultProfile(platform, home, env)).toBe(join(...parts))
})
