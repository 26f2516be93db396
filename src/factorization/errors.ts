/** Settings that cannot be used with these data. The message names the setting and the remedy; it is shown to the user as it stands. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}
