import { createInstance, type i18n } from 'i18next'
import { initReactI18next } from 'react-i18next'
import enActivity from './en/activity.json'
import enCommon from './en/common.json'
import enContent from './en/content.json'
import enDrawer from './en/drawer.json'
import enFailure from './en/failure.json'
import enFindings from './en/findings.json'
import enMirrors from './en/mirrors.json'
import enPath from './en/path.json'
import enPreflight from './en/preflight.json'
import enPublish from './en/publish.json'
import enPulls from './en/pulls.json'
import enQueue from './en/queue.json'
import enRegistries from './en/registries.json'
import enSettings from './en/settings.json'
import enShell from './en/shell.json'
import enSources from './en/sources.json'
import enTls from './en/tls.json'
import zhActivity from './zh-CN/activity.json'
import zhCommon from './zh-CN/common.json'
import zhContent from './zh-CN/content.json'
import zhDrawer from './zh-CN/drawer.json'
import zhFailure from './zh-CN/failure.json'
import zhFindings from './zh-CN/findings.json'
import zhMirrors from './zh-CN/mirrors.json'
import zhPath from './zh-CN/path.json'
import zhPreflight from './zh-CN/preflight.json'
import zhPublish from './zh-CN/publish.json'
import zhPulls from './zh-CN/pulls.json'
import zhQueue from './zh-CN/queue.json'
import zhRegistries from './zh-CN/registries.json'
import zhSettings from './zh-CN/settings.json'
import zhShell from './zh-CN/shell.json'
import zhSources from './zh-CN/sources.json'
import zhTls from './zh-CN/tls.json'

/** Every visible word, by language and screen. English has the keys; a test holds the others to them. */
export const words = {
  en: {
    common: enCommon,
    shell: enShell,
    failure: enFailure,
    registries: enRegistries,
    publish: enPublish,
    queue: enQueue,
    preflight: enPreflight,
    path: enPath,
    mirrors: enMirrors,
    findings: enFindings,
    drawer: enDrawer,
    content: enContent,
    pulls: enPulls,
    activity: enActivity,
    settings: enSettings,
    sources: enSources,
    tls: enTls,
  },
  'zh-CN': {
    common: zhCommon,
    shell: zhShell,
    failure: zhFailure,
    registries: zhRegistries,
    publish: zhPublish,
    queue: zhQueue,
    preflight: zhPreflight,
    path: zhPath,
    mirrors: zhMirrors,
    findings: zhFindings,
    drawer: zhDrawer,
    content: zhContent,
    pulls: zhPulls,
    activity: zhActivity,
    settings: zhSettings,
    sources: zhSources,
    tls: zhTls,
  },
}

export type Language = keyof typeof words

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common'
    resources: (typeof words)['en']
  }
}

/** i18next with all words on board: nothing is loaded later, so no screen flashes its keys. */
export function createI18n(language: Language): i18n {
  const instance = createInstance()
  void instance.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    defaultNS: 'common',
    resources: words,
    initAsync: false,
    // React escapes already
    interpolation: { escapeValue: false },
  })
  return instance
}

/** The language to use for a setting: the system's where it is one of ours, else English. */
export function languageOf(setting: 'system' | Language, system: readonly string[]): Language {
  if (setting !== 'system') return setting
  return /^zh\b/i.test(system[0] ?? '') ? 'zh-CN' : 'en'
}
