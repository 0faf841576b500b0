import { describe, expect, it } from "@jest/globals";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { decode, encode, secretProperties } from "../../../sandbox/provider/values";

const secret = (value: string | Record<string, string>) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

describe("property values on the wire", () => {
  it("are plain for a provider, and secret again where they were", () => {
    const wire = Struct.fromJavaScript({ plain: "a", list: ["x", { password: secret("correct horse") }] });
    const { values, secrets } = decode(wire);
    expect(values).toEqual({ plain: "a", list: ["x", { password: "correct horse" }] });
    expect(encode(values, secrets).toJavaScript()).toEqual(wire.toJavaScript());
  });

  it("keep a secret that turns up under another name", () => {
    const { secrets } = decode(Struct.fromJavaScript({ masterPassword: secret("correct horse") }));
    const sent = encode({ connection: { password: "correct horse" }, port: 3306 }, secrets).toJavaScript();
    expect(sent).toEqual({ connection: { password: secret("correct horse") }, port: 3306 });
  });

  it("are secret as a whole where only a part was and the part is gone", () => {
    const { secrets } = decode(Struct.fromJavaScript({ policy: { token: secret("correct horse") } }));
    expect(encode({ policy: '{"token":"correct horse"}' }, secrets).toJavaScript()).toEqual({
      policy: secret('{"token":"correct horse"}'),
    });
  });

  it("are secret where a type says so", () => {
    expect(encode({ result: "r", length: 1 }, secretProperties(["result"])).toJavaScript()).toEqual({
      result: secret("r"),
      length: 1,
    });
  });
});
