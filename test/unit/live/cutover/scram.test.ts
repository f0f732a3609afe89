import assert from "node:assert/strict";
import { Scram } from "../../../../live/cutover/scram.ts";

// The example of RFC 7677.
const nonce = "rOprNGfwEbeRWgbNEkqO";
const challenge = `r=${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

describe("the login at a pool", () => {
  it("proves that it knows the password, and that the pool does", () => {
    const scram = new Scram("pencil", "user", nonce);
    assert.equal(scram.opening, `n,,n=user,r=${nonce}`);
    const proof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    assert.equal(scram.answer(challenge), `c=biws,r=${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=${proof}`);
    assert.doesNotThrow(() => scram.verify(final));
  });

  it("fails where the pool doesn't know the password, or answers somebody else", () => {
    const scram = new Scram("pencil", "user", nonce);
    assert.throws(() => scram.answer(challenge.replace(nonce, "another")), /answers somebody else/);
    scram.answer(challenge);
    assert.throws(() => scram.verify("v=AAAA"), /doesn't know the password/);
  });
});
