import assert from "node:assert/strict";
import { ProductionCheckout } from "../policy/engine/production-checkout.ts";

describe("an honest preview of production's platform", function () {
  this.timeout(300_000);
  let checkout: ProductionCheckout;

  before(async () => {
    checkout = await ProductionCheckout.open();
  });
  after(() => checkout.close());

  it("finds nothing to refuse at full size, once the gateway has a certificate", async () => {
    checkout.configure("production-platform", ({ "rampart:scale": _small, ...config }) => ({
      ...config,
      "rampart:certificate": "gateway-tls",
    }));
    assert.deepEqual(await checkout.passes("production-platform"), []);
  });
});
