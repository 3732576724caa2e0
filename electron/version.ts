/** The version of package.json, which a test compares: a packed app has no package.json at a fixed distance. */
export const version = '0.1.0'
