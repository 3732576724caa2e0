/** What the main process itself puts on screen: the menu and its dialogs. The page has its own texts. */
export interface Words {
  readonly menu: {
    file: string
    close: string
    quit: string
    edit: string
    undo: string
    redo: string
    cut: string
    copy: string
    paste: string
    selectAll: string
    view: string
    actualSize: string
    zoomIn: string
    zoomOut: string
    fullScreen: string
    developerTools: string
    window: string
    minimize: string
    zoom: string
    front: string
    about: string
    services: string
    hide: string
    hideOthers: string
    showAll: string
  }
  readonly quit: { message: string; detail: string; stay: string; leave: string }
  readonly crash: { message: string; detail: string; reload: string; close: string }
  readonly failed: { title: string }
}

const english: Words = {
  menu: {
    file: 'File',
    close: 'Close window',
    quit: 'Quit Chartroom',
    edit: 'Edit',
    undo: 'Undo',
    redo: 'Redo',
    cut: 'Cut',
    copy: 'Copy',
    paste: 'Paste',
    selectAll: 'Select all',
    view: 'View',
    actualSize: 'Actual size',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    fullScreen: 'Full screen',
    developerTools: 'Developer tools',
    window: 'Window',
    minimize: 'Minimize',
    zoom: 'Zoom',
    front: 'Bring all to front',
    about: 'About Chartroom',
    services: 'Services',
    hide: 'Hide Chartroom',
    hideOthers: 'Hide others',
    showAll: 'Show all',
  },
  quit: {
    message: 'A chart is still being uploaded.',
    detail: 'Quitting stops it. What is not published yet is in the queue when Chartroom is opened again.',
    stay: 'Keep uploading',
    leave: 'Cancel the upload and quit',
  },
  crash: {
    message: 'The window has crashed.',
    detail:
      'Uploads go on without it; anything else that ran in it was cancelled. Nothing that was saved is lost.',
    reload: 'Load it again',
    close: 'Close the window',
  },
  failed: { title: 'Chartroom could not start' },
}

const chinese: Words = {
  menu: {
    file: '文件',
    close: '关闭窗口',
    quit: '退出 Chartroom',
    edit: '编辑',
    undo: '撤销',
    redo: '重做',
    cut: '剪切',
    copy: '复制',
    paste: '粘贴',
    selectAll: '全选',
    view: '视图',
    actualSize: '实际大小',
    zoomIn: '放大',
    zoomOut: '缩小',
    fullScreen: '全屏',
    developerTools: '开发者工具',
    window: '窗口',
    minimize: '最小化',
    zoom: '缩放',
    front: '前置全部窗口',
    about: '关于 Chartroom',
    services: '服务',
    hide: '隐藏 Chartroom',
    hideOthers: '隐藏其他',
    showAll: '全部显示',
  },
  quit: {
    message: '仍有 Chart 正在上传。',
    detail: '退出会中止上传。尚未发布的 Chart 在下次打开 Chartroom 时仍在队列中。',
    stay: '继续上传',
    leave: '取消上传并退出',
  },
  crash: {
    message: '窗口已崩溃。',
    detail: '其中正在进行的操作已取消，已保存的内容没有丢失。',
    reload: '重新加载',
    close: '关闭窗口',
  },
  failed: { title: 'Chartroom 无法启动' },
}

/** The words for the language of the settings; `system` follows `locale`, the system's own (a BCP 47 tag). */
export function wordsFor(language: 'system' | 'en' | 'zh-CN', locale: string): Words {
  const chosen = language === 'system' ? locale : language
  return /^zh\b/i.test(chosen) ? chinese : english
}
