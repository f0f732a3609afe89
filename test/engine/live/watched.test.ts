import assert from "node:assert/strict";
import { connect } from "../../../live/api.ts";
import { LiveError } from "../../../live/live-error.ts";
import { listPath } from "../../../live/paths.ts";
import { Watched } from "../../../live/watched.ts";
import { waitFor } from "../../../local/wait.ts";
import { apiCluster } from "../support.ts";

interface Named {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly data: { readonly value: string };
}

/** How the analyzer sees what it looks at again and again. */
describe("a kind that the API server tells of", () => {
  const kubeconfig = process.env.KUBECONFIG;
  const path = listPath("v1", "configmaps", "default");
  const place = (name: string) => `${path}/${name}`;
  let api: ReturnType<typeof connect>;

  const create = (name: string, value: string) =>
    api.create(path, { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { value } });
  const of = async (kind: Watched): Promise<Map<string, Named>> =>
    new Map(((await kind.list())!.items as Named[]).map((one) => [one.metadata.name, one]));

  before(async () => {
    process.env.KUBECONFIG = (await apiCluster()).kubeconfig;
    api = connect("admin");
    await create("watched-first", "1");
  });
  after(async () => {
    for (const name of ["watched-first", "watched-second"]) await api.remove(place(name)).catch(() => undefined);
    if (kubeconfig === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = kubeconfig;
  });

  it("is as it is there within moments, also when the server was asked anew meanwhile", async () => {
    const kind = new Watched(api, path, { renewedAfter: 1, readAfter: 300 });
    const first = (await of(kind)).get("watched-first")!;
    assert.equal(first.data.value, "1");
    for (const value of ["1", "2", "3"]) {
      await create("watched-second", value);
      await waitFor("it to come", async () => (await of(kind)).get("watched-second")?.data.value === value);
      await api.patch(place("watched-second"), "merge", { data: { value: "changed" } });
      await waitFor("it to change", async () => (await of(kind)).get("watched-second")?.data.value === "changed");
      // Longer than the server tells of it.
      await api.watch(path, { version: first.metadata.resourceVersion, seconds: 1 }, () => undefined);
      await api.remove(place("watched-second"));
      await waitFor("it to go", async () => !(await of(kind)).has("watched-second"));
    }
    assert.equal((await of(kind)).get("watched-first"), first, "the very same object");
  });

  it("is refused with the server's own words", async () => {
    const asked = api.watch(path, { version: "nonsense", seconds: 1 }, () => undefined);
    await assert.rejects(
      asked,
      (error) => error instanceof LiveError && /Invalid value: "nonsense"/.test(error.message),
    );
  });
});
