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
  return words.some((word) => WORDS.has(word)) || ENDINGS.some((ending) => joined.endsWith(ending));
}

function wordsOf(name: string): string[] {
  return name
    .slice(0, NAME_LENGTH_LOOKED_AT)
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

function set(words: string): ReadonlySet<string> {
  return new Set(words.split(" "));
}
