import {
  IconAffiliate,
  IconDatabase,
  IconListDetails,
  IconRoute,
  IconSettings,
  IconUpload,
} from '@tabler/icons-react'
import type { ScreenName } from '../state/route.ts'

/** One icon a screen, wherever the screen is named. */
export const screenIcons = {
  registries: IconDatabase,
  publish: IconUpload,
  mirrors: IconAffiliate,
  pulls: IconRoute,
  activity: IconListDetails,
  settings: IconSettings,
} satisfies Record<ScreenName, unknown>
