/** The one scheme, host and origin the window's page lives under. */
export const scheme = 'app'
export const pageHost = 'chartroom'
export const pageOrigin = `${scheme}://${pageHost}`
