import { describe, expect, it } from "@jest/globals";
import { respond } from "../../../sandbox/edge/application";
import { leastVersion } from "../../../sandbox/edge";
import { actionFor, type Request } from "../../../sandbox/edge/routing";
import type { Properties } from "../../../sandbox/provider/types";
import { World } from "../../../sandbox/world";

const request: Request = { host: "api.example.org", path: "/a/b", query: "c=d", method: "GET", source: "127.0.0.1" };

/** What a listener with these rules does with the request. */
function action(rules: readonly Properties[], defaultActions: Properties[] = [], asked: Partial<Request> = {}) {
  const world = new World();
  const put = (type: string, id: string, properties: Properties) => {
    const object = { type, id, name: id, region: "us-east-1", createdAt: "2026-01-01T00:00:00Z", properties };
    world.put(object);
    return object;
  };
  const listener = put("aws:lb/listener:Listener", "l", { port: 80, protocol: "HTTP", defaultActions });
  for (const [index, rule] of rules.entries()) {
    put("aws:lb/listenerRule:ListenerRule", String(index), { listenerArn: "l", ...rule });
  }
  return actionFor(world, listener, { ...request, ...asked });
}

const forward = (targetGroupArn: string) => ({ type: "forward", targetGroupArn });
const host = (...values: string[]) => ({ hostHeader: { values } });

describe("the sandbox's load balancer", () => {
  it("takes the first rule by priority whose conditions all hold, or else the default", () => {
    const rules = [
      { priority: 20, conditions: [host("API.example.*")], actions: [forward("second")] },
      {
        priority: 10,
        conditions: [host("api.example.org"), { pathPattern: { values: ["/x*"] } }],
        actions: [forward("first")],
      },
    ];
    expect(action(rules)).toEqual({ forward: ["second"] });
    expect(action(rules, [], { path: "/xyz" })).toEqual({ forward: ["first"] });
    expect(action(rules, [forward("default")], { host: "www.example.org" })).toEqual({ forward: ["default"] });
  });

  it("redirects as Elastic Load Balancing fills its placeholders", () => {
    const to = (redirect: Properties) => action([], [{ type: "redirect", redirect }]);
    expect(to({ protocol: "HTTPS", port: "443", statusCode: "HTTP_301" })).toEqual({
      status: 301,
      location: "https://api.example.org:443/a/b?c=d",
    });
    expect(to({ host: "new.#{host}", path: "/x/#{path}", query: "", statusCode: "HTTP_302" })).toEqual({
      status: 302,
      location: "http://new.api.example.org:80/x/a/b?c=d",
    });
  });

  it("judges where a request comes from", () => {
    const from = (...values: string[]) =>
      action(
        [{ priority: 1, conditions: [{ sourceIp: { values } }], actions: [forward("own")] }],
        [forward("default")],
      );
    expect(from("192.0.2.1/32")).toEqual({ forward: ["default"] });
    expect(from("10.0.0.0/8", "127.0.0.0/8")).toEqual({ forward: ["own"] });
  });

  it("says what it doesn't judge instead of guessing", () => {
    expect(() => action([{ priority: 1, conditions: [{ queryStrings: [{ value: "x" }] }], actions: [] }])).toThrow(
      "doesn't judge conditions of queryStrings",
    );
    expect(() => action([], [{ type: "authenticate-oidc" }])).toThrow("doesn't do authenticate-oidc");
  });

  it.each([
    ["ELBSecurityPolicy-TLS13-1-3-2021-06", "TLSv1.3"],
    ["ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "TLSv1.2"],
    ["ELBSecurityPolicy-FS-1-2-Res-2020-10", "TLSv1.2"],
    ["ELBSecurityPolicy-TLS-1-1-2017-01", "TLSv1.1"],
    ["ELBSecurityPolicy-2016-08", "TLSv1"],
  ])("speaks, with %s, %s at least", (policy, version) => {
    expect(leastVersion(policy)).toBe(version);
  });
});

describe("the sandbox's containers", () => {
  it("answer on the ports and paths that are documented, and nowhere else", () => {
    const statuses = [
      respond("registry:5000/x/service:3.44.0", 8080, "/api/status"),
      respond("pulumi/service:3.44.0@sha256:00", 8443, "/api/status"),
      respond("pulumi/console:3.44.0", 3000, "/"),
      respond("pulumi/service:3.44.0", 8080, "/healthz"),
      respond("pulumi/service:3.44.0", 3000, "/api/status"),
      respond("pulumi/migrations:3.44.0", 8080, "/"),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 404, 0, 0]);
  });
});
