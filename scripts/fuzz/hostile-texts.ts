/** Texts that make some finder of private text work as hard as it can, of any length. */
export const HOSTILE_TEXTS: readonly (readonly [name: string, text: (length: number) => string])[] = [
  ["signs", repeated("a@")],
  ["letters before a sign", repeated(`${"a".repeat(127)}@`)],
  ["dots", repeated("a@b.")],
  ["digits", repeated("1 ")],
  ["pairs of digits", repeated("01 ")],
  ["groups that are almost cards", repeated("4242 4242 4242 424 ")],
  ["cards", repeated("4111 1111 1111 1111 ")],
  ["one long number", repeated("4")],
  ["plus and digit", repeated("+1")],
  ["phones", repeated("+49 151 2345678 ")],
  ["called numbers", repeated("tel 1 ")],
  ["area codes", repeated("(012) ")],
  ["groups of three", repeated("234-567-")],
  ["quads", repeated("1.2.3.")],
  ["hexadecimal groups", repeated("a1::b2:")],
  ["equal signs", repeated("=")],
  ["assignments", repeated("ab=")],
  ["long names", repeated(`${"a".repeat(40)}:`)],
  ["secrets", repeated("token=a ")],
  ["token heads", repeated("-eyJ1")],
  ["bearers", repeated("bearer 1 ")],
  ["percent signs", repeated("%2")],
  ["encoded signs", repeated("%2540")],
  ["encoded words", repeated("%2540 ")],
  ["broken UTF-8", repeated("%ff%fe%41 ")],
  ["countries", repeated("DE89 ")],
  ["parameters", repeated("&a=%41")],
  [
    "everything",
    repeated("j@s.example 4111 1111 1111 1111 +49 151 2345678 token=a DE89370400440532013000 %40 "),
  ],
];

function repeated(part: string): (length: number) => string {
  return (length) => part.repeat(Math.ceil(length / part.length)).slice(0, length);
}
