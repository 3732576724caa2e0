import { json } from '@codemirror/lang-json'
import { foldGutter, syntaxHighlighting } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { tagHighlighter, tags } from '@lezer/highlight'
import { useEffect, useRef } from 'react'
import { pageNonce } from './nonce.ts'
import styles from './json-view.module.css'

// classes of ours: the colours follow the theme without the editor knowing of it
const highlighter = tagHighlighter([
  { tag: tags.propertyName, class: styles.name ?? '' },
  { tag: tags.string, class: styles.string ?? '' },
  { tag: [tags.number, tags.bool, tags.null], class: styles.literal ?? '' },
])

/** JSON text to read, fold and select; not to edit. */
export function JsonView({ text, label }: { text: string; label: string }) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const parent = host.current
    if (parent === null) return undefined
    const view = new EditorView({
      parent,
      state: EditorState.create({
        doc: text,
        extensions: [
          EditorView.cspNonce.of(pageNonce()),
          EditorState.readOnly.of(true),
          EditorView.contentAttributes.of({ 'aria-label': label, 'aria-readonly': 'true', tabindex: '0' }),
          EditorView.lineWrapping,
          lineNumbers(),
          foldGutter(),
          json(),
          syntaxHighlighting(highlighter),
        ],
      }),
    })
    return () => view.destroy()
  }, [text, label])
  return <div ref={host} className={styles.view} />
}
