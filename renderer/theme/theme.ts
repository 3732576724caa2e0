import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core'

// Mantine wants ten shades; what is seen comes from tokens.css, where light and dark are told apart
const accent: MantineColorsTuple = [
  '#e3f1f5',
  '#cfe6ee',
  '#a4cedd',
  '#76b5cb',
  '#4cb6d4',
  '#2f94b3',
  '#0b6e8f',
  '#0a6484',
  '#085470',
  '#06465d',
]

// the ten steps Mantine takes its own greys from: ink first in the dark, ground first in the light
const dark: MantineColorsTuple = [
  '#e8ecf2',
  '#aab3c0',
  '#8b94a3',
  '#77808f',
  '#2d3542',
  '#1d232d',
  '#161b23',
  '#12161d',
  '#0f1319',
  '#0b0e13',
]
const gray: MantineColorsTuple = [
  '#f8f9fb',
  '#f0f2f5',
  '#eeeff3',
  '#e3e6eb',
  '#d5d9e0',
  '#a9b0bc',
  '#7b8494',
  '#4a5361',
  '#2c333d',
  '#12161c',
]

const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input)
  const color = input.color ?? input.theme.primaryColor
  if (color === 'accent' && input.variant === 'filled') {
    return {
      ...colors,
      background: 'var(--accent)',
      hover: 'color-mix(in srgb, var(--accent) 90%, var(--ink))',
      color: 'var(--on-accent)',
    }
  }
  if (color === 'red' && input.variant === 'filled') {
    return {
      ...colors,
      background: 'var(--bad)',
      hover: 'color-mix(in srgb, var(--bad) 90%, var(--ink))',
      color: 'var(--on-accent)',
    }
  }
  if (input.variant === 'subtle') {
    return { ...colors, background: 'transparent', hover: 'var(--hover)', color: 'var(--ink-2)' }
  }
  if (input.variant === 'light') {
    return {
      ...colors,
      background: 'var(--accent-tint)',
      hover: 'var(--accent-tint)',
      color: 'var(--accent-ink)',
    }
  }
  return colors
}

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 4 },
  colors: { accent, dark, gray },
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '11.5px', sm: '13px', md: '13px', lg: '15px', xl: '16px' },
  lineHeights: { xs: '16px', sm: '18px', md: '18px', lg: '20px', xl: '22px' },
  headings: { fontWeight: '650' },
  defaultRadius: 8,
  variantColorResolver,
  components: {
    // the page itself never scrolls, and the lock would write a style element without our nonce
    Modal: { defaultProps: { lockScroll: false, radius: 10, centered: true } },
    Drawer: { defaultProps: { lockScroll: false } },
    Spotlight: { defaultProps: { lockScroll: false, overlayProps: { blur: 0, backgroundOpacity: 0.35 } } },
    Button: { defaultProps: { size: 'xs' }, styles: { root: { fontSize: '13px', height: '31px' } } },
    TextInput: { defaultProps: { size: 'xs' } },
    PasswordInput: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs', checkIconPosition: 'right' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    ActionIcon: { defaultProps: { variant: 'default' } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true } },
  },
})

/** Lets Mantine's own variables follow tokens.css, so that one file says what every colour is. */
export const cssVariablesResolver: CSSVariablesResolver = () => {
  const variables = {
    '--mantine-color-body': 'var(--panel)',
    '--mantine-color-text': 'var(--ink)',
    '--mantine-color-bright': 'var(--ink)',
    '--mantine-color-dimmed': 'var(--ink-2)',
    '--mantine-color-placeholder': 'var(--ink-2)',
    '--mantine-color-error': 'var(--bad)',
    '--mantine-color-anchor': 'var(--accent-ink)',
    '--mantine-color-default': 'var(--panel)',
    '--mantine-color-default-hover': 'var(--hover)',
    '--mantine-color-default-color': 'var(--ink)',
    '--mantine-color-default-border': 'var(--line)',
    '--mantine-primary-color-filled': 'var(--accent)',
    '--mantine-primary-color-filled-hover': 'var(--accent-ink)',
    '--mantine-primary-color-light': 'var(--accent-tint)',
    '--mantine-primary-color-light-color': 'var(--accent-ink)',
    '--mantine-primary-color-contrast': 'var(--on-accent)',
  }
  return { variables: {}, light: variables, dark: variables }
}
