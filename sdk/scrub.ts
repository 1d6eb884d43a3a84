/** Longer texts are cut, so that looking for addresses in them stays cheap, and one of them never fills the log. */
const TEXT_CHARS_MAX = 1_000;
/** `@` or `%40` between what may stand in a mail address, up to its top-level domain. */
const MAIL = /[^\s&=/?<>"]+(@|%40)[^\s&=/?<>"]+\.[a-z]{2,}/gi;
const TOKEN = /token[^ &]*/g;

/** A text without mail addresses, as modules write it to the log. */
export function withoutMail(text: string): string {
  return text.slice(0, TEXT_CHARS_MAX).replace(MAIL, "");
}

/** An address without tokens as well; the tag does the same to those of its page. */
export function withoutSecrets(url: string | undefined): string | undefined {
  return url && withoutMail(url).replace(TOKEN, "");
}
