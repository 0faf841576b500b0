/** Guards only the sandbox's own make-believe secrets. */
export const PASSPHRASE = "rehearsal";

/**
 * What `pulumi stack init` wrote for this passphrase once; a stack keeps the one that its configuration file has. The
 * engine derives a key for every salt it meets, a million rounds each: 08-service reads seven stacks, and with salts of
 * their own it spent 1.2 s of its 1.5 s on that.
 */
const ENCRYPTION_SALT = "v1:t4OXMh1jiW8=:v1:KzWl4AmGPsbZ4jlS:c1/Ft/pzBPfiUTJQy+3LQ1n+CdxGSQ==";

/** The text of a stack's configuration file with the sandbox's salt. */
export function salted(text: string): string {
  return `${text.trimEnd()}\nencryptionsalt: ${ENCRYPTION_SALT}\n`.trimStart();
}
