/** Words that make a name sensitive wherever they stand in it: `reset_token`, `userEmail`, `X-Session-Id`. */
const WORDS = set(
  "token tokens jwt secret secrets password passwd passwort pwd passcode passphrase apikey auth authorization " +
    "oauth bearer credential credentials signature sig hmac session sessionid sess sid phpsessid jsessionid " +
    "email emails mail phone telephone tel mobile msisdn iban ssn cvv cvc otp dob birthday birthdate surname " +
    "firstname lastname fullname username address street postcode zipcode saml samlresponse",
);

/** Whole names that are sensitive, but harmless as a part of another: `product_code`, `item_name`, `keyword`. */
const WHOLE_NAMES = set(
  "key code name pass pin user login hash card cardnumber cc ccnumber fname lname zip customer nonce " +
    "ip ipaddress ipaddr clientip remoteaddr accountnumber",
);

/** Endings that survive when somebody wrote the words together: `useremail`, `newpassword`. */
const ENDINGS = [
  "token",
  "secret",
  "password",
  "passwd",
  "email",
  "signature",
  "apikey",
  "accesskey",
  "secretkey",
  "privatekey",
  "authkey",
  "resetkey",
  "authcode",
  "accesscode",
  "logincode",
  "otpcode",
  "verificationcode",
  "smscode",
  "phonenumber",
  "mobilenumber",
  "sessionid",
  "firstname",
  "lastname",
  "fullname",
  "username",
];

const ENDINGS_BY_LAST: ReadonlyMap<number, string[]> = byLast(ENDINGS);

/** Names whose value after a colon in running text is a secret as well: `password: …`. */
const SPOKEN_SECRETS = set(
  "password passwd passwort pwd passcode passphrase secret token apikey authorization",
);

const NAME_LENGTH_LOOKED_AT = 80;

/** Whether the value of a URL parameter or form field of this name is masked whatever it is. */
export function isSensitiveParameter(name: string): boolean {
  if (name.toLowerCase().startsWith("utm_")) return false;
  const words = wordsOf(name);
  const joined = words.join("");
  return WHOLE_NAMES.has(joined) || isSensitiveWords(words, joined);
}

/** Whether a property of an event is masked whatever it is; milder, since `name` and `code` are a shop's daily bread. */
export function isSensitiveProperty(name: string): boolean {
  const words = wordsOf(name);
  const joined = words.join("");
  return /^(ip|ipaddress|ipaddr|clientip|remoteaddr)$/.test(joined) || isSensitiveWords(words, joined);
}

/** Whether `name: value` in running text gives a secret away. */
export function isSpokenSecret(name: string): boolean {
  return SPOKEN_SECRETS.has(wordsOf(name).join(""));
}

function isSensitiveWords(words: string[], joined: string): boolean {
  if (words.some((word) => WORDS.has(word))) return true;
  return (
    ENDINGS_BY_LAST.get(joined.charCodeAt(joined.length - 1))?.some((end) => joined.endsWith(end)) ?? false
  );
}

const LOWER_A = 0x61;

/** `resetToken`, `reset_token` and `X-Reset-Token` in lower-case words. */
function wordsOf(name: string): string[] {
  const words: string[] = [];
  let word = "";
  let last = 0;
  for (let at = 0; at < name.length && at < NAME_LENGTH_LOOKED_AT; at++) {
    const unit = name.charCodeAt(at);
    const isUpper = unit >= 0x41 && unit <= 0x5a;
    const isLower = unit >= LOWER_A && unit <= 0x7a;
    const isDigit = unit >= 0x30 && unit <= 0x39;
    const wasUpper = last >= 0x41 && last <= 0x5a;
    if (word !== "" && ((isUpper && !wasUpper) || !(isUpper || isLower || isDigit))) {
      words.push(word);
      word = "";
    }
    if (isUpper || isLower || isDigit) word += isUpper ? String.fromCharCode(unit + 32) : name[at];
    last = unit;
  }
  if (word !== "") words.push(word);
  return words;
}

function set(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}

function byLast(endings: readonly string[]): ReadonlyMap<number, string[]> {
  return Map.groupBy(endings, (ending) => ending.charCodeAt(ending.length - 1));
}
