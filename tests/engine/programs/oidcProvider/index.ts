import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const url = new pulumi.Config().require("issuer");
const provider = new aws.iam.OpenIdConnectProvider("cluster", { url, clientIdLists: ["sts.amazonaws.com"] });

export = { arn: provider.arn };
