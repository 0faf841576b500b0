import type { Sandbox } from "./sandbox";

/** Ways from the load balancer to what serves: ports that its security group may reach, its target groups, web ACLs before it. */
export function waysIn(sandbox: Sandbox) {
  const all = (type: string) =>
    sandbox
      .world()
      .filter((one) => one.type === type)
      .map(({ properties }) => properties as Readonly<Record<string, string>>);
  return {
    ports: all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
      .filter(({ description }) => /^(api|console) of Pulumi$/.test(description ?? ""))
      .map(({ fromPort, toPort }) => `${fromPort}-${toPort}`)
      .sort(),
    targets: all("aws:lb/targetGroup:TargetGroup")
      .map(({ protocol, port }) => `${protocol} ${port}`)
      .sort(),
    webAcls: all("aws:wafv2/webAclAssociation:WebAclAssociation").length,
  };
}
