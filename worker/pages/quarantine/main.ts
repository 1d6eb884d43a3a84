import { byId, setText } from "../dom.ts";
import { KeyForm, keyProblem } from "../panels/key-form.ts";
import { demoKeys, keepAdminKey, storedAdminKey } from "../read-key.ts";
import { Desk } from "./desk.ts";
import { QuarantineApi } from "./quarantine-api.ts";

const REASONS: Record<string, string> = {
  key_unknown: "No site has this key. Look for typing errors, or ask who runs this collector.",
  key_forbidden:
    "This key may not change what counts. The quarantine needs an admin key, which begins with sk_.",
  scope_missing: "This admin key is not for the quarantine. Ask for one with the scope “quarantine”.",
};

const fetcher: typeof fetch = (input, init) => fetch(input, init);
const desk = new Desk(refuse);
const keyForm = new KeyForm(review, "sk_");

async function begin(): Promise<void> {
  setText(byId("zone"), `in ${Intl.DateTimeFormat().resolvedOptions().timeZone}`);
  const key = storedAdminKey() ?? (await demoKeys(fetcher))?.adminKey;
  if (key) review(key);
  else keyForm.show();
}

function review(key: string): void {
  keepAdminKey(key);
  keyForm.hide();
  byId("forget-key").hidden = false;
  desk.open(new QuarantineApi(key, fetcher));
}

/** Forgets the key of this tab and the events that it opened. */
function leave(): void {
  keepAdminKey(null);
  desk.close();
  byId("forget-key").hidden = true;
}

function refuse(code: string): void {
  leave();
  keyForm.show(keyProblem(code, REASONS));
}

byId("forget-key").addEventListener("click", () => {
  leave();
  keyForm.show();
});
void begin();
